import { byteLength, byteSlice, compareStrings, fromBytes, toBytes } from '../bytes.ts'
import { FunctionError } from '../errors.ts'
import { sprintValue } from '../format/print.ts'
import { quote } from '../format/quote.ts'
import { type CallContext, define, type FunctionTable, intAt, textAt } from '../functions.ts'
import { isSpace, lower, swapCase, title, trimSpace, untitle, upper } from '../text-case.ts'
import { elements, List, StringMap, strings, type Value } from '../values.ts'
import { joinWords, pascalCase } from '../word-case.ts'
import { strslice, strval } from './casts.ts'

function outOfRange(bounds: string): FunctionError {
  return new FunctionError(`runtime error: slice bounds out of range ${bounds}`)
}

/** Go's text[from:to], bounds checked. */
function slice(text: string, from: number, to: number, isOpen: boolean): string {
  const length = byteLength(text)
  if (to < 0) throw outOfRange(`[:${to}]`)
  if (to > length) throw outOfRange(`[:${to}] with length ${length}`)
  if (from > to) throw outOfRange(`[${from}:${isOpen ? length : to}]`)
  return byteSlice(text, from, to)
}

function substring(start: number, end: number, text: string): string {
  if (start < 0) return slice(text, 0, end, false)
  const length = byteLength(text)
  return end < 0 || end > length ? slice(text, start, length, true) : slice(text, start, end, false)
}

function truncate(count: number, text: string): string {
  const length = byteLength(text)
  if (count < 0 && length + count > 0) return byteSlice(text, length + count, length)
  return count >= 0 && length > count ? byteSlice(text, 0, count) : text
}

function repeat(text: string, count: number, context: CallContext): string {
  if (count < 0) throw new FunctionError('strings: negative Repeat count')
  context.budget.text(text.length * count)
  return text.repeat(count)
}

function indent(spaces: number, text: string, context: CallContext): string {
  const pad = repeat(' ', spaces, context)
  context.budget.text(text.length + pad.length * text.split('\n').length)
  return pad + text.replaceAll('\n', `\n${pad}`)
}

function replace(from: string, to: string, text: string, context: CallContext): string {
  const pieces = from === '' ? ['', ...Array.from(text), ''] : text.split(from)
  context.budget.text(text.length + to.length * pieces.length)
  return pieces.join(to)
}

/** goutils.AbbreviateFull. */
function abbreviate(text: string, left: number, width: number): string {
  const length = byteLength(text)
  if (width < 4 || length <= width) return width < 4 ? '' : text
  let offset = Math.min(left, length)
  if (length - offset < width - 3) offset = length - (width - 3)
  if (offset <= 4) return `${byteSlice(text, 0, width - 3)}...`
  if (width < 7) return ''
  if (offset + width - 3 < length) return `...${abbreviate(byteSlice(text, offset, length), 0, width - 3)}`
  return `...${byteSlice(text, length - (width - 3), length)}`
}

/** goutils.WrapCustom, which counts bytes. */
function wrap(text: string, wanted: number, separator: string, cutsWords: boolean, context: CallContext): string {
  const bytes = toBytes(text)
  const width = Math.max(wanted, 1)
  context.budget.text(text.length + Math.ceil(bytes.length / width) * separator.length)
  const out: string[] = []
  const put = (from: number, to: number): void => {
    out.push(fromBytes(bytes.subarray(from, to)), separator)
  }
  let at = 0
  while (bytes.length - at > width) {
    if (bytes[at] === 0x20) {
      at++
      continue
    }
    const space = bytes.lastIndexOf(0x20, at + width)
    if (space >= at) {
      put(at, space)
      at = space + 1
    } else if (cutsWords) {
      put(at, at + width)
      at += width
    } else {
      const next = bytes.indexOf(0x20, at + width)
      if (next < 0) break
      put(at, next)
      at = next + 1
    }
  }
  out.push(fromBytes(bytes.subarray(at)))
  return out.join('')
}

/** goutils works byte by byte and takes each for a character of Latin-1. */
function latin1(text: string): string {
  return Array.from(toBytes(text), (byte) => String.fromCharCode(byte)).join('')
}

function withoutSpace(text: string): string {
  const chars = Array.from(latin1(text))
  const kept = chars.filter((char) => !isSpace(char))
  return kept.length === chars.length ? text : kept.join('')
}

function initials(text: string): string {
  let isStart = true
  let result = ''
  for (const char of latin1(text)) {
    if (isSpace(char)) isStart = true
    else {
      if (isStart) result += char
      isStart = false
    }
  }
  return result
}

/** strings.SplitN; a count below 0 means all. */
export function splitN(text: string, separator: string, count: number): string[] {
  if (count === 0) return []
  if (separator === '') {
    const chars = Array.from(text)
    if (count < 0 || chars.length <= count) return chars
    return [...chars.slice(0, count - 1), chars.slice(count - 1).join('')]
  }
  const pieces = text.split(separator)
  if (count < 0 || pieces.length <= count) return pieces
  return [...pieces.slice(0, count - 1), pieces.slice(count - 1).join(separator)]
}

/** `_0`, `_1` and so on, as sprig's split names them. */
function numbered(pieces: readonly string[]): StringMap {
  return new StringMap(new Map(pieces.map((piece, i) => [`_${i}`, piece])))
}

