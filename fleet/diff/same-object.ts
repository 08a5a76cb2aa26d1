import { isJsonObject, type Json, type JsonObject } from '../json.ts'

const bookkeeping = new Set(['managedFields', 'resourceVersion', 'generation'])

/**
 * Whether two answers of the API server hold the same object, apart from its status, its bookkeeping and the annotations in `ignored`.
 * What a dry run would make is compared with what is there in this way.
 */
export function sameObject(a: JsonObject, b: JsonObject, ignored: readonly string[] = []): boolean {
  return sameJson(content(a, ignored), content(b, ignored))
}

function content(object: JsonObject, ignored: readonly string[]): JsonObject {
  const { status: _, metadata, ...rest } = object
  return { ...rest, metadata: isJsonObject(metadata) ? contentOfMetadata(metadata, ignored) : metadata }
}

function contentOfMetadata(metadata: JsonObject, ignored: readonly string[]): JsonObject {
  const kept = Object.fromEntries(Object.entries(metadata).filter(([name]) => !bookkeeping.has(name)))
  const annotations = kept['annotations']
  if (!isJsonObject(annotations)) return kept
  const others = Object.entries(annotations).filter(([name]) => !ignored.includes(name))
  return { ...kept, annotations: others.length === 0 ? undefined : Object.fromEntries(others) }
}

/** Deep equality. The order of properties means nothing, and a property that is undefined isn't there. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item: Json, index) => sameJson(item, b[index] as Json | undefined))
  if (!isJsonObject(a) || !isJsonObject(b)) return false
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].every((name) => sameJson(a[name], b[name]))
}
