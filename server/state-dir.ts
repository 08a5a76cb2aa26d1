import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { FleetError } from '../fleet/errors.ts'

export interface StateDir {
  readonly path: string
  readonly postgres: string
  readonly temporalDb: string
  readonly repositories: string
  readonly renderings: string
  readonly scratch: string
  /** Lets another process have it. */
  readonly release: () => void
}

/** Makes the one directory that holds all state of this hub, and takes it: ILLEGAL_STATE while another process has it. */
export function openStateDir(path: string): StateDir {
  const root = resolve(path)
  const sub = (name: string) => join(root, name)
  for (const dir of [root, sub('temporal'), sub('cache'), sub('cache/repositories'), sub('cache/renderings'), sub('scratch')]) {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  }
  const lock = sub('serve.pid')
  takeLock(lock, root)
  return {
    path: root,
    postgres: sub('postgres'),
    temporalDb: sub('temporal/temporal.db'),
    repositories: sub('cache/repositories'),
    renderings: sub('cache/renderings'),
    scratch: sub('scratch'),
    release: () => rmSync(lock, { force: true }),
  }
}

function takeLock(lock: string, root: string): void {
  if (existsSync(lock)) {
    const [pid, started] = readFileSync(lock, 'utf8').trim().split(' ')
    if (started !== undefined && processStart(Number(pid)) === started) {
      throw new FleetError('ILLEGAL_STATE', `${root} is in use by process ${pid}: stop it first, or give another --state-dir`)
    }
    // Left by a process that was killed.
    rmSync(lock, { force: true })
  }
  const file = openSync(lock, 'wx', 0o600)
  writeSync(file, `${process.pid} ${processStart(process.pid)}\n`)
  closeSync(file)
}

/** When a process started, in its kernel's clock ticks: tells a living process from another one that got its number later. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return isAlive(pid) ? 'alive' : undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
