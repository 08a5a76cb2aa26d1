import { isJsonObject, type Json } from './json.ts'
import { sameJson } from './set/same-json.ts'

/** One field that differs. A side that hasn't the field at all lacks it. */
export interface FieldChange {
  /** Such as `spec.source.targetRevision`, `metadata.labels["app.kubernetes.io/name"]`, `spec.sources[1]`. */
  readonly path: string
  readonly before?: Json
  readonly after?: Json
}

/** What differs between two values, field by field, in the order of the fields. Maps are gone into; lists only where both have as many items. */
export function fieldChanges(before: Json, after: Json): readonly FieldChange[] {
  return changesAt('', before, after)
}

function changesAt(path: string, before: Json | undefined, after: Json | undefined): readonly FieldChange[] {
  if (before !== undefined && after !== undefined) {
    if (sameJson(before, after)) return []
    if (isJsonObject(before) && isJsonObject(after)) {
      const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
      return keys.flatMap((key) => changesAt(fieldPath(path, key), ownField(before, key), ownField(after, key)))
    }
    if (isList(before) && isList(after) && before.length === after.length)
      return after.flatMap((item, index) => changesAt(`${path}[${index}]`, before[index], item))
  }
  if (before === undefined && after === undefined) return []
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }]
}

function ownField(object: { readonly [key: string]: Json | undefined }, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function fieldPath(path: string, key: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}
