import { canonicalJson } from '../../fleet/canonical-json.ts'
import { isJsonObject, type Json, type JsonObject } from '../../fleet/json.ts'
import type { Adapter, Outcome } from './adapter.ts'
import type { Case } from './cases.ts'

/** The first difference between what was expected and what came out; null for none. */
export function compare(expect: Case['expect'], outcome: Outcome, adapter: Adapter): string | null {
  const { error, errorContains, ...members } = expect
  if (error !== undefined || errorContains !== undefined) {
    if (!('error' in outcome)) return `expected an error (${String(error ?? errorContains)}), got ${shorten(outcome.value)}`
    if (typeof errorContains === 'string' && !outcome.error.includes(errorContains))
      return `expected an error with ${JSON.stringify(errorContains)}, got ${JSON.stringify(outcome.error)}`
    return compareMembers(members, outcome.also ?? {}, adapter)
  }
  if ('error' in outcome) return `expected ${shorten(members)}, got the error ${JSON.stringify(outcome.error)}`
  return compareMembers(members, outcome.value, adapter)
}

function compareMembers(expected: JsonObject, actual: JsonObject, { unordered = [], clean = (member) => member }: Adapter): string | null {
  for (const [name, value] of Object.entries(expected)) {
    const sort = (member: Json): Json => (unordered.includes(name) ? sorted(member) : member)
    const difference = firstDifference(sort(clean(value ?? null, name)), sort(clean(actual[name] ?? null, name)), name)
    if (difference !== null) return difference
  }
  return null
}

function sorted(member: Json): Json {
  if (!Array.isArray(member)) return member
  return (member as readonly Json[])
    .map((item) => [canonicalJson(item), item] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, item]) => item)
}

function firstDifference(expected: Json, actual: Json, path: string): string | null {
  if (canonicalJson(expected) === canonicalJson(actual)) return null
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    for (const [index, item] of (expected as readonly Json[]).entries()) {
      const difference = firstDifference(item, (actual as readonly Json[])[index] ?? null, `${path}[${index}]`)
      if (difference !== null) return difference
    }
  }
  if (isJsonObject(expected) && isJsonObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const difference = firstDifference(expected[key] ?? null, actual[key] ?? null, `${path}.${key}`)
      if (difference !== null) return difference
    }
  }
  return `${path}: expected ${shorten(expected)}, got ${shorten(actual)}`
}

const textMax = 600

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > textMax ? `${text.slice(0, textMax)}...` : text
}
