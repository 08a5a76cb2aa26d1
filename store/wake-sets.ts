import { sql, type Transaction } from 'kysely'
import { readsClusterLabels } from '../fleet/set/requeue.ts'
import { rowIds } from './ids.ts'
import type { Tables } from './tables.ts'

/** Raises the wanted pass of these sets, or of all (null), and gives the ids of those that are there. */
export async function wakeSets(tx: Transaction<Tables>, ids: readonly string[] | null): Promise<readonly string[]> {
  // Locked in the order of their ids, so that two touches can't deadlock.
  let sets = tx.selectFrom('application_sets').select('id').orderBy('id').forNoKeyUpdate()
  if (ids !== null) sets = sets.where(sql<boolean>`id = any(${rowIds(ids)}::uuid[])`)
  const there = (await sets.execute()).map((row) => row.id)
  await sql`update application_sets set wanted_pass = wanted_pass + 1 where id = any(${there}::uuid[])`.execute(tx)
  return there
}

/** A cluster's labels or annotations changed: in the same transaction the sets that read them are asked to look again. */
export async function wakeSetsOfLabels(tx: Transaction<Tables>): Promise<void> {
  // Locked first: a spec that is being changed is read as it will be.
  const sets = await tx.selectFrom('application_sets').select(['id', 'spec']).orderBy('id').forNoKeyUpdate().execute()
  const reading = sets.filter(({ spec }) => readsClusterLabels(spec)).map(({ id }) => id)
  if (reading.length > 0) await wakeSets(tx, reading)
}

/** A cluster came, moved or went: in the same transaction every set is asked to look again, so that no crash in between loses it. */
export async function wakeEverySet(tx: Transaction<Tables>): Promise<void> {
  await wakeSets(tx, null)
}
