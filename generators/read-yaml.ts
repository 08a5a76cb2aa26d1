import type { Parsed } from '../fleet/errors.ts'
import { isJsonObject, type Json } from '../fleet/json.ts'
import { FunctionError, LimitError } from './gotemplate/errors.ts'
import { fromJson } from './gotemplate/funcs/json.ts'
import type { Value } from './gotemplate/values.ts'
import { parseYaml } from './gotemplate/yaml/parse.ts'

/**
 * The first document of a text in a Git file, `elementsYaml` or a templatePatch, as Argo CD reads it: by the rules of go-yaml, as `fromYaml` does
 * (ADR 10); null for an empty text. Manifests are read by manifests/, which knows places and is stricter.
 */
export function readYaml(text: string): Parsed<Json> {
  return read(() => parseYaml(text))
}

/** The same, but a text that starts with a brace has to be JSON, as Argo CD has it for a templatePatch. */
export function readYamlOrJson(text: string): Parsed<Json> {
  return text.trimStart().startsWith('{') ? read(() => fromJson(text)) : readYaml(text)
}

function read(parse: () => Value): Parsed<Json> {
  try {
    return { value: plain(parse() as Json), problems: [] }
  } catch (error) {
    if (!(error instanceof FunctionError || error instanceof LimitError)) throw error
    return { value: null, problems: [{ path: '', message: withoutValues(error.message) }] }
  }
}

/** Objects like those of every other source; a key that could change what an object is has no use here. */
function plain(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(plain)
  if (!isJsonObject(value)) return value
  if (Object.hasOwn(value, '__proto__')) throw new FunctionError('a key must not be __proto__')
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item ?? null)]))
}

/** What the text holds may be a secret, and the message goes where others read it. */
function withoutValues(message: string): string {
  return message
    .replace(/^error converting YAML to JSON: /, '')
    .replace(/((?:invalid|unsupported) map key)\b.*$/s, '$1')
    .replaceAll(/ `[^`]*`/g, '')
}
