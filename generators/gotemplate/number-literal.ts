import { FunctionError } from './errors.ts'
import { isFloatSyntax, parseFloat64, parseInt64, parseUint64, truncateToInt64 } from './format/numbers.ts'
import { quote, unquoteChar } from './format/quote.ts'
import type { NumberNode } from './nodes.ts'
import { Complex } from './values.ts'

/** A character constant such as `'a'`. Throws FunctionError with Go's text. */
export function characterLiteral(pos: number, text: string): NumberNode {
  const char = unquoteChar(text, 1, "'")
  if (text.slice(char.end) !== "'") throw new FunctionError(`malformed character constant: ${text}`)
  const value = BigInt(char.point)
  return { kind: 'number', pos, text, int: value, uint: value, float: char.point, ideal: value }
}

/** A complex constant such as `1+2i`. Throws FunctionError with Go's text. */
export function complexLiteral(pos: number, text: string): NumberNode {
  const split = Math.max(text.lastIndexOf('+', text.length - 2), text.lastIndexOf('-', text.length - 2))
  // The sign before the imaginary part, not one of an exponent.
  const at = /[eEpP]/.test(text[split - 1] ?? '') && !/^0[xX]/.test(text) ? signBefore(text, split) : split
  return complexNode(pos, text, part(text.slice(0, at)), part(text.slice(at, -1)))
}

/** What fmt.Sscan takes for a float's text, whether or not it is one. */
const scannedFloat = /^[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]+)?|[0-9_]*(?:\.[0-9_]*)?(?:[eEpP][+-]?[0-9_]+)?)$/

function part(text: string): number {
  const value = parseFloat64(text)
  if (value !== undefined) return value
  if (!scannedFloat.test(text)) throw new FunctionError('syntax error scanning complex number')
  const isNumber = isFloatSyntax(text)
  throw new FunctionError(`strconv.ParseFloat: parsing ${quote(text)}: ${isNumber ? 'value out of range' : 'invalid syntax'}`)
}

function signBefore(text: string, end: number): number {
  return Math.max(text.lastIndexOf('+', end - 1), text.lastIndexOf('-', end - 1))
}

function complexNode(pos: number, text: string, real: number, imaginary: number): NumberNode {
  const isReal = imaginary === 0
  const whole = isReal && Number.isInteger(real) ? truncateToInt64(real) : undefined
  return {
    kind: 'number',
    pos,
    text,
    int: whole,
    uint: whole !== undefined && whole >= 0n ? whole : undefined,
    float: isReal ? real : undefined,
    ideal: new Complex(real, imaginary),
  }
}

/** Any other number. Throws FunctionError with Go's text. */
export function numberLiteral(pos: number, text: string): NumberNode {
  if (text.endsWith('i')) {
    const imaginary = parseFloat64(text.slice(0, -1))
    if (imaginary !== undefined) return complexNode(pos, text, 0, imaginary)
  }
  const int = parseInt64(text)
  const uint = parseUint64(text) ?? (int === 0n ? 0n : undefined)
  if (int !== undefined) return { kind: 'number', pos, text, int, uint, float: Number(int), ideal: int }
  // An unsigned number beyond int64 is a constant that overflows int.
  if (uint !== undefined) return { kind: 'number', pos, text, int, uint, float: Number(uint), ideal: undefined }
  const float = parseFloat64(text)
  if (float === undefined) throw new FunctionError(`illegal number syntax: ${quote(text)}`)
  if (!/[.eEpP]/.test(text)) throw new FunctionError(`integer overflow: ${quote(text)}`)
  const whole = Number.isInteger(float) && Math.abs(float) < 2 ** 63 ? BigInt(float) : undefined
  return {
    kind: 'number',
    pos,
    text,
    int: whole,
    uint: whole !== undefined && whole >= 0n ? whole : undefined,
    float,
    ideal: float,
  }
}
