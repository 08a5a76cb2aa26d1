import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { flatten } from './combine.ts'
import type { GoType, Parameters, TemplateMode } from './generator.ts'
import { normalizeName } from './normalize.ts'
import { readYaml } from './read-yaml.ts'

/** `path` and its parts for a directory. With a prefix they stand below it, so that two git generators don't meet. */
export function directoryParameters(directory: string, prefix: string, mode: TemplateMode): Parameters {
  return withPath({}, directory, null, prefix, mode)
}

/**
 * What one file gives: each object of a list, or the one object, and `path` over it. An empty file gives `path` alone, an empty list nothing.
 * `problems` say why a file can't be used.
 */
export function fileParameters(
  file: string,
  text: string,
  prefix: string,
  mode: TemplateMode,
): { readonly value: readonly Parameters[]; readonly problems: readonly string[] } {
  const { value: json, problems } = readYaml(text)
  if (problems.length > 0) return { value: [], problems: problems.map(({ message }) => message) }
  const found = Array.isArray(json) ? (json as readonly Json[]) : [json]
  const objects = found.map((item) => (item === null ? {} : item))
  if (!objects.every(isJsonObject)) return { value: [], problems: ['must hold an object, or a list of objects'] }
  const slash = file.lastIndexOf('/')
  const directory = slash < 0 ? '.' : file.slice(0, slash)
  return { value: objects.map((object) => withPath(object, directory, file.slice(slash + 1), prefix, mode)), problems: [] }
}

/** Segments are a []string in Go. */
export function pathTypes(prefix: string): readonly GoType[] {
  return [{ type: '[]string', path: [...(prefix === '' ? [] : [prefix]), 'path', 'segments'] }]
}

function withPath(own: JsonObject, directory: string, filename: string | null, prefix: string, mode: TemplateMode): Parameters {
  const basename = directory.slice(directory.lastIndexOf('/') + 1)
  const parts = {
    path: directory,
    basename,
    basenameNormalized: normalizeName(basename),
    ...(filename === null ? {} : { filename, filenameNormalized: normalizeName(filename) }),
  }
  const segments = directory.split('/')
  if (mode.goTemplate) {
    const path = { ...parts, segments }
    return { ...own, ...(prefix === '' ? { path } : { [prefix]: { path } }) }
  }
  const name = prefix === '' ? 'path' : `${prefix}.path`
  const flat: [string, string][] = Object.entries(parts).map(([key, text]) => [key === 'path' ? name : `${name}.${key}`, text])
  for (const [index, segment] of segments.entries()) if (segment !== '') flat.push([`${name}[${index}]`, segment])
  return { ...flatten(own), ...Object.fromEntries(flat) }
}
