import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { ask, incomplete } from './ask.ts'
import type { GeneratorEnvironment } from './environment.ts'
import { listOf, objectOf, readTexts, textOf } from './fields.ts'
import type { Generator, GeneratorInputs, GeneratorResult, GoType, Parameters, TemplateMode } from './generator.ts'
import { gitFilePatternProblem } from './git-file-glob.ts'
import { directoryParameters, fileParameters, pathTypes } from './git-parameters.ts'
import { pathMatcher } from './glob.ts'
import type { GitDirectoriesRequest, GitFilesRequest } from './requests.ts'
import { appendValues } from './values.ts'

interface PathItem {
  readonly path: string
  readonly exclude: boolean
}

/**
 * `git`: one set of parameters for each directory, or for each object in the files, that the patterns match. Follows Argo CD: `directories` win
 * over `files`; directory patterns are Go's path.Match, hidden directories are never among them, excludes win whatever their order; each
 * file counts once, in the order of paths. A file that can't be read is left out and named; Argo CD would fail the whole set.
 */
export function gitGenerator(environment: GeneratorEnvironment): Generator {
  return {
    field: 'git',
    expand: (spec, mode, inputs, path) => {
      const fields = objectOf(spec)
      const directories = pathItems(fields.directories)
      const files = pathItems(fields.files)
      if (textOf(fields.repoURL) === '') return incomplete(`${path}.repoURL`, 'is required')
      if (directories.length > 0) return expandDirectories(fields, directories, { environment, mode, inputs, path })
      if (files.length > 0) return expandFiles(fields, files, { environment, mode, inputs, path })
      return incomplete(path, 'needs directories or files')
    },
  }
}

interface Context {
  readonly environment: GeneratorEnvironment
  readonly mode: TemplateMode
  readonly inputs: GeneratorInputs
  readonly path: string
}

function pathItems(value: Json | undefined): readonly PathItem[] {
  return listOf(value)
    .filter(isJsonObject)
    .map((item) => ({ path: textOf(item.path), exclude: item.exclude === true }))
}

function source(fields: JsonObject, inputs: GeneratorInputs) {
  return { repoURL: textOf(fields.repoURL), revision: textOf(fields.revision), project: inputs.project === undefined ? '' : inputs.project }
}

function expandDirectories(fields: JsonObject, items: readonly PathItem[], context: Context): GeneratorResult {
  const { inputs, mode, path } = context
  const request: GitDirectoriesRequest = { kind: 'gitDirectories', ...source(fields, inputs) }
  const asked = ask(inputs, [request], (value) => readTexts(objectOf(value).directories), path)
  if (asked.outcome === 'ended') return asked.result
  if (asked.outcome === 'notFound') return incomplete(path, asked.error)
  const patterns = items.map(({ path: pattern, exclude }) => ({ matches: pathMatcher(pattern), exclude }))
  const all = asked.values.flat().filter((directory) => !directory.split('/').some((segment) => segment.startsWith('.')))
  const found = all.filter((directory) => {
    const matching = patterns.filter(({ matches }) => matches(directory))
    return matching.length > 0 && !matching.some(({ exclude }) => exclude)
  })
  const prefix = textOf(fields.pathParamPrefix)
  const sets = found.map((directory) => ({ name: `directory ${directory}`, parameters: directoryParameters(directory, prefix, mode) }))
  return finish(sets, [], `${found.length} of ${all.length} directories, ${asked.proofs.join('; ')}`, fields, context)
}

function expandFiles(fields: JsonObject, items: readonly PathItem[], context: Context): GeneratorResult {
  const { inputs, mode, path } = context
  const globbing = inputs.gitFileGlobbing ?? 'pathspec'
  const bad = items.flatMap(({ path: pattern }, index): readonly Problem[] => {
    const message = gitFilePatternProblem(pattern, globbing)
    return message === null ? [] : [{ path: `${path}.files[${index}].path`, message }]
  })
  if (bad.length > 0) return { outcome: 'incomplete', problems: bad }
  const requests = items.map(
    ({ path: pattern, exclude }): GitFilesRequest => ({
      kind: 'gitFiles',
      ...source(fields, inputs),
      pattern,
      globbing,
      contents: !exclude,
    }),
  )
  const asked = ask(inputs, requests, readFiles, path)
  if (asked.outcome === 'ended') return asked.result
  if (asked.outcome === 'notFound') return incomplete(path, asked.error)
  const contents = new Map<string, string>()
  for (const [index, item] of items.entries())
    if (!item.exclude) for (const [file, text] of asked.values[index] ?? []) contents.set(file, text)
  for (const [index, item] of items.entries()) if (item.exclude) for (const [file] of asked.values[index] ?? []) contents.delete(file)

  const sets: NamedParameters[] = []
  const leftOut: Problem[] = []
  const paths = [...contents.keys()].toSorted()
  for (const file of paths) {
    const { value, problems } = fileParameters(file, contents.get(file) ?? '', textOf(fields.pathParamPrefix), mode)
    for (const problem of problems) leftOut.push({ path, message: `file ${file} of ${textOf(fields.repoURL)}: ${problem}` })
    for (const parameters of value) sets.push({ name: `file ${file}`, parameters })
  }
  return finish(sets, leftOut, `${paths.length} files, ${[...new Set(asked.proofs)].join('; ')}`, fields, context)
}

function readFiles(value: Json): readonly (readonly [string, string])[] | null {
  const { files } = objectOf(value)
  if (!isJsonObject(files)) return null
  const entries = Object.entries(files)
  return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string') ? entries : null
}

interface NamedParameters {
  /** What it is, for problems. */
  readonly name: string
  readonly parameters: Parameters
}

function finish(
  sets: readonly NamedParameters[],
  problems: readonly Problem[],
  proof: string,
  fields: JsonObject,
  context: Context,
): GeneratorResult {
  const { environment, mode, inputs, path } = context
  const types: readonly GoType[] = [...pathTypes(textOf(fields.pathParamPrefix)), { type: 'map[string]string', path: ['values'] }]
  const parameters: Parameters[] = []
  const leftOut = [...problems]
  for (const one of sets) {
    const values = { mode, types, nowMs: inputs.nowMs, outer: inputs.outer }
    const result = appendValues(fields.values, one.parameters, values, environment.engine, path)
    for (const problem of result.problems) leftOut.push({ ...problem, message: `${one.name}: ${problem.message}` })
    if (result.problems.length === 0) parameters.push(result.parameters)
  }
  return { outcome: 'complete', parameters, leftOut, proof, types }
}
