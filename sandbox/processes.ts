import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, type ChildSpec, endProcess, processStart, startChild } from '../toolchain/process.ts'

const PID_FILE = 'pids.json'

interface Known {
  readonly pid: number
  readonly start: string
  readonly name: string
}

interface PidFile {
  /** Who started the children; while it lives, they are nobody's leftovers. */
  readonly owner: Known
  readonly children: readonly Known[]
}

export interface Supervisor {
  readonly dir: string
  /** Starts a child and records it in the pid file. */
  start(spec: Omit<ChildSpec, 'onParentExit'>): Promise<Child>
  /** Stops all that still run, the youngest first. */
  stopAll(): Promise<void>
}

/**
 * A supervisor whose children are recorded in `dir`/pids.json. What an earlier, killed run left behind there is ended first.
 * Throws when another living process owns the directory.
 */
export async function supervise(dir: string): Promise<Supervisor> {
  mkdirSync(dir, { recursive: true })
  await endLeftoversOf(dir)
  const children: Child[] = []
  const starts = new Map<number, string>()
  const owner: Known = { pid: process.pid, start: processStart(process.pid) ?? '', name: 'owner' }

  const record = () => {
    const running = children.filter((child) => child.isRunning())
    const known = running.map(({ pid, name }) => ({ pid, name, start: starts.get(pid) ?? '' }))
    const file = join(dir, PID_FILE)
    writeFileSync(`${file}.new`, JSON.stringify({ owner, children: known } satisfies PidFile))
    renameSync(`${file}.new`, file)
  }
  return {
    dir,
    start: async (spec) => {
      const child = await startChild({ ...spec, onParentExit: 'kill' })
      children.push(child)
      starts.set(child.pid, processStart(child.pid) ?? '')
      record()
      return child
    },
    stopAll: async () => {
      for (const child of children.toReversed()) await child.stop()
      children.length = 0
      rmSync(join(dir, PID_FILE), { force: true })
    },
  }
}

/**
 * A fresh directory under `root` for this process, named after it. Directories of runs that are no more are cleared first:
 * their processes ended, their files removed.
 */
export async function makeRunDirectory(root: string): Promise<string> {
  mkdirSync(root, { recursive: true })
  for (const entry of readdirSync(root)) {
    const [pid, start] = entry.split('-')
    if ((processStart(Number(pid)) ?? '').replaceAll(/\W/g, '') === start) continue
    const dir = join(root, entry)
    for (const inner of [dir, ...subdirectories(dir)]) await endLeftoversOf(inner)
    rmSync(dir, { recursive: true, force: true })
  }
  return mkdtempSync(join(root, `${process.pid}-${(processStart(process.pid) ?? '').replaceAll(/\W/g, '')}-`))
}

async function endLeftoversOf(dir: string): Promise<void> {
  const file = readPidFile(dir)
  if (file === null) return
  const ownerLives = processStart(file.owner.pid) === file.owner.start
  if (ownerLives && file.owner.pid === process.pid) return
  if (ownerLives) throw new Error(`${dir} is in use by process ${file.owner.pid}; choose another directory or end that process`)
  for (const { pid, start } of file.children) await endProcess(pid, start)
  rmSync(join(dir, PID_FILE), { force: true })
}

function readPidFile(dir: string): PidFile | null {
  try {
    return JSON.parse(readFileSync(join(dir, PID_FILE), 'utf8')) as PidFile
  } catch {
    return null
  }
}

/** Every directory below `dir`, two levels deep: a test file's, and a server's in it. */
function subdirectories(dir: string, depth = 2): string[] {
  if (depth === 0) return []
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [join(dir, entry.name), ...subdirectories(join(dir, entry.name), depth - 1)])
}