function trimAll(set: string, text: string): string {
  const chars = new Set(Array.from(set))
  const all = Array.from(text)
  let from = 0
  let to = all.length
  while (from < to && chars.has(all[from] ?? '')) from++
  while (to > from && chars.has(all[to - 1] ?? '')) to--
  return all.slice(from, to).join('')
}

function sortAlpha(value: Value): Value {
  const items = elements(value)
  if (items === undefined) return strings([strval(value)])
  if (!(value instanceof List) || value.element !== 'string') return strings(strslice(value).sort(compareStrings))
  // sprig sorts a []string where it is, so that its other names see it too.
  value.items.sort((a, b) => compareStrings(strval(a), strval(b)))
  return value
}

const trimBoth = define('ss', ([a, b]) => trimAll(String(a), String(b)))

/** sprig's strings and lists of strings. */
export const stringFunctions: FunctionTable = {
  abbrev: define('is', (args) => (intAt(args, 0) < 4 ? textAt(args, 1) : abbreviate(textAt(args, 1), 0, intAt(args, 0)))),
  abbrevboth: define('iis', (args) => {
    const [left, right, text] = [intAt(args, 0), intAt(args, 1), textAt(args, 2)]
    return right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right)
  }),
  camelcase: define('s', (args) => pascalCase(textAt(args, 0))),
  cat: define('a...', (args) =>
    args
      .filter((arg) => arg !== null)
      .map(sprintValue)
      .join(' '),
  ),
  contains: define('ss', (args) => textAt(args, 1).includes(textAt(args, 0))),
  hasPrefix: define('ss', (args) => textAt(args, 1).startsWith(textAt(args, 0))),
  hasSuffix: define('ss', (args) => textAt(args, 1).endsWith(textAt(args, 0))),
  hello: define('', () => 'Hello!'),
  indent: define('is', (args, context) => indent(intAt(args, 0), textAt(args, 1), context)),
  initials: define('s', (args) => initials(textAt(args, 0))),
  join: define('sa', (args, context) => {
    const pieces = strslice(args[1])
    context.budget.text(pieces.length * textAt(args, 0).length)
    return pieces.join(textAt(args, 0))
  }),
  kebabcase: define('s', (args) => joinWords(textAt(args, 0), '-')),
  lower: define('s', (args) => lower(textAt(args, 0))),
  nindent: define('is', (args, context) => `\n${indent(intAt(args, 0), textAt(args, 1), context)}`),
  nospace: define('s', (args) => withoutSpace(textAt(args, 0))),
  plural: define('ssi', (args) => (args[2] === 1n ? textAt(args, 0) : textAt(args, 1))),
  quote: define('a...', (args) =>
    args
      .filter((arg) => arg !== null)
      .map((arg) => quote(strval(arg)))
      .join(' '),
  ),
  repeat: define('is', (args, context) => repeat(textAt(args, 1), intAt(args, 0), context)),
  replace: define('sss', (args, context) => replace(textAt(args, 0), textAt(args, 1), textAt(args, 2), context)),
  snakecase: define('s', (args) => joinWords(textAt(args, 0), '_')),
  sortAlpha: define('a', ([value]) => sortAlpha(value)),
  split: define('ss', (args) => numbered(splitN(textAt(args, 1), textAt(args, 0), -1))),
  splitList: define('ss', (args) => strings(splitN(textAt(args, 1), textAt(args, 0), -1))),
  splitn: define('sis', (args) => numbered(splitN(textAt(args, 2), textAt(args, 0), intAt(args, 1)))),
  squote: define('a...', (args) =>
    args
      .filter((arg) => arg !== null)
      .map((arg) => `'${sprintValue(arg)}'`)
      .join(' '),
  ),
  substr: define('iis', (args) => substring(intAt(args, 0), intAt(args, 1), textAt(args, 2))),
  swapcase: define('s', (args) => swapCase(textAt(args, 0))),
  title: define('s', (args) => title(textAt(args, 0))),
  toString: define('a', ([value]) => strval(value)),
  toStrings: define('a', ([value]) => (value instanceof List && value.element === 'string' ? value : strings(strslice(value)))),
  trim: define('s', (args) => trimSpace(textAt(args, 0))),
  trimAll: trimBoth,
  trimPrefix: define('ss', (args) => {
    const [prefix, text] = [textAt(args, 0), textAt(args, 1)]
    return text.startsWith(prefix) ? text.slice(prefix.length) : text
  }),
  trimSuffix: define('ss', (args) => {
    const [suffix, text] = [textAt(args, 0), textAt(args, 1)]
    return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text
  }),
  trimall: trimBoth,
  trunc: define('is', (args) => truncate(intAt(args, 0), textAt(args, 1))),
  untitle: define('s', (args) => untitle(textAt(args, 0))),
  upper: define('s', (args) => upper(textAt(args, 0))),
  wrap: define('is', (args, context) => wrap(textAt(args, 1), intAt(args, 0), '\n', false, context)),
  wrapWith: define('iss', (args, context) => wrap(textAt(args, 2), intAt(args, 0), textAt(args, 1) || '\n', true, context)),
}
