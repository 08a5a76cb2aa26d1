import { isJsonObject, type Json, type JsonObject } from '../json.ts'

/** Within maps of the user's own an empty text says something. */
const inOwnMap = /(?:\.(?:labels|annotations|commonLabels|commonAnnotations|valuesObject)|\.plugin\.parameters)[.[]/
const ownMap = /\.(?:labels|annotations|commonLabels|commonAnnotations)$/
/** Fields that Argo CD writes although they are empty. */
const required = /(?:\.(?:repoURL|project|kind)|\.(?:info|env|extVars|tlas)\[\d+\]\.(?:name|value)|\.sourceHydrator\..*)$/

/**
 * Whether Argo CD leaves out a field of an Application that stands at `path` (`spec.template.spec.source.path`), as Go writes its structs: an
 * empty text, list or map is absent there. Objects that say something by being there (`automated: {}`) stay.
 */
export function isLeftOut(path: string, value: Json): boolean {
  if (isJsonObject(value)) return Object.keys(value).length === 0 && ownMap.test(path) && !inOwnMap.test(path)
  const isEmpty = value === '' || (Array.isArray(value) && value.length === 0)
  return isEmpty && !inOwnMap.test(path) && !required.test(path)
}

/** An Application without such fields. */
export function withoutEmptyFields(application: JsonObject): JsonObject {
  return fieldsOf(application, '')
}

function fieldsOf(object: JsonObject, path: string): JsonObject {
  const kept = Object.entries(object).flatMap(([key, value]): [string, Json][] => {
    if (value === undefined) return []
    const at = `${path}.${key}`
    const item = partOf(value, at)
    return isLeftOut(at, item) ? [] : [[key, item]]
  })
  return Object.fromEntries(kept)
}

function partOf(value: Json, path: string): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => partOf(item, `${path}[${index}]`))
  return isJsonObject(value) ? fieldsOf(value, path) : value
}
