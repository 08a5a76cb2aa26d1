import type { ApplicationSource } from '../fleet/application.ts'
import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { kustomizationNames } from './kustomization-file.ts'
import { entryAt, joinPath, readText, resolvePath, type SourceTree } from './source-tree.ts'
import { readYaml } from './yaml.ts'

export type SourceType = 'Directory' | 'Kustomize'

const helmLater = 'Helm charts come with a later release; until then render the chart to a directory of manifests'

/** The source's path, normal. Throws INVALID_INPUT or UNSUPPORTED for a source that isn't a directory of a repository. */
export function pathOf(source: ApplicationSource): string {
  if (source.chart !== undefined && source.chart !== '') throw new FleetError('UNSUPPORTED', `source.chart is not supported: ${helmLater}`)
  if (source.path === undefined || source.path === '')
    throw new FleetError('INVALID_INPUT', 'source.path is needed; "." is the root of the repository')
  const path = resolvePath('', source.path)
  if (path === null)
    throw new FleetError('INVALID_INPUT', `source.path ${JSON.stringify(source.path)} has to be a relative path within the repository`)
  return path
}

/**
 * The tool of a source: the one that it names, else what lies at its path, as Argo CD decides. Throws UNSUPPORTED for Helm and
 * plugins, INVALID_INPUT when it names several, GIT_NOT_FOUND when there is nothing at the path.
 */
export async function sourceTypeOf(tree: SourceTree, path: string, source: ApplicationSource): Promise<SourceType> {
  const named = (['kustomize', 'helm', 'directory', 'plugin'] as const).filter((tool) => source[tool] !== undefined)
  if (named.length > 1) throw new FleetError('INVALID_INPUT', `the source names several tools, ${named.join(' and ')}: keep one`)
  const entry = await entryAt(tree, path)
  if (entry?.kind !== 'directory')
    throw new FleetError('GIT_NOT_FOUND', `there is no directory ${JSON.stringify(path)} in ${tree.access.url} at ${tree.commit}`)
  switch (named[0]) {
    case 'helm':
      throw new FleetError('UNSUPPORTED', `source.helm is not supported: ${helmLater}`)
    case 'plugin':
      throw new FleetError(
        'UNSUPPORTED',
        'source.plugin is not supported: config management plugins run programs of their own; use kustomize or a plain directory',
      )
    case 'kustomize':
      return 'Kustomize'
    case 'directory':
      return 'Directory'
    default: {
      const entries = await tree.repositories.listTree(tree.access, tree.commit, path, { recursive: false })
      const has = (name: string): boolean => entries.some((one) => one.path === name)
      if (kustomizationNames.some(has)) return 'Kustomize'
      if (has('Chart.yaml')) throw new FleetError('UNSUPPORTED', `${joinPath(path, 'Chart.yaml')} makes this a Helm chart: ${helmLater}`)
      return 'Directory'
    }
  }
}

/**
 * The source with what `.argocd-source.yaml` and `.argocd-source-<application>.yaml` at its path say merged over it (JSON merge
 * patch), as Argo CD does. Only the tools' parameters can be changed so, never the repository, revision or path.
 */
export async function withOverrides(
  tree: SourceTree,
  path: string,
  source: ApplicationSource,
  applicationName: string,
): Promise<ApplicationSource> {
  let merged: ApplicationSource = source
  for (const name of ['.argocd-source.yaml', `.argocd-source-${applicationName}.yaml`]) {
    const file = joinPath(path, name)
    if (name.includes('/') || (await entryAt(tree, file))?.kind !== 'file') continue
    const { documents, problems } = readYaml(await readText(tree, file))
    const [problem] = problems
    if (problem !== undefined) throw new FleetError('RENDER_FAILED', `${file}:${problem.line ?? 1}: ${problem.message}`)
    const patch = documents[0]?.value ?? {}
    if (!isJsonObject(patch)) throw new FleetError('RENDER_FAILED', `${file}: has to be a map`)
    const { directory, kustomize, helm, plugin, ...others } = merged
    const tools = mergePatch({ directory: { ...directory }, kustomize: { ...kustomize }, helm: { ...helm }, plugin: { ...plugin } }, patch)
    merged = { ...others, ...toolsOf(tools, patch, merged) }
  }
  return merged
}

function toolsOf(
  tools: JsonObject,
  patch: JsonObject,
  before: ApplicationSource,
): Pick<ApplicationSource, 'directory' | 'kustomize' | 'helm' | 'plugin'> {
  const value = (tool: 'directory' | 'kustomize' | 'helm' | 'plugin'): JsonObject | null => {
    const merged = tools[tool]
    return (before[tool] !== undefined || patch[tool] !== undefined) && isJsonObject(merged) ? merged : null
  }
  const [directory, kustomize, helm, plugin] = [value('directory'), value('kustomize'), value('helm'), value('plugin')]
  return {
    ...(directory === null ? {} : { directory: directoryOptions(directory) }),
    ...(kustomize === null ? {} : { kustomize }),
    ...(helm === null ? {} : { helm }),
    ...(plugin === null ? {} : { plugin }),
  }
}

function directoryOptions({ recurse, include, exclude, jsonnet }: JsonObject): NonNullable<ApplicationSource['directory']> {
  return {
    ...(typeof recurse === 'boolean' ? { recurse } : {}),
    ...(typeof include === 'string' ? { include } : {}),
    ...(typeof exclude === 'string' ? { exclude } : {}),
    ...(isJsonObject(jsonnet) ? { jsonnet } : {}),
  }
}

/** RFC 7386. */
function mergePatch(target: Json | undefined, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(isJsonObject(target) ? target : {}))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, isJsonObject(value) ? mergePatch(merged.get(key), value) : value)
  }
  return Object.fromEntries(merged)
}
