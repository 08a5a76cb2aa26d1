import { FleetError } from '../fleet/errors.ts'
import { mapBounded } from '../fleet/map-bounded.ts'
import { gitFileMatcher } from '../generators/git-file-glob.ts'
import type { GitDirectoriesAnswer, GitDirectoriesRequest, GitFilesAnswer, GitFilesRequest } from '../generators/requests.ts'
import type { Repositories, RepositoryAccess, TreeEntry } from '../repos/repository.ts'
import type { Commits } from './versions.ts'

/** Files that one pattern may match, and their size together, in bytes. */
const filesMax = 20_000
const filesBytesMax = 64 * 1024 * 1024
/** What all answers of one pass hold together: a matrix may ask for as many revisions as there are pull requests. */
const passBytesMax = 256 * 1024 * 1024
const passPathsMax = 2_000_000
/** Trees of one pass that are kept, the last used ones: one may have 200,000 entries. */
const treesMax = 8
const readAtOnce = 16
/** Symlinks that lead to symlinks. */
const hopsMax = 8

export interface GitAnswers {
  readonly directories: (request: GitDirectoriesRequest) => Promise<GitAnswer<GitDirectoriesAnswer>>
  readonly files: (request: GitFilesRequest) => Promise<GitAnswer<GitFilesAnswer>>
}

export interface GitAnswer<T> {
  readonly value: T
  readonly proof: string
}

/** Answers the questions of git generators for one pass: each revision is resolved once, and its tree listed once while it is among the last used. Throws FleetError. */
export function gitAnswers({ repositories, commits }: { readonly repositories: Repositories; readonly commits: Commits }): GitAnswers {
  const trees = new Map<string, Promise<readonly TreeEntry[]>>()

  const held = { paths: 0, bytes: 0 }

  function hold(paths: number, bytes: number): void {
    held.paths += paths
    held.bytes += bytes
    if (held.paths > passPathsMax || held.bytes > passBytesMax)
      throw new FleetError(
        'LIMIT_EXCEEDED',
        `the git generators of one pass would hold more than ${passPathsMax} paths or ${passBytesMax} bytes: narrow their patterns, or split the set`,
      )
  }

  async function treeOf(repoURL: string, revision: string) {
    const { access, commit } = await commits(repoURL, revision)
    const key = `${access.url} ${commit}`
    const tree = trees.get(key) ?? repositories.listTree(access, commit, '')
    trees.delete(key)
    trees.set(key, tree)
    for (const oldest of trees.keys()) {
      if (trees.size <= treesMax) break
      trees.delete(oldest)
    }
    return { access, commit, entries: await tree, proof: `${repoURL} at ${commit.slice(0, 8)}` }
  }

  return {
    directories: async ({ repoURL, revision }) => {
      const { entries, proof } = await treeOf(repoURL, revision)
      const directories = entries.filter(({ kind }) => kind === 'directory').map(({ path }) => path)
      hold(directories.length, 0)
      return { value: { directories }, proof }
    },

    files: async ({ repoURL, revision, pattern, globbing, contents }) => {
      const { access, commit, entries, proof } = await treeOf(repoURL, revision)
      const matches = gitFileMatcher(pattern, globbing)
      const found = entries.filter(({ kind, path }) => (kind === 'file' || kind === 'symlink') && matches(path))
      if (found.length > filesMax)
        throw new FleetError(
          'LIMIT_EXCEEDED',
          `${JSON.stringify(pattern)} matches ${found.length} files of ${repoURL}: at most ${filesMax} are read`,
        )
      hold(found.length, 0)
      if (!contents) return { value: { files: Object.fromEntries(found.map(({ path }) => [path, ''])) }, proof }
      const files = await readAll(repositories, { access, commit, entries }, found, (bytes) => hold(0, bytes))
      return { value: { files }, proof }
    },
  }
}

interface Tree {
  readonly access: RepositoryAccess
  readonly commit: string
  readonly entries: readonly TreeEntry[]
}

async function readAll(
  repositories: Repositories,
  tree: Tree,
  found: readonly TreeEntry[],
  hold: (bytes: number) => void,
): Promise<Readonly<Record<string, string>>> {
  const kinds = new Map(tree.entries.map(({ path, kind }) => [path, kind]))
  let bytes = 0
  const texts = await mapBounded(found, readAtOnce, async ({ path }) => {
    const content = await repositories.readFile(tree.access, tree.commit, await targetOf(repositories, tree, kinds, path))
    bytes += content.byteLength
    if (bytes > filesBytesMax) throw new FleetError('LIMIT_EXCEEDED', `the files of one pattern hold more than ${filesBytesMax} bytes`)
    hold(content.byteLength)
    return [path, Buffer.from(content).toString('utf8')] as const
  })
  return Object.fromEntries(texts)
}

/** The file that is read for a path: itself, or what a symlink leads to, which has to be a file of the repository. */
async function targetOf(
  repositories: Repositories,
  { access, commit }: Tree,
  kinds: ReadonlyMap<string, TreeEntry['kind']>,
  path: string,
): Promise<string> {
  let target = path
  for (let hops = 0; kinds.get(target) === 'symlink'; hops++) {
    const link = Buffer.from(await repositories.readFile(access, commit, target)).toString('utf8')
    const next = hops === hopsMax ? null : resolved(target, link)
    if (next === null || !(kinds.get(next) === 'file' || kinds.get(next) === 'symlink'))
      throw new FleetError(
        'GIT_NOT_FOUND',
        `the symlink ${JSON.stringify(path)} of ${access.url} does not lead to a file of the repository`,
      )
    target = next
  }
  return target
}

/** Where a link in a file's directory leads; null when that is outside of the repository. */
function resolved(path: string, link: string): string | null {
  if (link.startsWith('/')) return null
  const segments = path.split('/').slice(0, -1)
  for (const segment of link.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') segments.push(segment)
    else if (segments.pop() === undefined) return null
  }
  return segments.join('/')
}
