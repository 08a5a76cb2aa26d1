import { byteLength, isStrayByte, toBytes } from '../bytes.ts'
import { FunctionError } from '../errors.ts'
import { sprint, sprintln } from '../format/print.ts'
import { sprintf } from '../format/printf.ts'
import { isPrintable } from '../format/quote.ts'
import { define, type FunctionTable, textAt } from '../functions.ts'
import { queryEscape } from '../url/escape.ts'
import { elements, entry, integer, isMap, Sized, StringMap, sortedKeys, typeOf, type Value } from '../values.ts'

function indexInto(item: Value, index: Value): Value {
  if (item === undefined || item === null) throw new FunctionError('index of nil pointer')
  if (typeof item === 'string') {
    const at = position(index, byteLength(item))
    if (at === byteLength(item)) throw new FunctionError('reflect: string index out of range')
    return new Sized('uint8', 'uint8', BigInt(toBytes(item)[at] ?? 0))
  }
  const items = elements(item)
  if (items !== undefined) {
    const at = position(index, items.length)
    if (at === items.length) throw new FunctionError('reflect: slice index out of range')
    return items[at]
  }
  if (!isMap(item) && !(item instanceof StringMap)) {
    // Go looks through pointers here.
    throw new FunctionError(`can't index item of type ${typeOf(item).replace(/^\*/, '')}`)
  }
  if (index === undefined || index === null) throw new FunctionError('value is nil; should be of type string')
  if (typeof index !== 'string') throw new FunctionError(`value has type ${typeOf(index)}; should be string`)
  if (item instanceof StringMap) return item.entries.get(index) ?? ''
  return entry(item, index) ?? null
}

function position(index: Value, length: number): number {
  if (index === undefined || index === null) throw new FunctionError('cannot index slice/array with nil')
  const at = integer(index)
  if (at === undefined) throw new FunctionError(`cannot index slice/array with type ${typeOf(index)}`)
  if (at < 0n || at > BigInt(length)) throw new FunctionError(`index out of range: ${at}`)
  return Number(at)
}

function index([item, ...indexes]: readonly Value[]): Value {
  if (item === undefined || item === null) throw new FunctionError('index of untyped nil')
  return indexes.reduce<Value>(indexInto, item)
}

function length([item]: readonly Value[]): Value {
  if (item === undefined) throw new FunctionError('reflect: call of reflect.Value.Type on zero Value')
  if (item === null) throw new FunctionError('len of nil pointer')
  if (typeof item === 'string') return BigInt(byteLength(item))
  const size = elements(item)?.length ?? sortedKeys(item)?.length
  // Go looks through pointers here.
  if (size === undefined) throw new FunctionError(`len of type ${typeOf(item).replace(/^\*/, '')}`)
  return BigInt(size)
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
}
const jsEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
}

function escapeJs(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  return text.replace(/[\\'"<>&=\0-\x1f]|[^\0-\x7f]/gu, (char) => {
    const known = jsEscapes[char]
    if (known !== undefined) return known
    const point = char.codePointAt(0) ?? 0
    if (point < 0x20) return `\\u00${point.toString(16).toUpperCase().padStart(2, '0')}`
    if (isPrintable(char) || isStrayByte(char)) return char
    const shown = point >= 0xd800 && point < 0xe000 ? 0xfffd : point
    return isPrintable(String.fromCodePoint(shown)) ? '\ufffd' : `\\u${shown.toString(16).toUpperCase().padStart(4, '0')}`
  })
}

/** The text of the arguments, as html, js and urlquery take it. */
function textOf(args: readonly Value[]): string {
  const [first] = args
  if (args.length === 1 && typeof first === 'string') return first
  // A nil argument counts as no value here, not as nil.
  return sprint(args.map((arg) => (arg === undefined || arg === null ? '<no value>' : arg)))
}

function call([operand, fn]: readonly Value[]): Value {
  if (fn === undefined || fn === null) throw new FunctionError('call of nil')
  // No value of ours is a function.
  throw new FunctionError(`non-function ${String(operand)} of type ${typeOf(fn)}`)
}

/** The functions of text/template that sprig doesn't replace; comparisons are in compare.ts. */
export const builtinFunctions: FunctionTable = {
  call: { ...define('vv...', call), takesOperandText: true },
  html: define('a...', (args) => textOf(args).replace(/[\0"'&<>]/g, (char) => htmlEscapes[char] ?? char)),
  index: define('vv...', index),
  js: define('a...', (args) => escapeJs(textOf(args))),
  len: define('v', length),
  print: define('a...', (args) => sprint(args)),
  printf: define('sa...', (args) => sprintf(textAt(args, 0), args.slice(1))),
  println: define('a...', (args) => sprintln(args)),
  urlquery: define('a...', (args) => queryEscape(textOf(args))),
}
