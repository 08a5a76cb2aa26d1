import { FleetError } from '../fleet/errors.ts'
import type { Repositories, RepositoryAccess, TreeEntry } from '../repos/repository.ts'

/** A symlink's target is short; anything longer isn't one. */
const linkBytesMax = 4096

/** One commit of one repository, as the renderers read it. Paths are normal: no `.`, no `..`, `''` for the root. */
export interface SourceTree {
  readonly repositories: Repositories
  readonly access: RepositoryAccess
  readonly commit: string
}

/** What is at a path; null when there is nothing, or when a directory on the way is a symlink. */
export async function entryAt(tree: SourceTree, path: string): Promise<TreeEntry | null> {
  const at = path.lastIndexOf('/')
  const [parent, name] = [path.slice(0, Math.max(0, at)), path.slice(at + 1)]
  if ((await tree.repositories.objectIdAt(tree.access, tree.commit, path)) === null) return null
  if (path === '')
    return { path: '', kind: 'directory', objectId: (await tree.repositories.objectIdAt(tree.access, tree.commit, '')) ?? '' }
  const siblings = await tree.repositories.listTree(tree.access, tree.commit, parent, { recursive: false })
  return siblings.find((entry) => entry.path === name) ?? null
}

export async function readText(tree: SourceTree, path: string): Promise<string> {
  return Buffer.from(await tree.repositories.readFile(tree.access, tree.commit, path)).toString('utf8')
}

/**
 * Where a symlink leads to, within the repository. Throws RENDER_FAILED when it leads out of it. Null when nothing, a directory or
 * another symlink is there: chains are not followed.
 */
export async function followLink(tree: SourceTree, path: string): Promise<{ readonly path: string; readonly objectId: string } | null> {
  const target = await readText(tree, path)
  if (target.length > linkBytesMax) throw new FleetError('RENDER_FAILED', `${path}: the symlink is broken`)
  const resolved = resolvePath(parentOf(path), target)
  if (resolved === null) throw new FleetError('RENDER_FAILED', `${path}: the symlink leads out of the repository, which is refused`)
  const entry = await entryAt(tree, resolved)
  return entry?.kind === 'file' ? { path: resolved, objectId: entry.objectId } : null
}

/** The path that `relative` means from a directory; null when it is absolute or leaves the repository. */
export function resolvePath(directory: string, relative: string): string | null {
  if (relative.startsWith('/') || relative.includes('\0') || relative.includes('\\')) return null
  const segments = directory === '' ? [] : directory.split('/')
  for (const segment of relative.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') segments.push(segment)
    else if (segments.pop() === undefined) return null
  }
  return segments.join('/')
}

export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** Whether a path is a directory or below it. */
export function isWithin(path: string, directory: string): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`)
}
