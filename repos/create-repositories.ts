import { createHash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FleetError, invalidInput } from '../fleet/errors.ts'
import { createGitHttp } from './git-http.ts'
import { defaultRepositoryLimits, type RepositoryLimits } from './limits.ts'
import { bytesIn, CorruptStore, ObjectStore, type StoredEntry } from './object-store.ts'
import { checkPack } from './pack-check.ts'
import type { Repositories, RepositoryAccess, TreeEntry } from './repository.ts'
import { SingleFlight, Slots } from './single-flight.ts'
import { discover, listRefs, requestPack } from './upload-pack.ts'
import { normalizeRepositoryUrl } from './url.ts'

export interface RepositoriesOptions {
  /** Where repositories are kept; one directory each. May be deleted at any time while nothing runs. */
  readonly cacheDir: string
  readonly limits?: Partial<RepositoryLimits>
  /** Told of what was repaired or evicted. */
  readonly log?: { readonly warn: (facts: Readonly<Record<string, unknown>>, message: string) => void }
}

/** Commits that are named to a server as already here, so that it sends only what is new. */
const havesMax = 8
const commitPattern = /^[0-9a-f]{40}$/

export function createRepositories(options: RepositoriesOptions): Repositories {
  const limits = { ...defaultRepositoryLimits, ...options.limits }
  const log = (message: string, facts: Readonly<Record<string, unknown>>): void => options.log?.warn(facts, message)
  const stores = new Map<string, ObjectStore>()
  const lists = new SingleFlight<ReadonlyMap<string, string>>()
  const fetches = new SingleFlight<void>()
  const slots = new Slots(limits.concurrentFetchesMax)
  /** One at a time for each repository. */
  const queues = new Map<string, Slots>()
  let bytesKept: Map<string, number> | null = null

  /** The store of a repository, the last used ones kept open. */
  function storeOf(access: RepositoryAccess): ObjectStore {
    const name = nameOf(access)
    const store = stores.get(name) ?? new ObjectStore(join(options.cacheDir, name), limits)
    stores.delete(name)
    stores.set(name, store)
    let held = 0
    for (const one of stores.values()) held += one.heldBytes
    for (const [other, idle] of stores) {
      if (idle === store || (stores.size <= limits.openRepositoriesMax && held <= limits.heldBytesMax)) break
      held -= idle.heldBytes
      idle.forget()
      stores.delete(other)
    }
    return store
  }

  async function fetchInto(
    store: ObjectStore,
    access: RepositoryAccess,
    commit: string,
    ref: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (await store.has(commit)) return
    const url = requestUrl(access)
    const http = createGitHttp({
      access,
      signal,
      timeoutMs: limits.fetchTimeoutMs,
      stallTimeoutMs: limits.stallTimeoutMs,
      bytesMax: limits.packBytesMax,
    })
    await store.sweep(Date.now())
    if ((await store.packCount()) >= limits.packsMax) await store.empty()
    const advertisement = await discover(http, url)
    const haves = await store.commits(havesMax)
    const attempt = async (want: string, known: readonly string[], depth: number): Promise<boolean> => {
      const pack = await requestPack(advertisement, { http, url, want, haves: known, depth })
      if (pack === null) return false
      await checkPack(pack, access.url, limits)
      signal.throwIfAborted()
      await store.add(pack)
      return isReadable(store, commit)
    }
    let found = await attempt(commit, haves, 1)
    if (!found && advertisement.version === 0) {
      // Servers of the old protocol give out the tips of refs only, unless they are told to do more: look behind the tip.
      const tip = ref === undefined ? undefined : advertisement.refs.get(ref)
      for (let depth = 10; tip !== undefined && !found && depth <= limits.deepenMax; depth *= 10) found = await attempt(tip, [], depth)
    }
    if (!found) {
      throw new FleetError(
        'GIT_NOT_FOUND',
        `${access.url} has no commit ${commit}, or doesn't give it out any more (was it force-pushed away?)`,
        { commit },
      )
    }
    await store.note(commit)
    await store.touch(new Date())
    await evict(nameOf(access))
  }

  const fetchCommit: Repositories['fetchCommit'] = async (access, commit, { ref, signal }) => {
    if (!commitPattern.test(commit))
      throw new FleetError('INVALID_INPUT', `${JSON.stringify(commit)} is not a full commit id of 40 hex digits`)
    const store = storeOf(access)
    if (await store.has(commit)) return
    const name = nameOf(access)
    const queue = queues.get(name) ?? new Slots(1)
    queues.set(name, queue)
    await fetches.run(`${name} ${commit}`, signal, (flight) =>
      queue.run(async () => {
        flight.throwIfAborted()
        await slots
          .run(() => fetchInto(store, access, commit, ref, flight))
          .catch((error: unknown) => {
            if (error instanceof FleetError || flight.aborted) throw error
            throw new FleetError('INTERNAL', `commit ${commit} of ${access.url} can't be kept in ${options.cacheDir}`, {}, { cause: error })
          })
      }),
    )
  }

  /** Reads from a commit; fetches it first if it was evicted, and once more if what is here turns out to be broken. */
  async function reading<T>(access: RepositoryAccess, commit: string, read: (store: ObjectStore, root: string) => Promise<T>): Promise<T> {
    const store = storeOf(access)
    for (let attempt = 1; ; attempt++) {
      await fetchCommit(access, commit, {})
      try {
        return await read(store, await store.rootOf(commit))
      } catch (error) {
        if (!(error instanceof CorruptStore)) throw error
        log('repository cache was broken and is fetched again', { url: access.url, commit, reason: error.message })
        await store.empty()
        if (attempt === 2)
          throw new FleetError('GIT_UNREACHABLE', `the files of ${access.url} at ${commit} can't be read`, {}, { cause: error })
      }
    }
  }

  /** Removes the least recently used repositories until the rest is within bounds. `keep` stays. */
  async function evict(keep: string): Promise<void> {
    bytesKept ??= new Map()
    const sizes = bytesKept
    const directories = (await readdir(options.cacheDir)).filter((name) => /^[0-9a-f]{40}$/.test(name))
    const found = await Promise.all(
      directories.map(async (name) => {
        const directory = join(options.cacheDir, name)
        const used = (await stat(directory).catch(() => null))?.mtimeMs ?? 0
        const bytes = (name === keep ? undefined : sizes.get(name)) ?? (await bytesIn(join(directory, 'objects', 'pack')))
        sizes.set(name, bytes)
        return { name, directory, used, bytes }
      }),
    )
    let [count, bytes] = [found.length, found.reduce((sum, one) => sum + one.bytes, 0)]
    for (const one of found.sort((a, b) => a.used - b.used)) {
      if (count <= limits.cachedRepositoriesMax && bytes <= limits.cacheBytesMax) return
      if (one.name === keep) continue
      log('repository cache is full: the least recently used one goes', { bytes: one.bytes, directory: one.directory })
      const open = stores.get(one.name)
      if (open === undefined) await rm(one.directory, { recursive: true, force: true })
      else await open.empty()
      sizes.delete(one.name)
      count -= 1
      bytes -= one.bytes
    }
  }

  return {
    async listRefs(access, { signal }) {
      return lists.run(nameOf(access), signal, async (flight) => {
        const http = createGitHttp({
          access,
          signal: flight,
          timeoutMs: limits.listTimeoutMs,
          stallTimeoutMs: limits.stallTimeoutMs,
          bytesMax: limits.refsBytesMax,
        })
        return listRefs(http, requestUrl(access))
      })
    },

    fetchCommit,

    async objectIdAt(access, commit, path) {
      return reading(access, commit, async (store, root) => (await entryAt(store, root, path))?.objectId ?? null)
    },

    async listTree(access, commit, path, { recursive = true } = {}) {
      return reading(access, commit, async (store, root) => {
        const entry = await entryAt(store, root, path)
        if (entry?.kind !== 'directory')
          throw new FleetError('GIT_NOT_FOUND', `there is no directory ${quoted(path)} in ${access.url} at ${commit}`)
        const entries: TreeEntry[] = []
        await listInto(store, entry.objectId, '', recursive ? 0 : null, entries)
        return entries.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
      })
    },

    async readFile(access, commit, path) {
      return reading(access, commit, async (store, root) => {
        const entry = await entryAt(store, root, path)
        // A symlink is read as what it says: where it leads to is for the caller to judge.
        if (entry?.kind !== 'file' && entry?.kind !== 'symlink')
          throw new FleetError('GIT_NOT_FOUND', `there is no file ${quoted(path)} in ${access.url} at ${commit}`)
        const bytes = await store.blob(entry.objectId)
        if (bytes.byteLength > limits.fileBytesMax) {
          throw new FleetError('LIMIT_EXCEEDED', `${quoted(path)} is longer than ${limits.fileBytesMax} bytes`, {
            bytesMax: limits.fileBytesMax,
          })
        }
        return bytes
      })
    },
  }

  /** `depth` is null for a listing of one level. */
  async function listInto(store: ObjectStore, tree: string, prefix: string, depth: number | null, into: TreeEntry[]): Promise<void> {
    if (depth !== null && depth > limits.treeDepthMax)
      throw new FleetError('LIMIT_EXCEEDED', `directories are nested deeper than ${limits.treeDepthMax} in ${quoted(prefix)}`)
    for (const { name, kind, objectId } of await store.tree(tree)) {
      const path = `${prefix}${name}`
      into.push({ path, kind, objectId })
      if (into.length > limits.treeEntriesMax)
        throw new FleetError('LIMIT_EXCEEDED', `a directory holds more than ${limits.treeEntriesMax} files`)
      if (kind === 'directory' && depth !== null) await listInto(store, objectId, `${path}/`, depth + 1, into)
    }
  }
}

