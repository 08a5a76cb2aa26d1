import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface CachedRendering {
  readonly tool: 'Directory' | 'Kustomize'
  /** SHA-256 of `manifests`. */
  readonly digest: string
  /** Canonical JSON of the objects. */
  readonly manifests: string
}

/** Writes between two looks at how much is on disk. */
const writesPerSweep = 50
/** Pieces left behind by a killed process are older than this. */
const strayAgeMs = 3_600_000

/**
 * Renderings by content key, in memory and on disk, each bounded, the least recently used going first. A file comes in whole
 * (written aside, renamed), and one whose digest isn't right is as good as absent: so neither a kill nor a broken disk makes us
 * apply half of something.
 */
export class RenderCache {
  readonly #directory: string
  readonly #memoryBytesMax: number
  readonly #diskBytesMax: number
  readonly #memory = new Map<string, CachedRendering>()
  #memoryBytes = 0
  #writes = 0

  constructor(options: { readonly directory: string; readonly memoryBytesMax: number; readonly diskBytesMax: number }) {
    this.#directory = options.directory
    this.#memoryBytesMax = options.memoryBytesMax
    this.#diskBytesMax = options.diskBytesMax
  }

  async get(contentKey: string): Promise<CachedRendering | null> {
    const known = this.#memory.get(contentKey)
    if (known !== undefined) {
      this.#memory.delete(contentKey)
      this.#memory.set(contentKey, known)
      return known
    }
    const file = this.#file(contentKey)
    const text = await readFile(file, 'utf8').catch(() => null)
    const read = text === null ? null : parse(text)
    if (read === null) return null
    const now = new Date()
    await utimes(file, now, now).catch(() => undefined)
    this.#remember(contentKey, read)
    return read
  }

  async put(contentKey: string, rendering: CachedRendering): Promise<void> {
    this.#remember(contentKey, rendering)
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const aside = join(this.#directory, `${randomUUID()}.tmp`)
    await writeFile(aside, `${rendering.tool} ${rendering.digest}\n${rendering.manifests}`, { mode: 0o600, flush: true })
    await rename(aside, this.#file(contentKey))
    if (this.#writes++ % writesPerSweep === 0) await this.#sweep()
  }

  #file(contentKey: string): string {
    return join(this.#directory, `${contentKey}.manifests`)
  }

  #remember(contentKey: string, rendering: CachedRendering): void {
    const bytes = rendering.manifests.length
    if (bytes > this.#memoryBytesMax / 4) return
    this.#memoryBytes += bytes - (this.#memory.get(contentKey)?.manifests.length ?? 0)
    this.#memory.delete(contentKey)
    this.#memory.set(contentKey, rendering)
    for (const [key, { manifests }] of this.#memory) {
      if (this.#memoryBytes <= this.#memoryBytesMax) break
      this.#memory.delete(key)
      this.#memoryBytes -= manifests.length
    }
  }

  async #sweep(): Promise<void> {
    const names = await readdir(this.#directory)
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#directory, name)
        const found = await stat(path).catch(() => null)
        return { path, stray: name.endsWith('.tmp'), bytes: found?.size ?? 0, usedAtMs: found?.mtimeMs ?? 0 }
      }),
    )
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    for (const file of files.sort((a, b) => a.usedAtMs - b.usedAtMs)) {
      const old = file.stray && Date.now() - file.usedAtMs > strayAgeMs
      if (!old && (bytes <= this.#diskBytesMax || file.stray)) continue
      await rm(file.path, { force: true })
      bytes -= file.bytes
    }
  }
}

function parse(text: string): CachedRendering | null {
  const end = text.indexOf('\n')
  const [, tool, digest] = /^(Directory|Kustomize) ([0-9a-f]{64})$/.exec(text.slice(0, end)) ?? []
  const manifests = text.slice(end + 1)
  if ((tool !== 'Directory' && tool !== 'Kustomize') || digest === undefined) return null
  return createHash('sha256').update(manifests).digest('hex') === digest ? { tool, digest, manifests } : null
}
