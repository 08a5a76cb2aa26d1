import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'

/**
 * A generator's own template over the set's, as Argo CD merges them (mergo.Merge): what the generator's leaves empty is filled from the
 * base; maps unite; a list of the generator's replaces the base's; false, 0 and '' count as empty, so they override nothing.
 */
export function mergeTemplate(over: JsonObject, base: JsonObject): JsonObject {
  return mergeObjects(over, base, '')
}

/** Raw JSON in Go, which is not merged inside. */
const opaqueField = 'valuesObject'

function mergeObjects(over: JsonObject, base: JsonObject, field: string): JsonObject {
  if (field === opaqueField) return over
  const merged: [string, Json][] = []
  for (const key of new Set([...Object.keys(over), ...Object.keys(base)])) {
    const value = mergeValues(own(over, key), own(base, key), key)
    if (value !== undefined) merged.push([key, value])
  }
  return Object.fromEntries(merged)
}

function mergeValues(over: Json | undefined, base: Json | undefined, key: string): Json | undefined {
  if (base === undefined) return over
  if (isJsonObject(over) && isJsonObject(base)) return mergeObjects(over, base, key)
  return isZero(over) ? base : over
}

function isZero(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return true
  return Array.isArray(value) && value.length === 0
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
