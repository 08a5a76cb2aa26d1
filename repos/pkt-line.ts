/** The framing of Git's wire protocol: four hex digits of length, then that many bytes less four. Lengths 0 to 2 are markers. */

/** What was received isn't framed as Git frames. */
export class PacketError extends Error {}

export const flushPacket = Buffer.from('0000')
export const delimiterPacket = Buffer.from('0001')

export function packet(text: string): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([Buffer.from((payload.length + 4).toString(16).padStart(4, '0')), payload])
}

/**
 * The payloads of a stream of packets, and null for each flush; other markers are left out. Throws PacketError on broken
 * framing or a cut end.
 */
export async function* packets(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer | null> {
  let pending: Buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk])
    let at = 0
    while (pending.length - at >= 4) {
      const digits = pending.toString('latin1', at, at + 4)
      if (!/^[0-9a-f]{4}$/i.test(digits)) throw new PacketError('broken packet framing')
      const length = Number.parseInt(digits, 16)
      if (length < 4) {
        if (length === 0) yield null
        at += 4
        continue
      }
      if (pending.length - at < length) break
      yield pending.subarray(at + 4, at + length)
      at += length
    }
    pending = pending.subarray(at)
  }
  if (pending.length > 0) throw new PacketError('the answer ends in the middle of a packet')
}

/** The lines of an answer, without their ends. Throws PacketError unless a flush closes it: then it is known to be whole. */
export async function* lines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let closed = false
  for await (const payload of packets(stream)) {
    closed = payload === null
    if (payload !== null) yield payload.toString('utf8').replace(/\n$/, '')
  }
  if (!closed) throw new PacketError('the answer ends too early')
}
