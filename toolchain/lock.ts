import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processStart } from './process.ts'

const POLL_MS = 500
/** A lock without a readable owner is one that is just being taken, or whose taker was killed at that moment. */
const UNOWNED_MS_MAX = 10_000

/**
 * Runs `work` while no other process of this machine holds the lock `path`. The lock of a process that is no more counts for
 * nothing. `onWait` is told once when somebody else has it.
 */
export async function withLock<T>(path: string, onWait: (pid: number | null) => void, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true })
  let told = false
  while (!take(path)) {
    if (isAbandoned(path)) {
      // Renaming is what only one of two waiters can do; both would otherwise remove, and one of them the other's new lock.
      const grave = `${path}.${process.pid}.abandoned`
      try {
        renameSync(path, grave)
      } catch {
        continue
      }
      rmSync(grave, { recursive: true, force: true })
      continue
    }
    if (!told) onWait(ownerOf(path)?.pid ?? null)
    told = true
    await sleep(POLL_MS)
  }
  try {
    return await work()
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

function take(path: string): boolean {
  try {
    mkdirSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
  writeFileSync(join(path, 'owner.json'), JSON.stringify({ pid: process.pid, start: processStart(process.pid) }))
  return true
}

function ownerOf(path: string): { readonly pid: number; readonly start: string } | null {
  try {
    return JSON.parse(readFileSync(join(path, 'owner.json'), 'utf8'))
  } catch {
    return null
  }
}

function isAbandoned(path: string): boolean {
  const owner = ownerOf(path)
  if (owner !== null) return processStart(owner.pid) !== owner.start
  try {
    return Date.now() - statSync(path).mtimeMs > UNOWNED_MS_MAX
  } catch {
    return false
  }
}
