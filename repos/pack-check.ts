import { setImmediate as breathe } from 'node:timers/promises'
import { inflateSync } from 'node:zlib'
import { FleetError } from '../fleet/errors.ts'

export interface PackBounds {
  /** One object, inflated, in bytes. */
  readonly objectBytesMax: number
  /** All objects of a pack together, inflated, in bytes. */
  readonly inflatedBytesMax: number
}

/** Between two looks at whether something else wants to run. */
const bytesPerTurn = 8 * 1024 * 1024
const headerBytes = 12
const ofsDelta = 6
const refDelta = 7

/**
 * Walks through a pack and throws LIMIT_EXCEEDED for one that inflates beyond bounds: a few kilobytes can hold gigabytes, and
 * what indexes packs doesn't look. Throws GIT_UNREACHABLE for a pack that is broken.
 */
export async function checkPack(pack: Buffer, url: string, bounds: PackBounds): Promise<void> {
  const broken = (): FleetError => new FleetError('GIT_UNREACHABLE', `${url} sent a pack that is broken`)
  const tooLarge = (what: string, max: number): FleetError =>
    new FleetError('LIMIT_EXCEEDED', `${url} holds ${what} of more than ${max} bytes`, { bytesMax: max })
  if (pack.toString('latin1', 0, 4) !== 'PACK') throw broken()
  let [at, total, turn] = [headerBytes, 0, 0]
  for (let left = pack.readUInt32BE(8); left > 0; left--) {
    const head = readHead(pack, at)
    if (head === null) throw broken()
    if (head.size > bounds.objectBytesMax) throw tooLarge('a file', bounds.objectBytesMax)
    const inflated = inflate(pack.subarray(head.end), head.size)
    if (inflated === null) throw broken()
    const size = head.delta ? targetSizeOf(inflated.bytes) : head.size
    if (size === null) throw broken()
    if (size > bounds.objectBytesMax) throw tooLarge('a file', bounds.objectBytesMax)
    total += size
    if (total > bounds.inflatedBytesMax) throw tooLarge('files', bounds.inflatedBytesMax)
    at = head.end + inflated.consumed
    turn += head.size
    if (turn < bytesPerTurn) continue
    turn = 0
    await breathe()
  }
}

function readHead(pack: Buffer, start: number): { readonly size: number; readonly delta: boolean; readonly end: number } | null {
  const first = pack[start]
  if (first === undefined) return null
  const type = (first >> 4) & 7
  let [at, size, factor, byte] = [start + 1, first & 15, 16, first]
  while ((byte & 0x80) !== 0) {
    byte = pack[at++] ?? 0
    size += (byte & 0x7f) * factor
    factor *= 128
  }
  if (type === ofsDelta) while (((pack[at++] ?? 0) & 0x80) !== 0);
  if (type === refDelta) at += 20
  return Number.isSafeInteger(size) ? { size, delta: type === ofsDelta || type === refDelta, end: at } : null
}

function inflate(from: Buffer, size: number): { readonly bytes: Buffer; readonly consumed: number } | null {
  try {
    // `info` adds the engine, which knows how much it has read; the types don't know of that.
    const result: unknown = inflateSync(from, { info: true, maxOutputLength: Math.max(1, size) })
    if (typeof result !== 'object' || result === null || !('buffer' in result) || !('engine' in result)) return null
    const { buffer, engine } = result
    if (!Buffer.isBuffer(buffer) || buffer.length !== size || typeof engine !== 'object' || engine === null) return null
    return 'bytesWritten' in engine && typeof engine.bytesWritten === 'number' ? { bytes: buffer, consumed: engine.bytesWritten } : null
  } catch {
    return null
  }
}

/** A delta begins with the size of what it starts from and of what it makes. */
function targetSizeOf(delta: Buffer): number | null {
  let [at, size] = [0, 0]
  for (let number = 0; number < 2; number++) {
    let [factor, byte] = [1, 0x80]
    size = 0
    while ((byte & 0x80) !== 0) {
      byte = delta[at++] ?? 0
      size += (byte & 0x7f) * factor
      factor *= 128
    }
  }
  return Number.isSafeInteger(size) ? size : null
}
