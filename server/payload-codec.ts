import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Payload, PayloadCodec } from '@temporalio/common'
import { derivedKey, type KeyRing } from './keys.ts'

const encoding = 'binary/roadstead-sealed-v1'
const nonceBytes = 12
const tagBytes = 16
/** A payload that inflates to more is not ours. */
const inflatedBytesMax = 64 * 1024 * 1024

/**
 * Seals every Temporal payload with AES-256-GCM, deflated before. Payloads hold no secrets by design (invariant 6); this keeps ids and
 * names from whoever runs the Temporal server. Failures are payloads too: see failure-converter.ts.
 */
export function createPayloadCodec(ring: KeyRing): PayloadCodec {
  const keys = new Map([...ring.keys].map(([id, key]) => [id, derivedKey(key, 'temporal payloads')]))
  const current = keys.get(ring.currentKeyId)
  if (current === undefined) throw new Error('the current key is not in its ring')
  return {
    encode: async (payloads) => payloads.map((payload) => seal(payload, ring.currentKeyId, current)),
    decode: async (payloads) => payloads.map((payload) => open(payload, keys)),
  }
}

function seal(payload: Payload, keyId: string, key: Buffer): Payload {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  const clear = deflateRawSync(pack(payload), { level: 1 })
  const data = Buffer.concat([nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()])
  return { metadata: { encoding: Buffer.from(encoding), 'key-id': Buffer.from(keyId) }, data }
}

function open(payload: Payload, keys: ReadonlyMap<string, Buffer>): Payload {
  if (textOf(payload.metadata?.['encoding']) !== encoding) return payload
  const keyId = textOf(payload.metadata?.['key-id'])
  const key = keys.get(keyId)
  if (key === undefined || payload.data == null)
    throw new Error(`a Temporal payload is sealed with the key ${JSON.stringify(keyId)}, which is not in the key ring`)
  const { data } = payload
  // A shorter tag would be easier to guess.
  if (data.length < nonceBytes + tagBytes) throw new Error('a sealed Temporal payload is cut short')
  const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAuthTag(data.subarray(data.length - tagBytes))
  const clear = Buffer.concat([decipher.update(data.subarray(nonceBytes, data.length - tagBytes)), decipher.final()])
  return unpack(inflateRawSync(clear, { maxOutputLength: inflatedBytesMax }))
}

/** Length of the metadata (4 bytes), the metadata as JSON, the data. */
function pack({ metadata, data }: Payload): Buffer {
  const head = Buffer.from(
    JSON.stringify(Object.entries(metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  )
  const length = Buffer.alloc(4)
  length.writeUInt32BE(head.length)
  // A workflow that gives nothing has no data, or, as protobufjs makes it there, an empty list.
  return Buffer.concat([length, head, Buffer.from(data ?? [])])
}

function unpack(packed: Buffer): Payload {
  const headEnd = 4 + packed.readUInt32BE(0)
  const entries = JSON.parse(packed.toString('utf8', 4, headEnd)) as readonly (readonly [string, string])[]
  return {
    metadata: Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64')])),
    data: packed.subarray(headEnd),
  }
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8')
}
