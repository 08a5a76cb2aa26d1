import { fromBytes, toBytes } from '../bytes.ts'
import { FunctionError } from '../errors.ts'
import { define, type FunctionTable, textAt } from '../functions.ts'

interface Alphabet {
  readonly name: string
  readonly characters: string
  readonly bits: number
  /** Characters of a whole group. */
  readonly group: number
}

const base64: Alphabet = {
  name: 'base64',
  characters: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  bits: 6,
  group: 4,
}
const base32: Alphabet = { name: 'base32', characters: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', bits: 5, group: 8 }

function encode(bytes: Uint8Array, alphabet: Alphabet): string {
  let buffer = 0
  let held = 0
  let text = ''
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    held += 8
    while (held >= alphabet.bits) {
      held -= alphabet.bits
      text += alphabet.characters[(buffer >> held) & ((1 << alphabet.bits) - 1)]
    }
    buffer &= (1 << held) - 1
  }
  if (held > 0) text += alphabet.characters[(buffer << (alphabet.bits - held)) & ((1 << alphabet.bits) - 1)]
  return text.padEnd(Math.ceil(text.length / alphabet.group) * alphabet.group, '=')
}

/** base64.StdEncoding's EncodeToString. */
export function encodeBase64(bytes: Uint8Array): string {
  return encode(bytes, base64)
}

/** base64.StdEncoding's DecodeString: line breaks are skipped. Throws FunctionError with Go's text. */
export function decodeBase64(text: string): Uint8Array {
  const source = toBytes(text)
  const out: number[] = []
  let at = 0
  const skipBreaks = (): void => {
    while (source[at] === 0x0a || source[at] === 0x0d) at++
  }
  for (;;) {
    const digits: number[] = []
    while (digits.length < 4) {
      skipBreaks()
      const byte = source[at]
      if (byte === undefined) {
        if (digits.length === 0) return Uint8Array.from(out)
        throw corrupt(base64, at - digits.length)
      }
      at++
      const digit = digitOf(byte, base64)
      if (digit >= 0) {
        digits.push(digit)
        continue
      }
      if (byte !== padding || digits.length < 2) throw corrupt(base64, at - 1)
      if (digits.length === 2) {
        skipBreaks()
        if (at === source.length) throw corrupt(base64, at)
        if (source[at] !== padding) throw corrupt(base64, at - 1)
        at++
      }
      skipBreaks()
      if (at < source.length) throw corrupt(base64, at)
      return Uint8Array.from([...out, ...unpack(digits, base64)])
    }
    out.push(...unpack(digits, base64))
  }
}

/** base32.StdEncoding's DecodeString: line breaks are skipped. Throws FunctionError with Go's text. */
function decodeBase32(text: string): Uint8Array {
  const source = toBytes(text.replaceAll(/[\r\n]/g, ''))
  const out: number[] = []
  for (let start = 0; start < source.length; start += 8) {
    const digits: number[] = []
    for (let at = start; at < start + 8; at++) {
      const byte = source[at]
      if (byte === undefined) throw corrupt(base32, start)
      const rest = source.length - at - 1
      if (byte === padding && digits.length >= 2 && rest < 8) {
        if (rest + digits.length < 7) throw corrupt(base32, source.length)
        for (let k = 0; k < 7 - digits.length && k < rest; k++) if (source[at + 1 + k] !== padding) throw corrupt(base32, at + k)
        if (digits.length === 3 || digits.length === 6) throw corrupt(base32, at)
        return Uint8Array.from([...out, ...unpack(digits, base32)])
      }
      const digit = digitOf(byte, base32)
      if (digit < 0) throw corrupt(base32, at)
      digits.push(digit)
    }
    out.push(...unpack(digits, base32))
  }
  return Uint8Array.from(out)
}

const padding = 0x3d

function digitOf(byte: number, alphabet: Alphabet): number {
  return byte < 0x80 ? alphabet.characters.indexOf(String.fromCharCode(byte)) : -1
}

function corrupt(alphabet: Alphabet, at: number): FunctionError {
  return new FunctionError(`illegal ${alphabet.name} data at input byte ${at}`)
}

function unpack(digits: readonly number[], alphabet: Alphabet): number[] {
  const value = digits.reduce((sum, digit) => (sum << BigInt(alphabet.bits)) | BigInt(digit), 0n)
  const bits = digits.length * alphabet.bits
  const count = Math.floor(bits / 8)
  return Array.from({ length: count }, (_, i) => Number((value >> BigInt(bits - 8 * (i + 1))) & 0xffn))
}

/** What sprig's decoders give: the error's text in place of the text. */
function decoded(text: string, decode: (text: string) => Uint8Array): string {
  try {
    return fromBytes(decode(text))
  } catch (error) {
    if (error instanceof FunctionError) return error.message
    throw error
  }
}

/** sprig's base64 and base32. */
export const encodingFunctions: FunctionTable = {
  b32dec: define('s', (args) => decoded(textAt(args, 0), decodeBase32)),
  b32enc: define('s', (args) => encode(toBytes(textAt(args, 0)), base32)),
  b64dec: define('s', (args) => decoded(textAt(args, 0), decodeBase64)),
  b64enc: define('s', (args) => encode(toBytes(textAt(args, 0)), base64)),
}
