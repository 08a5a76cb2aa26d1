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
  return decode(text, base64)
}

/** How many bytes a last group of so many characters holds; undefined when no text ends so. */
function tailBytes(count: number, alphabet: Alphabet): number | undefined {
  if (count === 0) return 0
  const bytes = Math.floor((count * alphabet.bits) / 8)
  return bytes > 0 && Math.ceil((bytes * 8) / alphabet.bits) === count ? bytes : undefined
}

function decode(text: string, alphabet: Alphabet): Uint8Array {
  const source = toBytes(text)
  const corrupt = (at: number): FunctionError => new FunctionError(`illegal ${alphabet.name} data at input byte ${at}`)
  const isBreak = (byte: number | undefined): boolean => byte === 0x0a || byte === 0x0d
  const out: number[] = []
  let at = 0
  for (;;) {
    const digits: number[] = []
    while (digits.length < alphabet.group) {
      const byte = source[at]
      if (byte === undefined) {
        if (digits.length === 0) return Uint8Array.from(out)
        // Go names where the unfinished group starts, or its end, by encoding.
        throw corrupt(alphabet.bits === 6 ? at - digits.length : at)
      }
      at++
      if (isBreak(byte)) continue
      if (byte === 0x3d) {
        endOfText(at - 1, digits.length)
        return Uint8Array.from([...out, ...unpack(digits, alphabet)])
      }
      const digit = byte < 0x80 ? alphabet.characters.indexOf(String.fromCharCode(byte)) : -1
      if (digit < 0) throw corrupt(at - 1)
      digits.push(digit)
    }
    out.push(...unpack(digits, alphabet))
  }

  function endOfText(start: number, count: number): void {
    if (count === 0 || tailBytes(count, alphabet) === undefined) throw corrupt(start)
    let missing = alphabet.group - count
    let position = start
    while (missing > 0) {
      while (isBreak(source[position])) position++
      if (position >= source.length) throw corrupt(source.length)
      if (source[position] !== 0x3d) throw corrupt(alphabet.bits === 6 ? position - 1 : position)
      position++
      missing--
    }
    while (isBreak(source[position])) position++
    if (position < source.length) throw corrupt(position)
  }
}

function unpack(digits: readonly number[], alphabet: Alphabet): number[] {
  const value = digits.reduce((sum, digit) => (sum << BigInt(alphabet.bits)) | BigInt(digit), 0n)
  const bits = digits.length * alphabet.bits
  const count = Math.floor(bits / 8)
  return Array.from({ length: count }, (_, i) => Number((value >> BigInt(bits - 8 * (i + 1))) & 0xffn))
}

/** What sprig's decoders give: the error's text in place of the text. */
function decoded(text: string, alphabet: Alphabet): string {
  try {
    return fromBytes(decode(text, alphabet))
  } catch (error) {
    if (error instanceof FunctionError) return error.message
    throw error
  }
}

/** sprig's base64 and base32. */
export const encodingFunctions: FunctionTable = {
  b32dec: define('s', (args) => decoded(textAt(args, 0), base32)),
  b32enc: define('s', (args) => encode(toBytes(textAt(args, 0)), base32)),
  b64dec: define('s', (args) => decoded(textAt(args, 0), base64)),
  b64enc: define('s', (args) => encode(toBytes(textAt(args, 0)), base64)),
}
