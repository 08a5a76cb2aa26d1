import { defaultFailureConverter, defaultPayloadConverter, type Payload } from '@temporalio/common'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPayloadCodec } from '../../../server/payload-codec.ts'
import { failureConverter } from '../../../workflows/failure-converter.ts'

const ring = (...ids: readonly string[]) => ({
  currentKeyId: ids[0] ?? '',
  keys: new Map(ids.map((id) => [id, Buffer.alloc(32, id)])),
})
const codec = createPayloadCodec(ring('a'))
const canary = 'canary-6f1c'
const payloadOf = (value: unknown) => defaultPayloadConverter.toPayload(value)
const bytesOf = ({ metadata, data }: Payload) =>
  Buffer.concat([
    ...Object.entries(metadata ?? {}).flatMap(([name, value]) => [Buffer.from(name), Buffer.from(value)]),
    Buffer.from(data ?? []),
  ])
const only = ([payload]: readonly Payload[]) => {
  if (payload === undefined) throw new Error('no payload')
  return payload
}
const seal = async (value: unknown) => only(await codec.encode([payloadOf(value)]))

describe('the payload codec', () => {
  it('gives back every payload as it was, data and metadata, in order', async () => {
    const bytes = fc.uint8Array({ maxLength: 200 })
    const payload = fc.record({ metadata: fc.dictionary(fc.string(), bytes), data: bytes })
    await fc.assert(
      fc.asyncProperty(fc.array(payload, { maxLength: 4 }), async (payloads) => {
        const opened = await codec.decode(await codec.encode(payloads))
        const plain = (all: readonly Payload[]) =>
          all.map(({ metadata, data }) => ({
            metadata: Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('hex')]),
            data: Buffer.from(data ?? []).toString('hex'),
          }))
        expect(plain(opened)).toEqual(plain(payloads))
      }),
      { numRuns: 50 },
    )
  })

  it('takes the result of a workflow that gives nothing, whose data is an empty list there', async () => {
    const nothing = { metadata: { encoding: Buffer.from('binary/null') }, data: [] } as unknown as Payload
    const [opened] = await codec.decode(await codec.encode([nothing]))
    expect(opened?.data).toHaveLength(0)
    expect(Buffer.from(opened?.metadata?.['encoding'] ?? []).toString()).toBe('binary/null')
  })

  it('leaves nothing readable, neither data nor metadata', async () => {
    const sealed = only(await codec.encode([{ metadata: { [canary]: Buffer.from(canary) }, data: Buffer.from(canary.repeat(20)) }]))
    expect(bytesOf(sealed).includes(canary)).toBe(false)
    expect(Object.keys(sealed.metadata ?? {})).toEqual(['encoding', 'key-id'])
  })

  it('never gives the same bytes twice', async () => {
    expect(bytesOf(await seal(canary))).not.toEqual(bytesOf(await seal(canary)))
  })

  it('refuses what was changed by a bit, or cut', async () => {
    const sealed = await seal(canary)
    const data = Buffer.from(sealed.data ?? [])
    for (let at = 0; at < data.length; at += 1) {
      const changed = Buffer.from(data)
      changed[at] = (changed[at] ?? 0) ^ 1
      await expect(codec.decode([{ ...sealed, data: changed }])).rejects.toThrow('unable to authenticate')
    }
    for (const length of [0, 11, 12, 27, 28, data.length - 1]) {
      await expect(codec.decode([{ ...sealed, data: data.subarray(0, length) }])).rejects.toThrow(
        length < 28 ? 'cut short' : 'unable to authenticate',
      )
    }
  })

  it('opens what an older key sealed, and names the key that is missing', async () => {
    const old = await seal(canary)
    const opened = only(await createPayloadCodec(ring('b', 'a')).decode([old]))
    expect(defaultPayloadConverter.fromPayload(opened)).toBe(canary)
    await expect(createPayloadCodec(ring('b')).decode([old])).rejects.toThrow('sealed with the key "a"')
  })

  it('leaves what it did not seal as it is', async () => {
    const plain = payloadOf({ plain: true })
    expect(await codec.decode([plain])).toEqual([plain])
  })
})

describe('failures', () => {
  it('carry message and stack in a payload, so that the codec seals them too', () => {
    const failure = failureConverter.errorToFailure(new Error(canary), defaultPayloadConverter)
    expect(JSON.stringify({ message: failure.message, stackTrace: failure.stackTrace, cause: failure.cause })).not.toContain(canary)
    expect(Buffer.from(failure.encodedAttributes?.data ?? []).toString()).toContain(canary)
    // The SDK's default would show it: that is why there is one of ours.
    expect(defaultFailureConverter.errorToFailure(new Error(canary), defaultPayloadConverter).message).toContain(canary)
  })
})
