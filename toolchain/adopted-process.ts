import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { processStart } from './process.ts'

/** What we wrote down about a server that outlives us, so that the next run finds it. */
export interface ServerRecord {
  readonly pid: number
  /** When the process was started; with the pid it names one process for good. */
  readonly start: string
  readonly port: number
  readonly uiPort?: number
  readonly httpPort?: number
}

/** The record in `file` when the process that it names still runs; otherwise null, and the record is removed. */
export function livingServer(file: string): ServerRecord | null {
  let record: ServerRecord
  try {
    record = JSON.parse(readFileSync(file, 'utf8')) as ServerRecord
  } catch {
    return null
  }
  if (isAlive(record)) return record
  rmSync(file, { force: true })
  return null
}

/** Writes the record as a whole or not at all. */
export function recordServer(file: string, server: Omit<ServerRecord, 'start'>): ServerRecord {
  const start = processStart(server.pid)
  if (start === null) throw new Error(`process ${server.pid} has ended already`)
  const record = { ...server, start }
  writeFileSync(`${file}.new`, JSON.stringify(record))
  renameSync(`${file}.new`, file)
  return record
}

/** Whether the process of the record still runs. */
export function isAlive({ pid, start }: ServerRecord): boolean {
  return processStart(pid) === start
}
