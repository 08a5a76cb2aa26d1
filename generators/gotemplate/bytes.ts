/**
 * Go's strings are bytes, JavaScript's are UTF-16. We keep JavaScript strings and stand a byte that is not part of valid UTF-8
 * in for by the lone surrogate U+DC00 + byte (so U+DC80 to U+DCFF). Text that a template prints is well formed again at the end:
 * bytes that have found each other become characters, the others U+FFFD, as JSON would have made of Go's.
 */
const escapeBase = 0xdc00
const ascii = /^[\0-\x7f]*$/

/** True when every character is one byte, so that indices of both worlds agree. */
export function isAscii(text: string): boolean {
  return ascii.test(text)
}

/** Length in bytes as Go's `len` counts it. */
export function byteLength(text: string): number {
  if (isAscii(text)) return text.length
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) length += 1
    else if (unit < 0x800) length += 2
    else if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(i + 1))) {
      length += 4
      i++
    } else if (isEscapedByte(unit)) length += 1
    else length += 3
  }
  return length
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}

function isEscapedByte(unit: number): boolean {
  return unit >= escapeBase + 0x80 && unit <= escapeBase + 0xff
}

/** The bytes of a string. */
export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(byteLength(text))
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes[at++] = unit
    else if (isEscapedByte(unit)) bytes[at++] = unit - escapeBase
    else {
      let point = text.codePointAt(i) ?? 0xfffd
      if (point > 0xffff) i++
      else if (point >= 0xd800 && point < 0xe000) point = 0xfffd
      at = writeRune(bytes, at, point)
    }
  }
  return bytes
}

function writeRune(bytes: Uint8Array, start: number, point: number): number {
  let at = start
  if (point < 0x800) {
    bytes[at++] = 0xc0 | (point >> 6)
  } else {
    if (point < 0x10000) bytes[at++] = 0xe0 | (point >> 12)
    else {
      bytes[at++] = 0xf0 | (point >> 18)
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f)
    }
    bytes[at++] = 0x80 | ((point >> 6) & 0x3f)
  }
  bytes[at++] = 0x80 | (point & 0x3f)
  return at
}

/** Reads one character at `at`: its code point and its size, or -1 and 1 for a byte that starts none (Go's RuneError). */
export function decodeRune(bytes: Uint8Array, at: number): { readonly point: number; readonly size: number } {
  const first = bytes[at] ?? 0
  if (first < 0x80) return { point: first, size: 1 }
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (first < 0xc2 || first > 0xf4 || at + size > bytes.length) return { point: -1, size: 1 }
  let point = first & (0xff >> (size + 1))
  for (let i = 1; i < size; i++) {
    const next = bytes[at + i] ?? 0
    if ((next & 0xc0) !== 0x80) return { point: -1, size: 1 }
    point = (point << 6) | (next & 0x3f)
  }
  const overlong = (size === 3 && point < 0x800) || (size === 4 && (point < 0x10000 || point > 0x10ffff))
  if (overlong || (point >= 0xd800 && point < 0xe000)) return { point: -1, size: 1 }
  return { point, size }
}

/** The string of some bytes; bytes that are no UTF-8 stay as they are (escaped). */
export function fromBytes(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const { point, size } = decodeRune(bytes, at)
    parts.push(point < 0 ? String.fromCharCode(escapeBase + (bytes[at] ?? 0)) : String.fromCodePoint(point))
    at += size
  }
  return parts.join('')
}

/** Go's `text[from:to]`. The caller has checked the bounds. */
export function byteSlice(text: string, from: number, to: number): string {
  return isAscii(text) ? text.slice(from, to) : fromBytes(toBytes(text).subarray(from, to))
}

/** What the outside sees: well-formed Unicode, each byte that isn't part of any as U+FFFD. */
export function wellFormed(text: string): string {
  return text.isWellFormed() ? text : fromBytes(toBytes(text)).toWellFormed()
}

/** Code points of a text, a stray byte as U+FFFD: what Go's `range` over a string and []rune give. */
export function runes(text: string): number[] {
  const points: number[] = []
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0xfffd
    points.push(point >= 0xd800 && point < 0xe000 ? 0xfffd : point)
  }
  return points
}

/** A byte that is no character, as one of these texts holds it. */
export function isStrayByte(char: string): boolean {
  return char.length === 1 && isEscapedByte(char.charCodeAt(0))
}

/** The characters of a text, one string each; a stray byte stays one. */
export function characters(text: string): string[] {
  return Array.from(text)
}

/** Go's string order: by bytes, which is by code point. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0
  // Stray bytes stand in for themselves, and sort as such.
  if (!(a.isWellFormed() && b.isWellFormed())) return compareBytes(toBytes(a), toBytes(b))
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return order(x) < order(y) ? -1 : 1
  }
  return a.length < b.length ? -1 : 1
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference < 0 ? -1 : 1
  }
  return a.length < b.length ? -1 : a.length > b.length ? 1 : 0
}

/** Surrogates sort above the rest of the basic plane, as their characters do. */
function order(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}
