import { isJsonObject, type JsonObject } from '../fleet/json.ts'
import type { StringMapPath } from './generator.ts'
import type { Environment } from './gotemplate/environment.ts'
import { renderFastTemplate } from './gotemplate/fasttemplate.ts'
import { renderGoTemplate } from './gotemplate/template.ts'
import { type GoMap, StringMap, type Value } from './gotemplate/values.ts'
import type { TemplateEngine } from './template-engine.ts'

/** Argo CD's two template languages. `world`: randomness and cryptography for the functions that need them. */
export function argoEngine(world: Omit<Environment, 'nowMs'> = {}): TemplateEngine {
  return {
    bind: (parameters, { mode, stringMaps, nowMs }) => {
      if (!mode.goTemplate) return (text) => renderFastTemplate(text, parameters)
      const environment: Environment = { ...world, nowMs }
      // JSON is made of Go values already; only what is a map[string]string in Go has to be made one.
      const data = stringMaps.reduce<Value>((value, path) => withStringMap(value, path), parameters as GoMap) as JsonObject
      return (text) => renderGoTemplate(text, data, mode.goTemplateOptions, environment)
    },
  }
}

function withStringMap(value: Value, path: StringMapPath): Value {
  const [key, ...rest] = path
  if (key === undefined) return isTextMap(value) ? new StringMap(new Map(Object.entries(value))) : value
  if (key === '*') return Array.isArray(value) ? (value as readonly Value[]).map((item) => withStringMap(item, rest)) : value
  if (!isJsonObject(value) || !Object.hasOwn(value, key)) return value
  return { ...(value as GoMap), [key]: withStringMap((value as GoMap)[key], rest) }
}

function isTextMap(value: Value): value is { [key: string]: string } {
  return isJsonObject(value) && !(value instanceof StringMap) && Object.values(value).every((item) => typeof item === 'string')
}
