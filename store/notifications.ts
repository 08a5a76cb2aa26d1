import { type Kysely, sql } from 'kysely'
import { Client } from 'pg'
import type { StoreLog } from './database.ts'
import type { Tables } from './tables.ts'

const channel = 'roadstead_changes'
/** At most one notification in this time: NOTIFY serializes commits in the whole database, so it isn't part of any transaction of ours. */
const quietMs = 25
const reconnectMinMs = 250
const reconnectMaxMs = 10_000
/** Heals a lost notification: a process that dies between its commit and the NOTIFY. */
const pollMs = 5_000

export interface Notifications {
  readonly listen: (onChange: () => void) => () => void
  readonly close: () => Promise<void>
}

/** Tells listeners in every process that the feed has grown. A hint: the feed is the truth. */
export function createNotifier(
  send: () => Promise<unknown>,
  log: StoreLog,
): { readonly soon: () => void; readonly close: () => Promise<void> } {
  let wanted = false
  let running: Promise<void> | null = null

  async function run(): Promise<void> {
    while (wanted) {
      wanted = false
      try {
        await send()
      } catch (error) {
        log.warn(
          { error: error instanceof Error ? error.message : String(error) },
          'listeners were not notified of a change; they find it when they poll',
        )
      }
      if (!closed) await new Promise((resolve) => setTimeout(resolve, quietMs))
    }
    running = null
  }

  let closed = false
  return {
    soon: () => {
      wanted = true
      running ??= run()
    },
    close: async () => {
      closed = true
      await running
    },
  }
}

export function notify(db: Kysely<Tables>): Promise<unknown> {
  return sql`select pg_notify(${channel}, '')`.execute(db)
}

/** One connection that LISTENs for all listeners of this process; opened with the first, closed with the last, reopened when it breaks. */
export function createNotifications(databaseUrl: string, log: StoreLog): Notifications {
  const listeners = new Set<() => void>()
  let session: Session | null = null

  const tellAll = () => {
    for (const listener of listeners) listener()
  }
  const stop = async () => {
    const ending = session
    session = null
    await ending?.close()
  }
  return {
    listen: (onChange) => {
      // Its own function, so that the same callback may listen twice.
      const listener = () => onChange()
      listeners.add(listener)
      session ??= startSession(databaseUrl, tellAll, log)
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) void stop()
      }
    },
    close: async () => {
      listeners.clear()
      await stop()
    },
  }
}

interface Session {
  readonly close: () => Promise<void>
}

function startSession(databaseUrl: string, tellAll: () => void, log: StoreLog): Session {
  let closed = false
  let client: Client | null = null
  let timer: NodeJS.Timeout | undefined
  let seen: number | null = null
  let backoffMs = reconnectMinMs

  /** Calls back when the feed has grown without a notification. */
  async function poll(connected: Client): Promise<void> {
    const { rows } = await connected.query<{ sequence: string | null }>('select max(sequence) as sequence from changes')
    const sequence = Number(rows[0]?.sequence ?? 0)
    if (seen !== null && seen !== sequence) tellAll()
    seen = sequence
  }

  function later(delayMs: number, work: () => Promise<void>): void {
    if (closed) return
    timer = setTimeout(() => void work(), delayMs)
    timer.unref()
  }

  async function keepPolling(connected: Client): Promise<void> {
    try {
      await poll(connected)
      if (client === connected) later(pollMs, () => keepPolling(connected))
    } catch (error) {
      lost(connected, error)
    }
  }

  function lost(broken: Client, error: unknown): void {
    if (client !== broken || closed) return
    client = null
    clearTimeout(timer)
    broken.end().catch(() => undefined)
    log.warn(
      { error: error instanceof Error ? error.message : String(error), retryInMs: backoffMs },
      'the connection that listens for changes broke',
    )
    later(backoffMs, connect)
    backoffMs = Math.min(backoffMs * 2, reconnectMaxMs)
  }

  async function connect(): Promise<void> {
    const next = new Client({
      connectionString: databaseUrl,
      application_name: 'roadstead-listen',
      keepAlive: true,
      connectionTimeoutMillis: reconnectMaxMs,
    })
    client = next
    next.on('error', (error) => lost(next, error))
    next.on('end', () => lost(next, 'it was ended'))
    next.on('notification', tellAll)
    try {
      await next.connect()
      await next.query(`listen ${channel}`)
      if (closed) return
      backoffMs = reconnectMinMs
      // Whatever happened before LISTEN was missed.
      tellAll()
      await keepPolling(next)
    } catch (error) {
      lost(next, error)
    }
  }

  const connecting = connect()
  return {
    close: async () => {
      closed = true
      clearTimeout(timer)
      await connecting
      const ending = client
      client = null
      await ending?.end().catch(() => undefined)
    },
  }
}
