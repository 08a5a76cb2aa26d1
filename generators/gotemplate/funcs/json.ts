import { compareStrings, toBytes } from '../bytes.ts'
import { FunctionError, LimitError } from '../errors.ts'
import { formatFloat } from '../format/float.ts'
import { quoteRune } from '../format/quote.ts'
import { define, type FunctionTable, textAt } from '../functions.ts'
import { outputBytesMax, valueDepthMax } from '../limits.ts'
import { Complex, elements, emptyMap, GoObject, integer, isMap, List, nilMap, StringMap, Struct, typeOf, type Value } from '../values.ts'

interface JsonStyle {
  readonly escapesHtml: boolean
  /** Spaces a level; 0 writes everything on one line. */
  readonly indent: number
}

const compact: JsonStyle = { escapesHtml: true, indent: 0 }
const pretty: JsonStyle = { escapesHtml: true, indent: 2 }
const raw: JsonStyle = { escapesHtml: false, indent: 0 }

/** json.Marshal. Throws FunctionError with Go's text. */
export function toJson(value: Value, style: JsonStyle = compact): string {
  return encode(value, style, 0)
}

function encode(value: Value, style: JsonStyle, depth: number): string {
  if (depth > valueDepthMax) throw new LimitError(`a value is nested more than ${valueDepthMax} deep`)
  switch (typeof value) {
    case 'string':
      return encodeString(value, style)
    case 'number':
      return encodeNumber(value)
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'undefined':
      return 'null'
    default:
      return value === null ? 'null' : encodeObject(value, style, depth)
  }
}

