import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import git from 'isomorphic-git'
import type { RepositoryLimits } from './limits.ts'

export interface StoredEntry {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'symlink' | 'submodule'
  readonly objectId: string
}

/** What was read isn't what it ought to be, or is gone: the store has to be emptied and filled anew. */
export class CorruptStore extends Error {}

const kinds: Readonly<Record<string, StoredEntry['kind']>> = {
  '040000': 'directory',
  '40000': 'directory',
  '100644': 'file',
  '100755': 'file',
  '100664': 'file',
  '120000': 'symlink',
  '160000': 'submodule',
}

/** Pieces left behind by a killed process are older than this. */
const strayAgeMs = 3_600_000

/**
 * The packs of one repository in one directory, and what was read of them. A pack comes in whole: it is written and indexed aside and then
 * moved in, the index last, and the commit is noted after that. So a kill at any moment leaves at most rubbish that nobody reads.
 */
export class ObjectStore {
  readonly directory: string
  readonly #limits: RepositoryLimits
  /** isomorphic-git's; thrown away when much was read, because it never shrinks. */
  #cache: object = {}
  #bytesRead = 0
  /** Null until something was read: then isomorphic-git holds the packs. */
  #packBytes: number | null = null
  #trees = new Map<string, readonly StoredEntry[]>()
  #roots = new Map<string, string>()

  constructor(directory: string, limits: RepositoryLimits) {
    this.directory = directory
    this.#limits = limits
  }

  /** Whether a commit was fetched with all its files. */
  async has(commit: string): Promise<boolean> {
    if (this.#roots.has(commit)) return true
    return exists(join(this.directory, 'commits', commit))
  }

  /** Commits that are here, the newest first. */
  async commits(count: number): Promise<readonly string[]> {
    const names = await readdir(join(this.directory, 'commits')).catch(() => [])
    const dated = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(this.directory, 'commits', name)).catch(() => null))?.mtimeMs ?? 0 })),
    )
    return dated
      .sort((a, b) => b.at - a.at)
      .slice(0, count)
      .map(({ name }) => name)
  }

  /** Takes a pack in. Whether it holds a commit, `note` has to be told after that was read. */
  async add(pack: Buffer): Promise<void> {
    const name = `pack-${pack.subarray(-20).toString('hex')}`
    const incoming = join(this.directory, 'incoming', randomUUID())
    const packs = join(this.directory, 'objects', 'pack')
    await mkdir(packs, { recursive: true, mode: 0o700 })
    await mkdir(incoming, { recursive: true, mode: 0o700 })
    try {
      await writeFile(join(incoming, 'it.pack'), pack, { flush: true })
      await git.indexPack({ fs, dir: incoming, gitdir: this.directory, filepath: 'it.pack', cache: {} })
      await rename(join(incoming, 'it.pack'), join(packs, `${name}.pack`))
      await rename(join(incoming, 'it.idx'), join(packs, `${name}.idx`))
    } finally {
      await rm(incoming, { recursive: true, force: true })
    }
    if (this.#packBytes !== null) this.#packBytes += pack.length
  }

  async note(commit: string): Promise<void> {
    await mkdir(join(this.directory, 'commits'), { recursive: true, mode: 0o700 })
    await writeFile(join(this.directory, 'commits', commit), '')
  }

  async packCount(): Promise<number> {
    return (await readdir(join(this.directory, 'objects', 'pack')).catch(() => [])).length / 2
  }

  async empty(): Promise<void> {
    this.forget()
    // The notes go first: what is noted has to be readable, also if this is cut short.
    await rm(join(this.directory, 'commits'), { recursive: true, force: true })
    await rm(this.directory, { recursive: true, force: true })
  }

  /** Removes what a killed process has left. */
  async sweep(nowMs: number): Promise<void> {
    const incoming = join(this.directory, 'incoming')
    for (const name of await readdir(incoming).catch(() => [])) {
      const found = await stat(join(incoming, name)).catch(() => null)
      if (found !== null && nowMs - found.mtimeMs > strayAgeMs) await rm(join(incoming, name), { recursive: true, force: true })
    }
  }

  async touch(at: Date): Promise<void> {
    await utimes(this.directory, at, at).catch(() => undefined)
  }

  /** What is held in memory, roughly and at most: the packs that were read from, and objects read. In bytes. */
  get heldBytes(): number {
    return (this.#packBytes ?? 0) + this.#bytesRead
  }

  /** Drops what is held in memory. */
  forget(): void {
    this.#cache = {}
    this.#packBytes = null
    this.#bytesRead = 0
    this.#trees.clear()
    this.#roots.clear()
  }

  /** The root tree of a commit. */
  async rootOf(commit: string): Promise<string> {
    const known = this.#roots.get(commit)
    if (known !== undefined) return known
    const read = await this.#read(commit, (cache) => git.readCommit({ fs, gitdir: this.directory, oid: commit, cache }))
    this.#roots.set(commit, read.commit.tree)
    return read.commit.tree
  }

  async tree(objectId: string): Promise<readonly StoredEntry[]> {
    const known = this.#trees.get(objectId)
    if (known !== undefined) return known
    const { tree } = await this.#read(objectId, (cache) => git.readTree({ fs, gitdir: this.directory, oid: objectId, cache }))
    const entries = tree.map(({ mode, path, oid }) => {
      const kind = kinds[mode]
      if (kind === undefined || path === '' || path === '.' || path === '..' || path.includes('/') || path.includes('\0')) {
        throw new CorruptStore(`tree ${objectId} has an entry that Git does not allow`)
      }
      return { name: path, kind, objectId: oid }
    })
    this.#account(64 * entries.length)
    this.#trees.set(objectId, entries)
    return entries
  }

  async blob(objectId: string): Promise<Uint8Array> {
    const { blob } = await this.#read(objectId, (cache) => git.readBlob({ fs, gitdir: this.directory, oid: objectId, cache }))
    this.#account(blob.byteLength)
    return blob
  }

  async #read<T>(objectId: string, read: (cache: object) => Promise<T>): Promise<T> {
    try {
      this.#packBytes ??= await bytesIn(join(this.directory, 'objects', 'pack'))
      return await read(this.#cache)
    } catch (error) {
      // Only whole commits are ever read, so an object that is missing is as bad as one that is broken.
      throw new CorruptStore(`object ${objectId} can't be read from ${this.directory}`, { cause: error })
    }
  }

  #account(bytes: number): void {
    this.#bytesRead += bytes
    if (this.#bytesRead <= this.#limits.memoryBytesMax) return
    this.forget()
  }
}

/** Bytes of all files in one directory; 0 when there is none. */
export async function bytesIn(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => [])
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name)).catch(() => null))?.size ?? 0))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}
