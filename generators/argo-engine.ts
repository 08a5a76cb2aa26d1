import { isJsonObject, type JsonObject } from '../fleet/json.ts'
import type { GoType } from './generator.ts'
import type { Environment } from './gotemplate/environment.ts'
import { renderFastTemplate } from './gotemplate/fasttemplate.ts'
import { SlowWork } from './gotemplate/limits.ts'
import { renderGoTemplate } from './gotemplate/template.ts'
import { type GoMap, int64, List, StringMap, strings, type Value } from './gotemplate/values.ts'
import type { TemplateEngine } from './template-engine.ts'

/** Argo CD's two template languages. `world`: randomness and cryptography for the functions that need them. */
export function argoEngine(world: Omit<Environment, 'nowMs'> = {}): TemplateEngine {
  return {
    forExpansion: () => argoEngine({ ...world, slowWork: new SlowWork() }),
    bind: (parameters, { mode, types, nowMs }) => {
      if (!mode.goTemplate) return (text) => renderFastTemplate(text, parameters)
      const environment: Environment = { ...world, nowMs }
      // JSON is made of Go values already; only what has another type in Go has to be given it.
      const data = types.reduce<Value>((value, { type, path }) => typedAt(value, path, type), parameters as GoMap) as JsonObject
      return (text) => renderGoTemplate(text, data, mode.goTemplateOptions, environment)
    },
  }
}

function typedAt(value: Value, path: GoType['path'], type: GoType['type']): Value {
  const [key, ...rest] = path
  if (key === undefined) return typed(value, type)
  if (key === '*') return Array.isArray(value) ? (value as readonly Value[]).map((item) => typedAt(item, rest, type)) : value
  if (!isJsonObject(value) || !Object.hasOwn(value, key)) return value
  return { ...(value as GoMap), [key]: typedAt((value as GoMap)[key], rest, type) }
}

/** A value that turned out to be something else keeps the type that it has. */
function typed(value: Value, type: GoType['type']): Value {
  switch (type) {
    case 'map[string]string':
      return isTextMap(value) ? new StringMap(new Map(Object.entries(value))) : value
    case '[]string':
      // What Go's hosts give without labels: a nil slice, which is empty and not nil.
      if (value === null) return new List('string', [], true)
      return isTextList(value) ? strings([...value]) : value
    case 'int64':
      return typeof value === 'number' && Number.isSafeInteger(value) ? int64(BigInt(value)) : value
  }
}

function isTextMap(value: Value): value is { [key: string]: string } {
  return isJsonObject(value) && !(value instanceof StringMap) && Object.values(value).every((item) => typeof item === 'string')
}

function isTextList(value: Value): value is readonly string[] {
  return Array.isArray(value) && (value as readonly Value[]).every((item) => typeof item === 'string')
}
