import { type Kysely, sql } from 'kysely'
import { settled } from './change-log.ts'
import type { Database } from './database.ts'
import type { Notifications } from './notifications.ts'
import type { Change, ChangeFeed } from './store.ts'
import type { Tables } from './tables.ts'

const changesMax = 10_000

export function createChangeFeed(database: Database, notifications: Notifications): ChangeFeed {
  return {
    after: (sequence, limit) =>
      database.read(async (db) => {
        const changes = await changesAfter(db, sequence, limit)
        const rows = hasGap(changes, sequence) ? await settled(db, (tx) => changesAfter(tx, sequence, limit)) : changes
        // Read after the rows: what was trimmed in between is then told.
        const { trimmed_through: trimmedThrough } = await db
          .selectFrom('change_horizon')
          .select('trimmed_through')
          .executeTakeFirstOrThrow()
        return sequence < trimmedThrough ? { changes: [], expired: true } : { changes: rows, expired: false }
      }),

    latestSequence: () =>
      database.read((db) =>
        settled(db, async (tx) => {
          const { rows } = await sql<{ sequence: number }>`
            select coalesce((select max(sequence) from changes), trimmed_through) as sequence from change_horizon
          `.execute(tx)
          return rows[0]?.sequence ?? 0
        }),
      ),

    listen: notifications.listen,

    trim: (olderThanMs) =>
      database.write(async ({ tx }) => {
        const oldestKeptMs = database.nowMs() - olderThanMs
        const horizon = await tx.selectFrom('change_horizon').select('trimmed_through').forUpdate().executeTakeFirstOrThrow()
        // Up to the first entry that stays, so that the feed has no holes where clocks of several servers disagree.
        const { rows } = await sql<{ sequence: number }>`
          with gone as (
            delete from changes
            where sequence < coalesce((select min(sequence) from changes where at_ms >= ${oldestKeptMs}::bigint), (select max(sequence) + 1 from changes))
            returning sequence
          )
          select max(sequence) as sequence from gone having max(sequence) is not null
        `.execute(tx)
        const trimmedThrough = Math.max(horizon.trimmed_through, rows[0]?.sequence ?? 0)
        if (trimmedThrough > horizon.trimmed_through)
          await tx.updateTable('change_horizon').set({ trimmed_through: trimmedThrough }).execute()
      }),
  }
}

async function changesAfter(db: Kysely<Tables>, sequence: number, limit: number): Promise<readonly Change[]> {
  const rows = await db
    .selectFrom('changes')
    .selectAll()
    .where('sequence', '>', sequence)
    .orderBy('sequence')
    .limit(Math.min(limit, changesMax))
    .execute()
  return rows.map((row) => ({ sequence: row.sequence, kind: row.kind, id: row.id, name: row.name, action: row.action, atMs: row.at_ms }))
}

/** A missing sequence was given up, or is about to be committed: looking at the rows alone can't tell. */
function hasGap(changes: readonly Change[], after: number): boolean {
  const last = changes.at(-1)
  return last !== undefined && last.sequence - after !== changes.length
}
