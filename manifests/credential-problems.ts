import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { holdsCredentials } from '../fleet/set/application-problems.ts'
import { formatPath } from './path.ts'

const message =
  'holds a user name or password, which everybody would see who may read the set or its applications: give the credentials apart from it'
const url = /[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi

type Keys = readonly (string | number)[]

/**
 * URLs with credentials in what a set gives its generators (repositories, addresses, elements of lists, values), in the repositories of its
 * templates, and in its templatePatch, each with its path. Other fields of the templates are the user's own.
 */
export function credentialProblems(spec: JsonObject): readonly Problem[] {
  return [
    ...generatorProblems(spec.generators ?? null, ['spec', 'generators']),
    ...sourceProblems(spec.template, ['spec', 'template']),
    ...patchProblems(spec.templatePatch),
  ]
}

function generatorProblems(value: Json, keys: Keys): readonly Problem[] {
  if (typeof value === 'string') return textProblems(value, keys)
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item, index) => generatorProblems(item, [...keys, index]))
  if (!isJsonObject(value)) return []
  // The template of a generator, also of one in a matrix; in an element it is a name like any other.
  const isGenerator = keys.at(-3) === 'generators' && !keys.includes('elements')
  return Object.entries(value).flatMap(([key, member]) =>
    isGenerator && key === 'template' ? sourceProblems(member, [...keys, key]) : generatorProblems(member ?? null, [...keys, key]),
  )
}

/** `elementsYaml` and the like: any URL in the text. */
function textProblems(text: string, keys: Keys): readonly Problem[] {
  const lines = text.split('\n')
  const at = lines.findIndex((line) => (line.match(url) ?? []).some(holdsCredentials))
  if (at < 0) return []
  const where = lines.length > 1 ? `line ${at + 1} ` : ''
  return [{ path: formatPath(keys), message: `${where}${message}` }]
}

function sourceProblems(template: Json | undefined, keys: Keys): readonly Problem[] {
  const spec = isJsonObject(template) && isJsonObject(template.spec) ? template.spec : {}
  const sources = Array.isArray(spec.sources) ? (spec.sources as readonly Json[]) : []
  const at: readonly (readonly [Json | undefined, Keys])[] = [
    [spec.source, ['source']],
    ...sources.map((source, index) => [source, ['sources', index]] as const),
  ]
  return at.flatMap(([source, path]) =>
    isJsonObject(source) && typeof source.repoURL === 'string' && holdsCredentials(source.repoURL)
      ? [{ path: formatPath([...keys, 'spec', ...path, 'repoURL']), message }]
      : [],
  )
}

/** The patch is a text until it is rendered: lines that give a repository. */
function patchProblems(patch: Json | undefined): readonly Problem[] {
  const lines = typeof patch === 'string' ? patch.split('\n') : []
  const at = lines.findIndex((line) => line.includes('repoURL') && (line.match(url) ?? []).some(holdsCredentials))
  return at < 0 ? [] : [{ path: 'spec.templatePatch', message: `line ${at + 1} ${message}` }]
}
