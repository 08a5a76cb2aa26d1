/** Small pure digests: templates name resources by them, and fleet code may not reach node:crypto. */

function hex(words: readonly number[]): string {
  return words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

/** The message with its padding, in blocks. `lengthBytes` is the size of the length field. */
function padded(message: Uint8Array, blockBytes: number, lengthBytes: number): DataView {
  const total = Math.ceil((message.length + 1 + lengthBytes) / blockBytes) * blockBytes
  const bytes = new Uint8Array(total)
  bytes.set(message)
  bytes[message.length] = 0x80
  const view = new DataView(bytes.buffer)
  view.setBigUint64(total - 8, BigInt(message.length) * 8n)
  return view
}

/** The first primes, whose roots are the constants of SHA-2. */
function primes(count: number): number[] {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
}

/** The first `bits` bits of the fraction of the n-th root of a prime. */
function rootFraction(prime: number, root: 2 | 3, bits: number): bigint {
  const scaled = BigInt(prime) << BigInt(bits * root)
  let low = 0n
  let high = 1n << BigInt(bits + 5)
  while (high - low > 1n) {
    const middle = (low + high) >> 1n
    if (middle ** BigInt(root) <= scaled) low = middle
    else high = middle
  }
  return BigInt.asUintN(bits, low)
}

const round256 = primes(64).map((prime) => Number(rootFraction(prime, 3, 32)))
const start256 = primes(8).map((prime) => Number(rootFraction(prime, 2, 32)))
const round512 = primes(80).map((prime) => rootFraction(prime, 3, 64))
const start512 = primes(8).map((prime) => rootFraction(prime, 2, 64))

function rotateRight(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by))
}

/** SHA-256 in hexadecimal. */
export function sha256(message: Uint8Array): string {
  const view = padded(message, 64, 8)
  const state = [...start256]
  const words = new Uint32Array(64)
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let i = 0; i < 64; i++) {
      if (i < 16) {
        words[i] = view.getUint32(block + i * 4)
        continue
      }
      const a = words[i - 15] ?? 0
      const b = words[i - 2] ?? 0
      const s0 = rotateRight(a, 7) ^ rotateRight(a, 18) ^ (a >>> 3)
      const s1 = rotateRight(b, 17) ^ rotateRight(b, 19) ^ (b >>> 10)
      words[i] = (words[i - 16] ?? 0) + s0 + (words[i - 7] ?? 0) + s1
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
    for (let i = 0; i < 64; i++) {
      const s1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25)
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (round256[i] ?? 0) + (words[i] ?? 0)) | 0
      const s0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22)
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = ((state[i] ?? 0) + value) | 0
  }
  return hex(state)
}

const mask64 = (1n << 64n) - 1n

function rotateRight64(word: bigint, by: bigint): bigint {
  return (word >> by) | ((word << (64n - by)) & mask64)
}

/** SHA-512 in hexadecimal. */
export function sha512(message: Uint8Array): string {
  const view = padded(message, 128, 16)
  const state = [...start512]
  for (let block = 0; block < view.byteLength; block += 128) {
    const words: bigint[] = []
    for (let i = 0; i < 80; i++) {
      if (i < 16) {
        words.push(view.getBigUint64(block + i * 8))
        continue
      }
      const a = words[i - 15] ?? 0n
      const b = words[i - 2] ?? 0n
      const s0 = rotateRight64(a, 1n) ^ rotateRight64(a, 8n) ^ (a >> 7n)
      const s1 = rotateRight64(b, 19n) ^ rotateRight64(b, 61n) ^ (b >> 6n)
      words.push(((words[i - 16] ?? 0n) + s0 + (words[i - 7] ?? 0n) + s1) & mask64)
    }
    let [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = state
    for (let i = 0; i < 80; i++) {
      const s1 = rotateRight64(e, 14n) ^ rotateRight64(e, 18n) ^ rotateRight64(e, 41n)
      const t1 = (h + s1 + ((e & f) ^ (~e & mask64 & g)) + (round512[i] ?? 0n) + (words[i] ?? 0n)) & mask64
      const s0 = rotateRight64(a, 28n) ^ rotateRight64(a, 34n) ^ rotateRight64(a, 39n)
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) & mask64
      h = g
      g = f
      f = e
      e = (d + t1) & mask64
      d = c
      c = b
      b = a
      a = (t1 + t2) & mask64
    }
    for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = ((state[i] ?? 0n) + value) & mask64
  }
  return state.map((word) => word.toString(16).padStart(16, '0')).join('')
}

/** SHA-1 in hexadecimal. */
export function sha1(message: Uint8Array): string {
  const view = padded(message, 64, 8)
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]
  const words = new Uint32Array(80)
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let i = 0; i < 80; i++) {
      const mixed = (words[i - 3] ?? 0) ^ (words[i - 8] ?? 0) ^ (words[i - 14] ?? 0) ^ (words[i - 16] ?? 0)
      words[i] = i < 16 ? view.getUint32(block + i * 4) : (mixed << 1) | (mixed >>> 31)
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = state
    for (let i = 0; i < 80; i++) {
      const f = i < 20 ? (b & c) | (~b & d) : i >= 40 && i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d
      const k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6
      const next = (((a << 5) | (a >>> 27)) + f + e + k + (words[i] ?? 0)) | 0
      e = d
      d = c
      c = (b << 30) | (b >>> 2)
      b = a
      a = next
    }
    for (const [i, value] of [a, b, c, d, e].entries()) state[i] = ((state[i] ?? 0) + value) | 0
  }
  return hex(state)
}

/** Adler-32. */
export function adler32(message: Uint8Array): number {
  let a = 1
  let b = 0
  for (const byte of message) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  return b * 65_536 + a
}
