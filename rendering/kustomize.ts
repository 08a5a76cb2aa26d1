import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { canonicalJson } from '../fleet/canonical-json.ts'
import { FleetError } from '../fleet/errors.ts'
import type { JsonObject } from '../fleet/json.ts'
import { type ClosureDirectory, kustomizationFileOf, kustomizeClosure } from './closure.ts'
import type { Build } from './directory.ts'
import { parseKustomization } from './kustomization-file.ts'
import { type BuildVariables, type KustomizeParameters, kustomizeParameters } from './kustomize-parameters.ts'
import { runKustomize } from './kustomize-process.ts'
import type { RenderLimits } from './limits.ts'
import { readManifests } from './manifests.ts'
import { withScratch } from './scratch.ts'
import { entryAt, resolvePath, type SourceTree } from './source-tree.ts'

export interface KustomizeTool {
  readonly binary: string
  /** What `kustomize version` prints. */
  readonly version: string
  readonly scratchDir: string
  readonly limits: RenderLimits
  /** Closures already known, by what they depend on: thousands of applications share one. */
  readonly closures: Map<string, Promise<readonly ClosureDirectory[]>>
}

const closuresMax = 500

/**
 * A kustomize build. `source.kustomize` is applied as Argo CD applies it: by `kustomize edit` on the application's own
 * kustomization, so that an image or a prefix of the Application replaces the one in the file, which an overlay on top would
 * not do.
 */
export async function kustomizeBuild(
  tool: KustomizeTool,
  tree: SourceTree,
  path: string,
  spec: JsonObject,
  variables: BuildVariables,
): Promise<Build> {
  const asked = kustomizeParameters(spec, variables)
  const components = await componentPaths(tree, path, asked)
  const parameters = { ...asked, components: asked.components.filter((_, index) => components[index] !== null) }
  const present = components.filter((component) => component !== null)
  const closure = await knownClosure(tool, tree, path, present)
  const read = closure.map((directory) => [directory.path, directory.objectId])
  return {
    contentKey: createHash('sha256')
      .update(canonicalJson({ format: 1, tool: 'kustomize', version: tool.version, path, read, parameters }))
      .digest('hex'),
    tool: 'Kustomize',
    objects: (signal) =>
      withScratch(tool.scratchDir, tree, closure, tool.limits, signal, async (root) => {
        const directory = join(root, path)
        const run = (...args: string[]): Promise<string> =>
          runKustomize({ binary: tool.binary, arguments: args, cwd: directory, scratch: root, limits: tool.limits, signal })
        for (const edit of editsBeforePatches(parameters)) await run('edit', ...edit)
        if (parameters.patches.length > 0) await addPatches(root, await kustomizationFileOf(tree, path, 'source.path'), parameters.patches)
        if (parameters.components.length > 0) await run('edit', 'add', 'component', '--', ...parameters.components)
        const output = await run('build', '--load-restrictor', 'LoadRestrictionsRootOnly', '--enable-helm=false', '.')
        return readManifests(output, `what kustomize built of ${path === '' ? 'the root' : path}`)
      }),
  }
}

/** A closure depends on the files of the repository only, so equal root trees have equal ones. Failures aren't kept. */
async function knownClosure(
  { closures, limits }: KustomizeTool,
  tree: SourceTree,
  path: string,
  components: readonly string[],
): Promise<readonly ClosureDirectory[]> {
  const root = await tree.repositories.objectIdAt(tree.access, tree.commit, '')
  const key = JSON.stringify([root, path, components])
  const known = closures.get(key)
  if (known !== undefined) return known
  const closure = kustomizeClosure(tree, path, components, limits)
  closures.set(key, closure)
  closure.catch(() => closures.delete(key))
  for (const oldest of closures.keys()) {
    if (closures.size <= closuresMax) break
    closures.delete(oldest)
  }
  return closure
}

/** Where the Application's components are; null for one that is missing and may be. */
async function componentPaths(
  tree: SourceTree,
  path: string,
  { components, ignoreMissingComponents }: KustomizeParameters,
): Promise<readonly (string | null)[]> {
  return Promise.all(
    components.map(async (component) => {
      const at = resolvePath(path, component)
      if (at === null)
        throw new FleetError(
          'RENDER_FAILED',
          `source.kustomize.components: ${JSON.stringify(component)} leads out of the repository, which is refused`,
        )
      const entry = await entryAt(tree, at)
      if (entry?.kind === 'directory') return at
      if (ignoreMissingComponents) return null
      throw new FleetError('RENDER_FAILED', `source.kustomize.components: there is no directory ${at} in the repository`)
    }),
  )
}

/** The `kustomize edit` commands that Argo CD runs, in its order. `--` keeps values from being taken for options. */
function editsBeforePatches(parameters: KustomizeParameters): readonly (readonly string[])[] {
  const edits: string[][] = []
  const pairs = (values: Readonly<Record<string, string>>): string[] => Object.entries(values).map(([key, value]) => `${key}:${value}`)
  if (parameters.namePrefix !== '') edits.push(['set', 'nameprefix', '--', parameters.namePrefix])
  if (parameters.nameSuffix !== '') edits.push(['set', 'namesuffix', '--', parameters.nameSuffix])
  if (parameters.images.length > 0) edits.push(['set', 'image', '--', ...parameters.images])
  if (parameters.replicas.length > 0)
    edits.push(['set', 'replicas', '--', ...parameters.replicas.map(({ name, count }) => `${name}=${count}`)])
  const labels = pairs(parameters.commonLabels)
  if (labels.length > 0) {
    const options = [
      ...(parameters.forceCommonLabels ? ['--force'] : []),
      ...(parameters.labelWithoutSelector ? ['--without-selector'] : []),
      ...(parameters.labelIncludeTemplates ? ['--include-templates'] : []),
    ]
    edits.push(['add', 'label', ...options, '--', ...labels])
  }
  const annotations = pairs(parameters.commonAnnotations)
  if (annotations.length > 0)
    edits.push(['add', 'annotation', ...(parameters.forceCommonAnnotations ? ['--force'] : []), '--', ...annotations])
  if (parameters.namespace !== '') edits.push(['set', 'namespace', '--', parameters.namespace])
  return edits
}

/** There is no `kustomize edit` for patches; Argo CD appends them to the file too. */
async function addPatches(root: string, file: string, patches: readonly JsonObject[]): Promise<void> {
  const path = join(root, file)
  const kustomization = parseKustomization(await readFile(path, 'utf8'), file)
  const own = kustomization['patches'] ?? []
  if (!Array.isArray(own)) throw new FleetError('RENDER_FAILED', `${file}: "patches" has to be a list`)
  await writeFile(path, stringify({ ...kustomization, patches: [...own, ...patches] }, { version: '1.1' }))
}
