import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'

/**
 * Plain JSON of what a schema gave: the keys of fields that were left out (undefined) are gone, everything else stays, null in free-form
 * JSON too.
 */
export function withoutUndefined(value: JsonObject): JsonObject {
  const clean = (item: Json): Json => {
    if (Array.isArray(item)) return (item as readonly Json[]).map(clean)
    if (!isJsonObject(item)) return item
    const entries: [string, Json][] = []
    for (const [key, inner] of Object.entries(item)) if (inner !== undefined) entries.push([key, clean(inner)])
    return Object.fromEntries(entries)
  }
  return clean(value) as JsonObject
}
