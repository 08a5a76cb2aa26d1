import { createHash } from 'node:crypto'
import { FleetError } from '../../../fleet/errors.ts'
import type { SourceTree } from '../../../rendering/source-tree.ts'
import type { Repositories, TreeEntry } from '../../../repos/repository.ts'

/** A file's text, or where a symlink leads, or a submodule. */
export type MemoryFile = string | { readonly link: string } | { readonly submodule: true }
export type MemoryFiles = Readonly<Record<string, MemoryFile>>

const hash = (text: string) => createHash('sha1').update(text).digest('hex')

function contentOf(file: MemoryFile): string {
  return typeof file === 'string' ? file : 'link' in file ? file.link : ''
}

/** Commits in memory: an object's id depends on its content only, as in Git. */
export function memoryRepositories(commits: Readonly<Record<string, MemoryFiles>>): Repositories {
  const filesOf = (commit: string): MemoryFiles => commits[commit] ?? {}
  const below = (files: MemoryFiles, path: string) => Object.keys(files).filter((name) => path === '' || name.startsWith(`${path}/`))
  const idOf = (files: MemoryFiles, path: string): string | null => {
    const file = files[path]
    if (file !== undefined) return hash(JSON.stringify(file))
    const names = below(files, path).sort()
    return names.length === 0
      ? null
      : hash(JSON.stringify(names.map((name) => [path === '' ? name : name.slice(path.length + 1), files[name]])))
  }
  const kindOf = (file: MemoryFile | undefined): TreeEntry['kind'] =>
    file === undefined ? 'directory' : typeof file === 'string' ? 'file' : 'link' in file ? 'symlink' : 'submodule'
  return {
    listRefs: async () => new Map(),
    fetchCommit: async () => undefined,
    objectIdAt: async (_, commit, path) => idOf(filesOf(commit), path),
    listTree: async (_, commit, path, { recursive = true } = {}) => {
      const files = filesOf(commit)
      if (files[path] !== undefined || below(files, path).length === 0) throw new FleetError('GIT_NOT_FOUND', `no directory ${path}`)
      const paths = new Set<string>()
      for (const name of below(files, path)) {
        const segments = (path === '' ? name : name.slice(path.length + 1)).split('/')
        for (let length = 1; length <= (recursive ? segments.length : 1); length++) paths.add(segments.slice(0, length).join('/'))
      }
      return [...paths].sort().map((entry) => {
        const at = path === '' ? entry : `${path}/${entry}`
        return { path: entry, kind: kindOf(files[at]), objectId: idOf(files, at) ?? '' }
      })
    },
    readFile: async (_, commit, path) => {
      const file = filesOf(commit)[path]
      if (file === undefined) throw new FleetError('GIT_NOT_FOUND', `no file ${path}`)
      return Buffer.from(contentOf(file))
    },
  }
}

export const memoryAccess = { url: 'https://git.example.com/team/apps', credentials: null }

export function memoryTree(files: MemoryFiles): SourceTree {
  return { repositories: memoryRepositories({ only: files }), access: memoryAccess, commit: 'only' }
}

export async function failure(work: Promise<unknown> | (() => unknown)): Promise<FleetError> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    if (error instanceof FleetError) return error
    throw error
  }
  throw new Error('it should have failed')
}
