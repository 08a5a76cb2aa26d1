import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'

/** The only list of an Application that Kubernetes' strategic merge patch unites; every other one is replaced. */
const unitedList = 'finalizers'

/**
 * Kubernetes' strategic merge patch as it works on Applications: objects unite, null deletes, lists replace but for finalizers, and the
 * directives `$patch: delete|replace` and `$deleteFromPrimitiveList/finalizers`; other directives have no effect here.
 */
export function strategicMerge(base: JsonObject, patch: JsonObject): JsonObject {
  if (patch.$patch === 'delete') return {}
  if (patch.$patch === 'replace') return withoutDirectives(patch)
  const merged = new Map<string, Json>(Object.entries(base).map(([key, value]) => [key, value ?? null]))
  for (const [key, value] of Object.entries(patch)) {
    if (key === `$deleteFromPrimitiveList/${unitedList}`) {
      merged.set(
        unitedList,
        texts(merged.get(unitedList)).filter((text) => !texts(value).includes(text)),
      )
    } else if (key.startsWith('$')) continue
    else if (value === null || value === undefined) merged.delete(key)
    else merged.set(key, mergeValue(key, merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

function mergeValue(key: string, before: Json | undefined, value: Json): Json {
  if (isJsonObject(value)) return isJsonObject(before) ? strategicMerge(before, value) : withoutDirectives(value)
  if (key === unitedList && Array.isArray(value)) return [...new Set([...texts(before), ...texts(value)])]
  return value
}

function texts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((item) => typeof item === 'string') : []
}

function withoutDirectives(patch: JsonObject): JsonObject {
  const kept: [string, Json][] = []
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$') || value === null || value === undefined) continue
    kept.push([key, isJsonObject(value) ? withoutDirectives(value) : value])
  }
  return Object.fromEntries(kept)
}
