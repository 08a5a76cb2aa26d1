import { FleetError } from '../fleet/errors.ts'
import { checkPluginConfig, kustomizationNames, parseKustomization, referencesOf, where } from './kustomization-file.ts'
import type { RenderLimits } from './limits.ts'
import { entryAt, isWithin, joinPath, readText, resolvePath, type SourceTree } from './source-tree.ts'

/** A directory whose files a kustomize build may read, with the id of its tree. */
export interface ClosureDirectory {
  readonly path: string
  readonly objectId: string
}

/**
 * The directories that a kustomize build of `path` can read: its own and those of all kustomizations that it refers to, because
 * with the load restrictor a kustomization reads no file from outside its own directory. Sorted; none is within another. Throws
 * RENDER_FAILED, UNSUPPORTED or LIMIT_EXCEEDED for what must not be built.
 */
export async function kustomizeClosure(
  tree: SourceTree,
  path: string,
  components: readonly string[],
  limits: RenderLimits,
): Promise<readonly ClosureDirectory[]> {
  const seen = new Set<string>()
  const directories: ClosureDirectory[] = []
  const pending: { readonly path: string; readonly role: Role; readonly from: string }[] = [
    { path, role: 'resources', from: 'source.path' },
  ]
  for (const component of components) pending.push({ path: component, role: 'resources', from: 'source.kustomize.components' })
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const key = `${next.role} ${next.path}`
    if (seen.has(key)) continue
    seen.add(key)
    if (seen.size > limits.kustomizationsMax)
      throw new FleetError('LIMIT_EXCEEDED', `${path} reaches more than ${limits.kustomizationsMax} kustomizations`)
    const found = await visit(tree, next.path, next.role, next.from)
    directories.push(found.directory)
    pending.push(...found.further)
  }
  return outermost(directories)
}

/** Files that a kustomization in the role of a plugin configuration takes in are configurations too. */
type Role = 'resources' | 'plugins'

/** The kustomization file of a directory. Throws RENDER_FAILED when there is none or more than one. */
export async function kustomizationFileOf(tree: SourceTree, directory: string, from: string): Promise<string> {
  const entries = await tree.repositories.listTree(tree.access, tree.commit, directory, { recursive: false })
  const names = kustomizationNames.filter((name) => entries.some((entry) => entry.path === name && entry.kind === 'file'))
  const [name] = names
  if (name === undefined)
    throw new FleetError('RENDER_FAILED', `${from}: there is no kustomization.yaml in ${directory === '' ? 'the root' : directory}`)
  if (names.length > 1) throw new FleetError('RENDER_FAILED', `${from}: ${directory} has more than one kustomization: ${names.join(', ')}`)
  return joinPath(directory, name)
}

async function visit(tree: SourceTree, directory: string, role: Role, from: string) {
  const own = await entryAt(tree, directory)
  if (own?.kind !== 'directory') throw new FleetError('RENDER_FAILED', `${from}: there is no directory ${directory}`)
  const file = await kustomizationFileOf(tree, directory, from)
  const text = await readText(tree, file)
  const references = referencesOf(parseKustomization(text, file), text, file)
  const further: { readonly path: string; readonly role: Role; readonly from: string }[] = []
  const refer = async (reference: string, as: Role): Promise<void> => {
    const at = where(text, reference, file)
    const path = resolvePath(directory, reference)
    if (path === null)
      throw new FleetError('RENDER_FAILED', `${at}: ${JSON.stringify(reference)} leads out of the repository, which is refused`)
    const entry = await entryAt(tree, path)
    if (entry === null) throw new FleetError('RENDER_FAILED', `${at}: there is no ${path} in the repository`)
    if (entry.kind === 'submodule') throw new FleetError('UNSUPPORTED', `${at}: ${path} is a submodule, and submodules are not supported`)
    if (entry.kind === 'directory') {
      further.push({ path, role: as, from: at })
      return
    }
    if (!isWithin(path, directory)) {
      throw new FleetError(
        'RENDER_FAILED',
        `${at}: ${path} is a file outside of the kustomization's directory, which kustomize refuses; refer to a directory with a kustomization`,
      )
    }
    if (as === 'plugins') checkPluginConfig(await readText(tree, path), path)
  }
  for (const reference of references.resources) await refer(reference, role)
  for (const reference of references.plugins) await refer(reference, 'plugins')
  return { directory: { path: directory, objectId: own.objectId }, further }
}

function outermost(directories: readonly ClosureDirectory[]): readonly ClosureDirectory[] {
  const kept: ClosureDirectory[] = []
  for (const directory of directories.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    if (!kept.some((outer) => isWithin(directory.path, outer.path))) kept.push(directory)
  }
  return kept
}
