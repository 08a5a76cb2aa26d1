import { isJsonObject, type Json, type JsonObject } from './json.ts'

/** The value at a path of property names; undefined where the path ends early. Own properties only. */
export function jsonAt(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let current = value
  for (const name of path) {
    if (!isJsonObject(current) || !Object.hasOwn(current, name)) return undefined
    current = current[name]
  }
  return current
}

/** The text at a path, or '' (Go's zero value, which the health rules are written against). */
export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = jsonAt(value, ...path)
  return typeof found === 'string' ? found : ''
}

/** The number at a path, or 0. */
export function numberAt(value: Json | undefined, ...path: readonly string[]): number {
  const found = jsonAt(value, ...path)
  return typeof found === 'number' ? found : 0
}

export function listAt(value: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const found = jsonAt(value, ...path)
  return Array.isArray(found) ? (found as readonly Json[]) : []
}

export function objectAt(value: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = jsonAt(value, ...path)
  return isJsonObject(found) ? found : {}
}

export function annotationOf(object: JsonObject, name: string): string | undefined {
  const found = jsonAt(object, 'metadata', 'annotations', name)
  return typeof found === 'string' ? found : undefined
}

/** The values of a comma-separated annotation, trimmed, without empty ones. */
export function annotationValues(object: JsonObject, name: string): readonly string[] {
  return (annotationOf(object, name) ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '')
}

/** `apps/v1` -> `apps`; `v1` -> ''. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash === -1 ? '' : apiVersion.slice(0, slash)
}

export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1)
}
