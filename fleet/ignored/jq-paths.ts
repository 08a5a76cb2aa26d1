import { isJsonObject, type Json } from '../json.ts'
import { sameJson } from '../set/same-json.ts'
import type { Jq, JqCall } from './jq-syntax.ts'
import type { Path } from './path.ts'

interface Item {
  /** Null: computed, no field. */
  readonly path: Path | null
  readonly value: Json
}

/**
 * The paths of the fields that an expression names in a value, there or not, as jq's `path()` gives them. As in jq, one error (iterating over
 * what is no list or object, a field of a text) means that all of it names nothing.
 */
export function jqPaths(jq: Jq, value: Json): readonly Path[] {
  try {
    return evaluate(jq, { path: [], value }).flatMap(({ path }) => (path === null ? [] : [path]))
  } catch (error) {
    if (error instanceof JqError) return []
    throw error
  }
}

class JqError extends Error {}

function evaluate(jq: Jq, item: Item): readonly Item[] {
  const { path, value } = item
  switch (jq.op) {
    case 'pipe': {
      let items: readonly Item[] = [item]
      for (const stage of jq.stages) items = items.flatMap((one) => evaluate(stage, one))
      return items
    }
    case 'field':
      return [{ path: path && [...path, { key: jq.key }], value: fieldOf(value, jq.key) }]
    case 'index':
      return [indexed(item, jq.index)]
    case 'each':
      return elements(item)
    case 'select':
      // Once is enough: a path that is named twice is the same path.
      return evaluate(jq.condition, item).some((result) => isTrue(result.value)) ? [item] : []
    case 'try':
      try {
        return evaluate(jq.of, item)
      } catch (error) {
        if (error instanceof JqError) return []
        throw error
      }
    case 'literal':
      return [computed(jq.value)]
    case 'compare': {
      const right = evaluate(jq.right, item)[0]?.value ?? null
      return evaluate(jq.left, item).map((left) => computed(sameJson(left.value, right) === jq.equal))
    }
    case 'logic':
      return [...new Set(logic(jq, item))].map(computed)
    case 'not':
      return [computed(!isTrue(value))]
    case 'call':
      return [computed(call(jq.name, value, jq.argument))]
  }
}

function logic({ and, left, right }: Jq & { readonly op: 'logic' }, item: Item): readonly boolean[] {
  const settled = !and
  return evaluate(left, item).flatMap((one) =>
    isTrue(one.value) === settled ? [settled] : evaluate(right, item).map((other) => isTrue(other.value)),
  )
}

function computed(value: Json): Item {
  return { path: null, value }
}

function isTrue(value: Json): boolean {
  return value !== null && value !== false
}

function fieldOf(value: Json, key: string): Json {
  if (value === null) return null
  if (!isJsonObject(value)) throw new JqError('no object')
  return Object.hasOwn(value, key) ? (value[key] ?? null) : null
}

function indexed({ path, value }: Item, index: number): Item {
  if (value !== null && !Array.isArray(value)) throw new JqError('no list')
  const list = (value ?? []) as readonly Json[]
  const at = index < 0 ? list.length + index : index
  return at < 0 ? computed(null) : { path: path && [...path, { index: at, fixed: true }], value: list[at] ?? null }
}

function elements({ path, value }: Item): readonly Item[] {
  if (Array.isArray(value))
    return (value as readonly Json[]).map((one, index) => ({ path: path && [...path, { index, fixed: false }], value: one }))
  if (!isJsonObject(value)) throw new JqError('nothing to iterate over')
  return Object.entries(value).map(([key, one]) => ({ path: path && [...path, { key }], value: one ?? null }))
}

function call(name: JqCall, value: Json, argument: Json): boolean {
  if (name === 'contains') return contains(value, argument)
  if (name === 'has') {
    if (Array.isArray(value) && typeof argument === 'number') return argument >= 0 && argument < value.length
    if (isJsonObject(value) && typeof argument === 'string') return Object.hasOwn(value, argument)
    throw new JqError('can not have it')
  }
  if (typeof value !== 'string' || typeof argument !== 'string') throw new JqError('no text')
  return name === 'startswith' ? value.startsWith(argument) : value.endsWith(argument)
}

/** The argument is a literal, so a text, a number, a boolean or null. */
function contains(value: Json, argument: Json): boolean {
  if (typeof value === 'string' && typeof argument === 'string') return value.includes(argument)
  if (typeof value === typeof argument && !isJsonObject(value) && !Array.isArray(value)) return value === argument
  throw new JqError('can not contain it')
}
