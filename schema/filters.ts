import { FleetError } from '../fleet/errors.ts'
import type { Pair } from './metadata.ts'

/** `{ labels }` of a list of pairs, or nothing when there is none. A key that stands twice is a mistake, not a choice. */
export function labelsFilter(labels: readonly Pair[] | null | undefined): { readonly labels?: Readonly<Record<string, string>> } {
  const record = recordOf(labels, 'labels')
  return record === undefined ? {} : { labels: record }
}

/** A list of pairs as a record. INVALID_INPUT for a key that stands twice. */
export function recordOf(list: readonly Pair[] | null | undefined, field: string): Readonly<Record<string, string>> | undefined {
  if (list === null || list === undefined) return undefined
  const seen = new Map<string, string>()
  for (const [index, { key, value }] of list.entries()) {
    if (seen.has(key)) {
      throw new FleetError('INVALID_INPUT', `${field} holds the key "${key}" twice`, { field: `${field}[${index}].key` })
    }
    seen.set(key, value)
  }
  return Object.fromEntries(seen)
}
