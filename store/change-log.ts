import { type Kysely, sql, type Transaction } from 'kysely'
import type { Change } from './store.ts'
import type { Tables } from './tables.ts'

export type ChangeEntry = Pick<Change, 'kind' | 'id' | 'name' | 'action'>

/** Key of the advisory lock of the feed: "road" in ASCII. */
const feedLock = 0x726f6164

/**
 * Appends to the feed. Has to be the last statement before the commit.
 *
 * Sequences are given out before they commit, so 5 may appear after 6. Whoever takes sequences therefore holds the feed's lock
 * shared until its commit; a reader that meets a gap takes it exclusively (`settled`), which waits until all that were taken are
 * decided. Writers never wait for each other, and since nothing is locked after this, they can't deadlock with a reader.
 */
export async function writeChanges(tx: Transaction<Tables>, entries: readonly ChangeEntry[], atMs: number): Promise<void> {
  if (entries.length === 0) return
  await sql`select pg_advisory_xact_lock_shared(${feedLock}::bigint)`.execute(tx)
  await sql`
    insert into changes (kind, id, name, action, at_ms)
    select kind, id, name, action, ${atMs}::bigint
    from unnest(
      ${entries.map((e) => e.kind)}::text[],
      ${entries.map((e) => e.id)}::uuid[],
      ${entries.map((e) => e.name)}::text[],
      ${entries.map((e) => e.action)}::text[]
    ) with ordinality as entry (kind, id, name, action, position)
    order by position
  `.execute(tx)
}

/** Runs `query` at a moment at which every sequence that was taken has been committed or given up. */
export function settled<T>(db: Kysely<Tables>, query: (tx: Transaction<Tables>) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${feedLock}::bigint)`.execute(tx)
    return query(tx)
  })
}
