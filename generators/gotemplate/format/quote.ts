import { fromBytes, isAscii } from '../bytes.ts'
import { FunctionError } from '../errors.ts'

const simpleEscapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}
const plainAscii = /^[ !#-[\]-~]*$/

/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

/** strconv.Quote, or QuoteToASCII: a Go string literal in double quotes. */
export function quote(text: string, asciiOnly = false): string {
  if (plainAscii.test(text)) return `"${text}"`
  const parts = ['"']
  for (const char of text) parts.push(quoteChar(char, '"', asciiOnly))
  parts.push('"')
  return parts.join('')
}

/** strconv.QuoteRune, or QuoteRuneToASCII. */
export function quoteRune(point: number, asciiOnly = false): string {
  const char = point > 0x10ffff || (point >= 0xd800 && point < 0xe000) || point < 0 ? '\ufffd' : String.fromCodePoint(point)
  return `'${quoteChar(char, "'", asciiOnly)}'`
}

function quoteChar(char: string, quoteMark: string, asciiOnly: boolean): string {
  if (char === quoteMark) return `\\${char}`
  const simple = simpleEscapes[char]
  if (simple !== undefined) return simple
  const point = char.codePointAt(0) ?? 0xfffd
  if (point >= 0xdc80 && point <= 0xdcff) return `\\x${hex(point - 0xdc00, 2)}`
  if (isPrintable(char) && !(asciiOnly && point > 0x7e)) return char
  if (point < 0x20 || point === 0x7f) return `\\x${hex(point, 2)}`
  if (point >= 0xd800 && point < 0xe000) return '\\ufffd'
  return point < 0x10000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

/** strconv.IsPrint of one character. */
export function isPrintable(char: string): boolean {
  return printable.test(char)
}

/** strconv.CanBackquote: one line without a back quote, a control character other than tab, or a broken byte. */
export function canBackquote(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that the rule is about
  return text.isWellFormed() && !/[\0-\x08\x0a-\x1f`\x7f\ufeff]/.test(text)
}

/** strconv.Unquote of a literal in double or back quotes. Throws `invalid syntax`. */
export function unquote(literal: string): string {
  const body = literal.slice(1, -1)
  if (literal[0] === '`') return body.replaceAll('\r', '')
  if (!body.includes('\\')) return body
  const parts: string[] = []
  let broken = false
  for (let at = 0; at < body.length; ) {
    const next = unquoteChar(body, at, '"')
    parts.push(next.text)
    broken ||= next.isByte
    at = next.end
  }
  const text = parts.join('')
  return broken ? joinBytes(text) : text
}

/** Bytes written one by one (`\xc3\xa9`) may be a character together. */
function joinBytes(text: string): string {
  return text.replace(/[\udc80-\udcff]+/g, (run) => fromBytes(Uint8Array.from(run, (char) => char.charCodeAt(0) - 0xdc00)))
}

export interface UnquotedChar {
  readonly text: string
  readonly point: number
  readonly isByte: boolean
  readonly end: number
}

const controlEscapes: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 0x5c }
const hexLength: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** strconv.UnquoteChar: the character or escape of `body` at `start`. Throws `invalid syntax`. */
export function unquoteChar(body: string, start: number, quoteMark: string): UnquotedChar {
  const char = String.fromCodePoint(body.codePointAt(start) ?? 0xfffd)
  if (char === quoteMark) throw invalidSyntax()
  if (char !== '\\') return { text: char, point: char.codePointAt(0) ?? 0xfffd, isByte: false, end: start + char.length }
  const code = body[start + 1]
  if (code === undefined) throw invalidSyntax()
  const control = controlEscapes[code]
  if (control !== undefined) return character(control, start + 2)
  const digits = hexLength[code]
  if (digits !== undefined) return numeric(body.slice(start + 2, start + 2 + digits), digits, 16, code === 'x', start + 2 + digits)
  if (code >= '0' && code <= '7') return numeric(body.slice(start + 1, start + 4), 3, 8, true, start + 4)
  if ((code === '"' || code === "'") && code === quoteMark) return character(code.charCodeAt(0), start + 2)
  throw invalidSyntax()
}

function numeric(digits: string, length: number, radix: number, isByte: boolean, end: number): UnquotedChar {
  if (digits.length !== length || !(radix === 16 ? /^[0-9a-fA-F]+$/ : /^[0-7]+$/).test(digits)) throw invalidSyntax()
  const value = Number.parseInt(digits, radix)
  if (isByte) {
    if (value > 255) throw invalidSyntax()
    return value < 0x80 ? character(value, end) : { text: String.fromCharCode(0xdc00 + value), point: value, isByte: true, end }
  }
  if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) throw invalidSyntax()
  return character(value, end)
}

function character(point: number, end: number): UnquotedChar {
  return { text: String.fromCodePoint(point), point, isByte: false, end }
}

function invalidSyntax(): FunctionError {
  return new FunctionError('invalid syntax')
}

/** `U+2603 '☃'`, Go's %#U. */
export function unicodeName(point: number): string {
  const name = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
  if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return name
  const char = String.fromCodePoint(point)
  return isPrintable(char) || (isAscii(char) && char === ' ') ? `${name} '${char}'` : name
}
