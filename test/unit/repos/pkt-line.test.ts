import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { delimiterPacket, flushPacket, lines, PacketError, packet, packets } from '../../../repos/pkt-line.ts'

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<string[]> {
  const texts: string[] = []
  for await (const payload of packets(stream)) if (payload !== null) texts.push(payload.toString('utf8'))
  return texts
}

describe('packets', () => {
  it('reads what packet writes, however the network cuts it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ maxLength: 50 })), fc.integer({ min: 1, max: 20 }), async (texts, size) => {
        const bytes = Buffer.concat([flushPacket, ...texts.map(packet), delimiterPacket])
        expect(await read(inPieces(bytes, size))).toEqual(texts)
      }),
    )
  })

  it.each(['<!DOCTYPE html>', '000', '0009abc'])('refuses %s', async (text) => {
    await expect(read(inPieces(Buffer.from(text), 100))).rejects.toThrow(PacketError)
  })
})

describe('lines', () => {
  const all = async (bytes: Buffer) => {
    const texts: string[] = []
    for await (const line of lines(inPieces(bytes, 7))) texts.push(line)
    return texts
  }

  it('gives the lines of an answer that is whole', async () => {
    expect(await all(Buffer.concat([packet('a\n'), flushPacket, packet('b'), flushPacket]))).toEqual(['a', 'b'])
  })

  it('never takes half an answer for a whole one', async () => {
    await expect(all(Buffer.concat([packet('a\n'), flushPacket, packet('b\n')]))).rejects.toThrow(PacketError)
    await expect(all(Buffer.alloc(0))).rejects.toThrow(PacketError)
  })
})
