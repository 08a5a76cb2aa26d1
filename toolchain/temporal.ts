import { mkdirSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isAlive, livingServer, recordServer, type ServerRecord } from './adopted-process.ts'
import { endProcess, freePorts, startChild, waitUntilReady } from './process.ts'

const READY_DEADLINE_MS = 60_000
/** A server that was left running is up already; one that doesn't answer by now hangs. */
const ADOPT_DEADLINE_MS = 10_000
const STOP_GRACE_MS = 15_000
const HUNG_GRACE_MS = 2_000

export interface TemporalOptions {
  /** SQLite; made when missing. The log and our record of the running server lie beside it. */
  readonly dbFile: string
  /** The `temporal` CLI. */
  readonly binary: string
  /** Free ones when left out. An adopted server keeps its own. */
  readonly port?: number
  readonly uiPort?: number
  readonly log: (line: string) => void
}

export interface Temporal {
  /** `127.0.0.1:PORT`, gRPC. */
  readonly address: string
  readonly uiUrl: string
  readonly pid: number
  /** It was running already, left by a process that was killed. */
  readonly adopted: boolean
  stop(): Promise<void>
}

/**
 * Temporal's dev server on one database file, listening on 127.0.0.1 only: adopted when a killed process has left it running and it
 * still answers, started otherwise. It outlives us unless stopped. Ready means: the namespace `default` answers. Throws an error with
 * the end of its log when it can't run. One caller a file at a time, as with `startPostgres`.
 */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const dbFile = resolve(options.dbFile)
  const recordFile = `${dbFile}.server.json`
  mkdirSync(dirname(dbFile), { recursive: true })

  const left = livingServer(recordFile)
  if (left !== null) {
    const child = { isRunning: () => isAlive(left), logFile: `${dbFile}.log` }
    try {
      await waitUntilReady({ what: 'Temporal', deadlineMs: ADOPT_DEADLINE_MS, child, probe: () => answers(left) })
      options.log(`adopted Temporal, process ${left.pid}`)
      return handle(recordFile, left, true)
    } catch {
      options.log(`Temporal, process ${left.pid}, doesn't answer: starting another`)
      await endProcess(left.pid, left.start, 'SIGTERM', HUNG_GRACE_MS)
    }
  }
  const [a, b, c] = await freePorts(3)
  if (a === undefined || b === undefined || c === undefined) throw new Error('no free ports')
  const ports = { port: options.port ?? a, uiPort: options.uiPort ?? b, httpPort: c }
  const child = await startChild({
    name: 'Temporal',
    command: options.binary,
    args: [
      'server',
      'start-dev',
      '--ip=127.0.0.1',
      `--port=${ports.port}`,
      `--ui-port=${ports.uiPort}`,
      `--http-port=${ports.httpPort}`,
      `--db-filename=${dbFile}`,
      '--log-level=warn',
    ],
    // It would ask its makers for newer versions, and read the settings that the user keeps for Temporal clusters.
    env: { TEMPORAL_VERSION_CHECK_DISABLED: '1', TEMPORAL_CONFIG_FILE: '/dev/null' },
    logFile: `${dbFile}.log`,
    onParentExit: 'leave',
    stopGraceMs: STOP_GRACE_MS,
  })
  const record = recordServer(recordFile, { pid: child.pid, ...ports })
  try {
    await waitUntilReady({ what: 'Temporal', deadlineMs: READY_DEADLINE_MS, child, probe: () => answers(record) })
  } catch (error) {
    await child.stop()
    rmSync(recordFile, { force: true })
    throw error
  }
  return handle(recordFile, record, false)
}

function handle(recordFile: string, record: ServerRecord, adopted: boolean): Temporal {
  return {
    address: `127.0.0.1:${record.port}`,
    uiUrl: `http://127.0.0.1:${record.uiPort}`,
    pid: record.pid,
    adopted,
    stop: async () => {
      await endProcess(record.pid, record.start, 'SIGTERM', STOP_GRACE_MS)
      rmSync(recordFile, { force: true })
    },
  }
}

async function answers({ httpPort }: ServerRecord): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${httpPort}/api/v1/namespaces/default`, { signal: AbortSignal.timeout(2_000) })
  return response.ok
}