function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new FunctionError(`json: unsupported value: ${formatFloat(value, 'g', -1)}`)
  return Object.is(value, -0) ? '-0' : String(value)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const needsEscape = /["\\\0-\x1f<>&\u2028\u2029\ud800-\udfff]/

function encodeString(text: string, style: JsonStyle): string {
  if (!needsEscape.test(text)) return `"${text}"`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  const body = text.replace(/["\\\0-\x1f<>&\u2028\u2029]|[\ud800-\udfff]/gu, (char) => {
    if (!style.escapesHtml && '<>&'.includes(char)) return char
    return (
      escapes[char] ?? (char >= '\ud800' && char <= '\udfff' ? '\\ufffd' : `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
    )
  })
  return `"${body}"`
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function encodeObject(value: readonly Value[] | GoObject | Value, style: JsonStyle, depth: number): string {
  if (value instanceof GoObject && value.json !== undefined) return value.json()
  const number = integer(value)
  if (number !== undefined) return number.toString()
  if ((value instanceof List && value.isNil) || value === nilMap) return 'null'
  const items = elements(value)
  if (items !== undefined)
    return enclose(
      '[',
      items.map((item) => encode(item, style, depth + 1)),
      ']',
      style,
      depth,
    )
  if (value instanceof Complex) throw new FunctionError('json: unsupported type: complex128')
  const fields = fieldsOf(value)
  if (fields === undefined) throw new FunctionError(`json: unsupported type: ${typeOf(value)}`)
  const colon = style.indent === 0 ? ':' : ': '
  const parts = fields.map(([key, item]) => encodeString(key, style) + colon + encode(item, style, depth + 1))
  return enclose('{', parts, '}', style, depth)
}

function fieldsOf(value: Value): [string, Value][] | undefined {
  if (value instanceof Struct) return [...value.fields]
  const fields = value instanceof StringMap ? [...value.entries] : isMap(value) ? Object.entries(value) : undefined
  return fields?.sort(([a], [b]) => compareStrings(a, b))
}

function enclose(open: string, parts: readonly string[], close: string, style: JsonStyle, depth: number): string {
  if (parts.length === 0) return open + close
  const gap = style.indent === 0 ? '' : `\n${' '.repeat(style.indent * (depth + 1))}`
  const end = style.indent === 0 ? '' : `\n${' '.repeat(style.indent * depth)}`
  const text = open + gap + parts.join(`,${gap}`) + end + close
  if (text.length > outputBytesMax) throw new LimitError(`the template makes more than ${outputBytesMax} bytes`)
  return text
}

/** json.Unmarshal into an interface{}. Throws FunctionError with Go's text. */
export function fromJson(text: string): Value {
  const reader = new JsonReader(text, Number)
  const value = reader.read()
  if (reader.problem !== undefined) throw reader.problem
  return value
}

/** The same, with numbers read by `number`; and how many characters the longest key has, quotes included. */
export function readJson(text: string, number: (literal: string) => Value): { readonly value: Value; readonly longestKey: number } {
  const reader = new JsonReader(text, number)
  const value = reader.read()
  return { value, longestKey: reader.longestKey }
}

/** What json.Unmarshal leaves behind beside its error: nothing, or everything but the numbers that no float64 holds. */
function fromJsonLeniently(text: string): Value {
  return orElse(() => new JsonReader(text, Number).read(), null)
}

class JsonReader {
  private readonly text: string
  private at = 0
  private readonly numberOf: (literal: string) => Value
  /** A number that no float64 holds: Go reads to the end before it says so, and leaves nil in its place. */
  problem: FunctionError | undefined
  longestKey = 0

  constructor(text: string, numberOf: (literal: string) => Value) {
    this.text = text
    this.numberOf = numberOf
  }

  read(): Value {
    const value = this.value('looking for beginning of value', 0)
    this.skipSpace()
    if (this.at < this.text.length) throw this.invalid('after top-level value')
    return value
  }

  private skipSpace(): void {
    while (' \t\r\n'.includes(this.text[this.at] ?? 'x')) this.at++
  }

  private invalid(context: string): FunctionError {
    // Inside a literal, number or escape Go sees a space at the end of the text; elsewhere a space means nothing.
    const point = this.text.codePointAt(this.at) ?? (/literal [tfn]|escape|numeric/.test(context) ? 0x20 : undefined)
    if (point === undefined) return new FunctionError('unexpected end of JSON input')
    // Go looks at bytes: of a longer character it names the first.
    const first = point < 0x80 ? point : (toBytes(String.fromCodePoint(point))[0] ?? 0)
    const name = first === 0x27 ? `'\\''` : first === 0x22 ? `'"'` : quoteRune(first)
    return new FunctionError(`invalid character ${name} ${context}`)
  }

  private value(context: string, depth: number): Value {
    if (depth > valueDepthMax) throw new FunctionError('exceeded max depth')
    this.skipSpace()
    const char = this.text[this.at]
    switch (char) {
      case '{':
        return this.object(depth)
      case '[':
        return this.array(depth)
      case '"':
        return this.string()
      case 't':
        return this.word('true', true)
      case 'f':
        return this.word('false', false)
      case 'n':
        return this.word('null', null)
      default:
        if (char === '-' || (char !== undefined && char >= '0' && char <= '9')) return this.number()
        throw this.invalid(context)
    }
  }

  private word(word: string, value: Value): Value {
    for (const [i, char] of Array.from(word).entries()) {
      if (this.text[this.at] !== char)
        throw this.invalid(i === 0 ? 'looking for beginning of value' : `in literal ${word} (expecting '${char}')`)
      this.at++
    }
    return value
  }

  private object(depth: number): Value {
    const map = emptyMap()
    this.at++
    this.skipSpace()
    if (this.text[this.at] === '}') {
      this.at++
      return map
    }
    for (;;) {
      this.skipSpace()
      if (this.text[this.at] !== '"') throw this.invalid('looking for beginning of object key string')
      const start = this.at
      const key = this.string()
      this.longestKey = Math.max(this.longestKey, this.at - start)
      this.skipSpace()
      if (this.text[this.at] !== ':') throw this.invalid('after object key')
      this.at++
      map[key] = this.value('looking for beginning of value', depth + 1)
      this.skipSpace()
      const next = this.text[this.at]
      if (next !== ',' && next !== '}') throw this.invalid('after object key:value pair')
      this.at++
      if (next === '}') return map
    }
  }

  private array(depth: number): Value {
    const items: Value[] = []
    this.at++
    this.skipSpace()
    if (this.text[this.at] === ']') {
      this.at++
      return items
    }
    for (;;) {
      items.push(this.value('looking for beginning of value', depth + 1))
      this.skipSpace()
      const next = this.text[this.at]
      if (next !== ',' && next !== ']') throw this.invalid('after array element')
      this.at++
      if (next === ']') return items
    }
  }

  private string(): string {
    const start = this.at++
    let isPlain = true
    for (;;) {
      const char = this.text[this.at]
      if (char === undefined || char < ' ') throw this.invalid('in string literal')
      this.at++
      if (char === '"') break
      if (char !== '\\') continue
      isPlain = false
      const code = this.text[this.at]
      if (code === undefined || !'bfnrt\\/"u'.includes(code)) throw this.invalid('in string escape code')
      this.at++
      if (code === 'u') this.hexDigits()
    }
    const literal = this.text.slice(start, this.at)
    return (isPlain ? literal.slice(1, -1) : String(JSON.parse(literal))).toWellFormed()
  }

  private hexDigits(): void {
    for (let i = 0; i < 4; i++) {
      if (!/^[0-9a-fA-F]$/.test(this.text[this.at] ?? '')) throw this.invalid('in \\u hexadecimal character escape')
      this.at++
    }
  }

  private digits(context: string): void {
    if (!/^[0-9]$/.test(this.text[this.at] ?? '')) throw this.invalid(context)
    while (/^[0-9]$/.test(this.text[this.at] ?? '')) this.at++
  }

  private number(): Value {
    const start = this.at
    if (this.text[this.at] === '-') this.at++
    if (this.text[this.at] === '0') this.at++
    else this.digits('in numeric literal')
    if (this.text[this.at] === '.') {
      this.at++
      this.digits('after decimal point in numeric literal')
    }
    if (this.text[this.at] === 'e' || this.text[this.at] === 'E') {
      this.at++
      if (this.text[this.at] === '+' || this.text[this.at] === '-') this.at++
      this.digits('in exponent of numeric literal')
    }
    const literal = this.text.slice(start, this.at)
    const value = this.numberOf(literal)
    if (typeof value !== 'number' || Number.isFinite(value)) return value
    this.problem ??= new FunctionError(`json: cannot unmarshal number ${literal} into Go value of type float64`)
    return null
  }
}

/** The result of a function, or another value where it throws: sprig's ways without `must`. */
function orElse(run: () => Value, otherwise: Value): Value {
  try {
    return run()
  } catch (error) {
    if (error instanceof FunctionError) return otherwise
    throw error
  }
}

/** sprig's JSON. */
export const jsonFunctions: FunctionTable = {
  fromJson: define('s', (args) => fromJsonLeniently(textAt(args, 0))),
  mustFromJson: define('s', (args) => fromJson(textAt(args, 0))),
  toJson: define('a', ([value]) => orElse(() => toJson(value), '')),
  mustToJson: define('a', ([value]) => toJson(value)),
  toPrettyJson: define('a', ([value]) => orElse(() => toJson(value, pretty), '')),
  mustToPrettyJson: define('a', ([value]) => toJson(value, pretty)),
  toRawJson: define('a', ([value]) => toJson(value, raw)),
  mustToRawJson: define('a', ([value]) => toJson(value, raw)),
}
