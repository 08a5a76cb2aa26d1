import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'

/** The only list of an Application that Kubernetes' strategic merge patch unites; every other one is replaced. */
const unitedList = 'finalizers'

/**
 * Kubernetes' strategic merge patch as it works on Applications: objects unite, null deletes, lists replace but for finalizers, and the
 * directives `$patch: delete|replace`, `$retainKeys` and `$deleteFromPrimitiveList/finalizers`; `$setElementOrder` has no effect here. An object
 * that is new and holds `$patch` is left out, as there. Throws INVALID_INPUT for directives that say something else.
 */
export function strategicMerge(base: JsonObject, patch: JsonObject): JsonObject {
  if (patch.$patch !== undefined) return directed(patch)
  const merged = new Map<string, Json>(Object.entries(retained(base, patch)).map(([key, value]) => [key, value ?? null]))
  for (const [key, value] of Object.entries(patch)) {
    if (key === `$deleteFromPrimitiveList/${unitedList}`) {
      merged.set(
        unitedList,
        texts(merged.get(unitedList)).filter((text) => !texts(value).includes(text)),
      )
    } else if (key.startsWith('$')) continue
    else if (value === null || value === undefined) merged.delete(key)
    else {
      const after = mergeValue(key, merged.get(key), value)
      if (after === undefined) merged.delete(key)
      else merged.set(key, after)
    }
  }
  return Object.fromEntries(merged)
}

function directed({ $patch: directive, ...rest }: JsonObject): JsonObject {
  if (directive === 'delete') return {}
  if (directive === 'replace') return withoutNulls(rest)
  throw new FleetError('INVALID_INPUT', `$patch takes delete or replace, not ${JSON.stringify(directive)}`)
}

/** With `$retainKeys` an object keeps those fields alone; the patch may say nothing else. */
function retained(base: JsonObject, patch: JsonObject): JsonObject {
  const { $retainKeys: keys } = patch
  if (keys === undefined) return base
  const said = Object.entries(patch).flatMap(([key, value]) => (key.startsWith('$') || value === null || value === undefined ? [] : [key]))
  if (!Array.isArray(keys) || !said.every((key) => texts(keys).includes(key)))
    throw new FleetError('INVALID_INPUT', '$retainKeys has to name every field that stands beside it')
  return Object.fromEntries(Object.entries(base).filter(([key]) => texts(keys).includes(key)))
}

/** Undefined: nothing is to stand there. */
function mergeValue(key: string, before: Json | undefined, value: Json): Json | undefined {
  if (isJsonObject(value)) return isJsonObject(before) ? strategicMerge(before, value) : added(value)
  if (key === unitedList && Array.isArray(value)) return united(texts(before), texts(value))
  return value
}

/** What the patch has comes first and in its order, but behind what stood before its first one already. */
function united(before: readonly string[], patch: readonly string[]): readonly string[] {
  const others = before.filter((text) => !patch.includes(text))
  const result: string[] = []
  for (const text of new Set(patch)) {
    const place = before.indexOf(text)
    while (place >= 0 && others[0] !== undefined && before.indexOf(others[0]) < place) result.push(...others.splice(0, 1))
    result.push(text)
  }
  return [...new Set([...result, ...others])]
}

function texts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((item) => typeof item === 'string') : []
}

/** A part of a patch that has nothing to be laid over. */
function added(patch: JsonObject): JsonObject | undefined {
  if (patch.$patch !== undefined) return undefined
  const kept = Object.entries(patch).flatMap(([key, value]): [string, Json][] => {
    const inner = key.startsWith('$') || value === null ? undefined : isJsonObject(value) ? added(value) : value
    return inner === undefined ? [] : [[key, inner]]
  })
  return Object.fromEntries(kept)
}

function withoutNulls(value: JsonObject): JsonObject {
  const kept = Object.entries(value).flatMap(([key, item]): [string, Json][] => {
    if (key.startsWith('$') || item === null || item === undefined) return []
    return [[key, isJsonObject(item) ? withoutNulls(item) : item]]
  })
  return Object.fromEntries(kept)
}