/** Commits are noted only when they can be read: also a pack from a server that answers with something else. */
async function isReadable(store: ObjectStore, commit: string): Promise<boolean> {
  try {
    await store.tree(await store.rootOf(commit))
    return true
  } catch (error) {
    if (error instanceof CorruptStore) return false
    throw error
  }
}

/** What is at a path below a tree; null when there is nothing. `''` is the tree itself. */
async function entryAt(store: ObjectStore, root: string, path: string): Promise<StoredEntry | null> {
  let entry: StoredEntry = { name: '', kind: 'directory', objectId: root }
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (entry.kind !== 'directory') return null
    const next = (await store.tree(entry.objectId)).find(({ name }) => name === segment)
    if (next === undefined) return null
    entry = next
  }
  return entry
}

/** Directory names by URL as given: asked for with every read. */
const names = new Map<string, string>()
const namesMax = 10_000

/** Directory name of a repository: all its spellings share one. Throws INVALID_INPUT for a URL that isn't supported. */
function nameOf({ url }: RepositoryAccess): string {
  const known = names.get(url)
  if (known !== undefined) return known
  const { value, problems } = normalizeRepositoryUrl(url)
  if (value === null) throw invalidInput('the repository URL', problems)
  const name = createHash('sha256').update(value).digest('hex').slice(0, 40)
  if (names.size >= namesMax) names.clear()
  names.set(url, name)
  return name
}

function requestUrl(access: RepositoryAccess): string {
  return access.url.trim().replace(/\/+$/, '')
}

function quoted(path: string): string {
  return JSON.stringify(path)
}
