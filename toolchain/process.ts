import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a child may take to end after SIGTERM before SIGKILL follows. */
export const STOP_GRACE_MS = 5_000
const POLL_MS = 50
/** The end of a log that goes into an error message. */
const LOG_TAIL_BYTES = 2_000

export interface ChildSpec {
  /** For messages: `kube-apiserver of eu-west-1`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Standard output and error are appended here. */
  readonly logFile: string
  readonly uid?: number
  readonly gid?: number
  /** Between SIGTERM and SIGKILL; STOP_GRACE_MS when left out. */
  readonly stopGraceMs?: number
  /** `kill` when our process exits without having stopped it, `leave` for what the next run adopts. */
  readonly onParentExit: 'kill' | 'leave'
}

export interface Child {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  isRunning(): boolean
  /** SIGTERM (or `signal`), then SIGKILL after the grace. Returns when the process is gone; harmless when it is already. */
  stop(options?: { readonly signal?: NodeJS.Signals; readonly graceMs?: number }): Promise<void>
  /** SIGKILL, and returns when the process is gone. */
  kill(): Promise<void>
}

const doomed = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of doomed) child.kill('SIGKILL')
})

/**
 * Starts a long-running process in a process group of its own, so that Ctrl-C in the terminal reaches us and not the child: we
 * decide in which order things stop. Throws with a readable message when the command can't be executed.
 */
export async function startChild(spec: ChildSpec): Promise<Child> {
  mkdirSync(dirname(spec.logFile), { recursive: true })
  const log = openSync(spec.logFile, 'a')
  const child = spawn(spec.command, [...spec.args], {
    cwd: spec.cwd,
    detached: true,
    env: { ...process.env, ...spec.env },
    stdio: ['ignore', log, log],
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.gid === undefined ? {} : { gid: spec.gid }),
  })
  closeSync(log)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => reject(new Error(`${spec.name} did not start: ${error.message}`, { cause: error })))
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${spec.name} did not start`)
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      doomed.delete(child)
      resolve()
    })
  })
  if (spec.onParentExit === 'kill') doomed.add(child)
  child.unref()
  const isRunning = () => child.exitCode === null && child.signalCode === null

  const end = async (signal: NodeJS.Signals, graceMs: number): Promise<void> => {
    if (!isRunning()) return
    child.ref()
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
    await gone
    clearTimeout(timer)
  }
  return {
    name: spec.name,
    pid,
    logFile: spec.logFile,
    isRunning,
    stop: ({ signal = 'SIGTERM', graceMs = spec.stopGraceMs ?? STOP_GRACE_MS } = {}) => end(signal, graceMs),
    kill: () => end('SIGKILL', STOP_GRACE_MS),
  }
}

/**
 * Asks `probe` until it answers true. Throws when the deadline passes or `child` dies, with the end of the child's log.
 * A probe that throws counts as "not yet"; what it threw last is the error's cause.
 */
export async function waitUntilReady(options: {
  readonly what: string
  readonly deadlineMs: number
  readonly probe: () => Promise<boolean>
  readonly child?: Pick<Child, 'isRunning' | 'logFile'>
}): Promise<void> {
  const { what, deadlineMs, probe, child } = options
  const end = performance.now() + deadlineMs
  let cause: unknown
  for (;;) {
    try {
      if (await probe()) return
    } catch (error) {
      cause = error
    }
    const tail = child === undefined ? '' : `. The end of ${child.logFile}:\n${logTail(child.logFile)}`
    if (child !== undefined && !child.isRunning()) throw new Error(`${what} ended while it was starting${tail}`, { cause })
    if (performance.now() > end) throw new Error(`${what} was not ready within ${deadlineMs} ms${tail}`, { cause })
    await sleep(POLL_MS)
  }
}

/** The last lines of a log file, for an error message; empty when there is none. */
export function logTail(file: string): string {
  try {
    const { size } = statSync(file)
    const buffer = Buffer.alloc(Math.min(size, LOG_TAIL_BYTES))
    const handle = openSync(file, 'r')
    readSync(handle, buffer, 0, buffer.length, size - buffer.length)
    closeSync(handle)
    return buffer.toString('utf8').trim()
  } catch {
    return ''
  }
}

/** `count` different free ports on 127.0.0.1. They are held open together, then given back, so no two are the same. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(0, '127.0.0.1', resolve)
      })
      return server
    }),
  )
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      if (address === null || typeof address === 'string') throw new Error('a listening socket has no port')
      return address.port
    }),
  )
}

/** One free port on 127.0.0.1. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  if (port === undefined) throw new Error('no free port')
  return port
}

/**
 * When the process with this id was started, in whatever form the system gives, or null when there is none (a zombie counts as
 * none). A pid alone says little: the system hands old numbers out again. The pair of both names one process.
 */
export function processStart(pid: number): string | null {
  try {
    // Field 2 is the command in brackets and may hold spaces: count from the last bracket. Field 3 is the state, 22 the start.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : (fields[19] ?? null)
  } catch {
    if (process.platform === 'linux') return null
  }
  try {
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null
    )
  } catch {
    return null
  }
}

/** Ends a process that isn't our child, SIGTERM (or `signal`) first, and returns when it is gone. Does nothing when `start` no longer fits. */
export async function endProcess(pid: number, start: string, signal: NodeJS.Signals = 'SIGTERM', graceMs = STOP_GRACE_MS): Promise<void> {
  const lives = () => processStart(pid) === start
  const send = (name: NodeJS.Signals) => {
    try {
      process.kill(pid, name)
    } catch {
      // It ended between the question and the signal.
    }
  }
  if (!lives()) return
  send(signal)
  const killAt = performance.now() + graceMs
  while (lives()) {
    if (performance.now() > killAt) send('SIGKILL')
    await sleep(POLL_MS)
  }
}
