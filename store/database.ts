import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import { Pool, types } from 'pg'
import { FleetError } from '../fleet/errors.ts'
import { type ChangeEntry, writeChanges } from './change-log.ts'
import { addressOf, isTransactionConflict, toFleetError } from './database-errors.ts'
import type { Tables } from './tables.ts'

const attemptsMax = 5
const connectTimeoutMs = 10_000
const statementTimeoutMs = 60_000
/** A writer that hangs between its last statement and its commit holds locks: the server ends it. */
const idleInTransactionTimeoutMs = 30_000
const int8Oid = 20

/** What the store logs: pino fits. Never gets parameters or row contents. */
export interface StoreLog {
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void
}

export interface Write {
  readonly tx: Transaction<Tables>
  /** Notes what users will see changed; written to the feed as the transaction's last statement. */
  readonly changed: (kind: ChangeEntry['kind'], action: ChangeEntry['action'], node: { readonly id: string; readonly name: string }) => void
}

/** The one door to PostgreSQL: every error leaves it as a FleetError. */
export interface Database {
  readonly read: <T>(query: (db: Kysely<Tables>) => Promise<T>) => Promise<T>
  /** One transaction, done again when it met a deadlock: `work` must have no other effects. */
  readonly write: <T>(work: (write: Write) => Promise<T>) => Promise<T>
  readonly nowMs: () => number
  readonly close: () => Promise<void>
}

export interface DatabaseOptions {
  readonly databaseUrl: string
  readonly poolSizeMax: number
  readonly nowMs: () => number
  readonly log: StoreLog
  /** After each commit that made feed entries. */
  readonly onChangesCommitted: () => void
}

export function openKysely(databaseUrl: string, poolSizeMax: number, log: StoreLog): Kysely<Tables> {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: poolSizeMax,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    application_name: 'roadstead',
    types: { getTypeParser: (oid, format) => (oid === int8Oid ? Number : types.getTypeParser(oid, format)) },
  })
  const broke = (error: Error) => log.warn({ error: toFleetError(error, addressOf(databaseUrl)).message }, 'a database connection broke')
  // The pool replaces an idle connection that breaks; one that is lent out fails its next statement. Without listeners on both the process would end.
  pool.on('error', broke)
  pool.on('connect', (client) => client.on('error', broke))
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
}

export function openDatabase(options: DatabaseOptions): Database {
  const kysely = openKysely(options.databaseUrl, options.poolSizeMax, options.log)
  const address = addressOf(options.databaseUrl)
  let closed = false

  // Kysely lets a pool that was never used open connections after its end.
  const requireOpen = () => {
    if (closed) throw new FleetError('INTERNAL', 'the store is closed: this program is stopping')
  }

  async function once<T>(work: (write: Write) => Promise<T>): Promise<T> {
    const entries: ChangeEntry[] = []
    const result = await kysely.transaction().execute(async (tx) => {
      const done = await work({ tx, changed: (kind, action, { id, name }) => entries.push({ kind, action, id, name }) })
      await writeChanges(tx, entries, options.nowMs())
      return done
    })
    if (entries.length > 0) options.onChangesCommitted()
    return result
  }

  return {
    read: async (query) => {
      requireOpen()
      try {
        return await query(kysely)
      } catch (error) {
        throw toFleetError(error, address)
      }
    },
    write: async (work) => {
      requireOpen()
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(work)
        } catch (error) {
          if (attempt < attemptsMax && isTransactionConflict(error)) continue
          throw toFleetError(error, address)
        }
      }
    },
    nowMs: options.nowMs,
    close: async () => {
      closed = true
      await kysely.destroy()
    },
  }
}
