import type { Kysely, Transaction } from 'kysely'
import { openKysely } from './database.ts'
import { addressOf, toFleetError } from './database-errors.ts'
import type { KeyedSealer } from './sealing.ts'
import { putClusterSecret, putRepositorySecret, putSecretData, sealedSecret } from './secrets.ts'
import type { SealedColumns, Tables } from './tables.ts'

/** Secrets that one transaction seals again. */
const batchSize = 100

/**
 * Seals every stored credential that was sealed under another key again, under the current one, and gives how many there were.
 * After it the old keys may go. Safe beside running servers, and when it is interrupted: run it again. INTERNAL when one doesn't open.
 */
export async function rewrap(databaseUrl: string, sealer: KeyedSealer): Promise<number> {
  const db = openKysely(databaseUrl, 1, { warn: () => undefined })
  try {
    let total = 0
    for (const batch of [rewrapClusters, rewrapRepositories, rewrapSecrets]) total += await drain(db, (tx) => batch(tx, sealer))
    return total
  } catch (error) {
    throw toFleetError(error, addressOf(databaseUrl))
  } finally {
    await db.destroy()
  }
}

async function drain(db: Kysely<Tables>, batch: (tx: Transaction<Tables>) => Promise<number>): Promise<number> {
  let total = 0
  for (;;) {
    const done = await db.transaction().execute(batch)
    total += done
    if (done === 0) return total
  }
}

async function rewrapClusters(tx: Transaction<Tables>, sealer: KeyedSealer): Promise<number> {
  const rows = await tx
    .selectFrom('cluster_credentials')
    .selectAll()
    .where('key_id', '<>', sealer.currentKeyId)
    .orderBy('cluster_id')
    .limit(batchSize)
    .forUpdate()
    .execute()
  for (const row of rows) await putClusterSecret(tx, sealer, row.cluster_id, opened(sealer, row.cluster_id, row))
  return rows.length
}

async function rewrapRepositories(tx: Transaction<Tables>, sealer: KeyedSealer): Promise<number> {
  const rows = await tx
    .selectFrom('repository_credentials')
    .selectAll()
    .where('key_id', '<>', sealer.currentKeyId)
    .orderBy('repository_id')
    .limit(batchSize)
    .forUpdate()
    .execute()
  for (const row of rows) await putRepositorySecret(tx, sealer, row.repository_id, opened(sealer, row.repository_id, row))
  return rows.length
}

async function rewrapSecrets(tx: Transaction<Tables>, sealer: KeyedSealer): Promise<number> {
  const rows = await tx
    .selectFrom('secret_data')
    .selectAll()
    .where('key_id', '<>', sealer.currentKeyId)
    .orderBy('secret_id')
    .limit(batchSize)
    .forUpdate()
    .execute()
  for (const row of rows) await putSecretData(tx, sealer, row.secret_id, opened(sealer, row.secret_id, row))
  return rows.length
}

function opened(sealer: KeyedSealer, rowId: string, row: SealedColumns): string {
  return sealer.open(rowId, sealedSecret(row))
}
