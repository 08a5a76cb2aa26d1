import { FunctionError } from '../errors.ts'
import { type CallContext, define, type FunctionTable, intAt, type TemplateFunction } from '../functions.ts'
import { deepEqual, elements, kindOf, List, nilList, type Value } from '../values.ts'
import { isEmpty, toInt64 } from './casts.ts'

export const nilDereference = 'runtime error: invalid memory address or nil pointer dereference'

/** The elements of a list; sprig's own error for anything else, `what` being its verb. */
function listOf(value: Value, what: string): readonly Value[] {
  if (value === null || value === undefined) throw new FunctionError(nilDereference)
  const items = elements(value)
  if (items === undefined) throw new FunctionError(`Cannot ${what} type ${kindOf(value)}`)
  return items
}

function includes(haystack: readonly Value[], needle: Value, context: CallContext): boolean {
  context.budget.step(haystack.length)
  return haystack.some((item) => deepEqual(needle, item))
}

function orNil(items: readonly Value[], isNil: boolean): Value {
  return isNil ? nilList() : items
}

function unique(items: readonly Value[], context: CallContext): Value {
  const kept: Value[] = []
  for (const item of items) if (!includes(kept, item, context)) kept.push(item)
  return kept
}

/** Go's JSON decoder doubles a list as it grows, and slices may reach into what it has in stock. */
function decodedCapacity(length: number): number {
  const doublesTo = 512
  return length === 0 || length > doublesTo ? length : 2 ** Math.ceil(Math.log2(length))
}

function capacityOf(list: Value, items: readonly Value[], context: CallContext): number {
  if (list instanceof List) return list.capacity
  return context.isParameter(items) ? decodedCapacity(items.length) : items.length
}

function slice(list: Value, indices: readonly Value[], context: CallContext): Value {
  if (list === null || list === undefined) throw new FunctionError(nilDereference)
  const items = elements(list)
  if (items === undefined) throw new FunctionError(`list should be type of slice or array but ${kindOf(list)}`)
  if (items.length === 0) return null
  const start = indices.length > 0 ? toInt64(indices[0]) : 0n
  const end = indices.length < 2 ? BigInt(items.length) : toInt64(indices[1])
  const isBeyond = end > BigInt(items.length) && end > BigInt(capacityOf(list, items, context))
  if (start < 0n || start > end || isBeyond) throw new FunctionError('reflect.Value.Slice: slice index out of bounds')
  const part = items.slice(Number(start), Number(end))
  while (part.length < Number(end - start)) part.push(list instanceof List && list.element === 'string' ? '' : null)
  return list instanceof List ? new List(list.element, part) : part
}

/** sprig's arithmetic, which makes something of a negative size now and then. */
function chunk(size: number, items: readonly Value[], context: CallContext): Value {
  const tooLong = (): FunctionError => new FunctionError('runtime error: makeslice: len out of range')
  const count = Math.floor((items.length - 1) / size) + 1
  if (!Number.isFinite(count) || count < 0) throw tooLong()
  context.budget.step(count)
  const chunks: Value[] = []
  for (let i = 0; i < count; i++) {
    const length = i === count - 1 ? items.length % size || size : size
    if (length < 0) throw tooLong()
    const from = i * size
    if (length > 0 && (from < 0 || from + length > items.length)) throw new FunctionError('reflect: slice index out of range')
    chunks.push(items.slice(from, from + length))
  }
  return new List('[]interface {}', chunks)
}

function concat(lists: readonly Value[], context: CallContext): Value {
  const all: Value[] = []
  for (const list of lists) {
    if (list === null || list === undefined) throw new FunctionError(nilDereference)
    const items = elements(list)
    if (items === undefined) throw new FunctionError(`Cannot concat type ${kindOf(list)} as list`)
    context.budget.step(items.length)
    all.push(...items)
  }
  return orNil(all, all.length === 0)
}

const append = define('aa', ([list, value]) => [...listOf(list, 'push on'), value])
const prepend = define('aa', ([list, value]) => {
  const items = listOf(list, 'prepend on')
  return [value, ...items]
})
const first = define('a', ([list]) => listOf(list, 'find first on')[0] ?? null)
const last = define('a', ([list]) => listOf(list, 'find last on').at(-1) ?? null)
const rest = define('a', ([list]) => {
  const items = listOf(list, 'find rest on')
  return orNil(items.slice(1), items.length === 0)
})
const initial = define('a', ([list]) => {
  const items = listOf(list, 'find initial on')
  return orNil(items.slice(0, -1), items.length === 0)
})
const reverse = define('a', ([list]) => listOf(list, 'find reverse on').toReversed())
const uniq = define('a', ([list], context) => unique(listOf(list, 'find uniq on'), context))
const compact = define('a', ([list]) => listOf(list, 'compact on').filter((item) => !isEmpty(item)))
const without = define('aa...', ([list, ...omitted], context) =>
  listOf(list, 'find without on').filter((item) => !includes(omitted, item, context)),
)
const has = define('aa', ([needle, haystack], context) =>
  haystack === null ? false : includes(listOf(haystack, 'find has on'), needle, context),
)
const cut = define('aa...', ([list, ...indices], context) => slice(list, indices, context))
const chunked = define('ia', (args, context) => chunk(intAt(args, 0), listOf(args[1], 'chunk'), context))
const list = define('a...', (args) => args)

/** sprig has each function twice: one that panics and one that returns its error. A template sees no difference. */
function both(name: string, definition: TemplateFunction): FunctionTable {
  return { [name]: definition, [`must${name.charAt(0).toUpperCase()}${name.slice(1)}`]: definition }
}

/** sprig's lists. */
export const listFunctions: FunctionTable = {
  list,
  tuple: list,
  concat: { ...define('a...', concat), givesInterface: true },
  ...both('append', append),
  ...both('push', append),
  ...both('prepend', prepend),
  ...both('first', first),
  ...both('last', last),
  ...both('rest', rest),
  ...both('initial', initial),
  ...both('reverse', reverse),
  ...both('uniq', uniq),
  ...both('compact', compact),
  ...both('without', without),
  ...both('has', has),
  ...both('slice', cut),
  ...both('chunk', chunked),
}
