import type { Kysely, Transaction } from 'kysely'
import { openKysely } from './database.ts'
import { addressOf, toFleetError } from './database-errors.ts'
import type { KeyedSealer } from './sealing.ts'
import {
  clusterSecrets,
  namedSecrets,
  putSecret,
  repositorySecrets,
  type SecretTable,
  sealedSecret,
  secretsUnderOtherKeys,
} from './secrets.ts'
import type { Tables } from './tables.ts'

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
    for (const table of [clusterSecrets, repositorySecrets, namedSecrets]) total += await drain(db, (tx) => rewrapSome(tx, sealer, table))
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

async function rewrapSome(tx: Transaction<Tables>, sealer: KeyedSealer, table: SecretTable): Promise<number> {
  const rows = await secretsUnderOtherKeys(tx, table, sealer.currentKeyId, batchSize)
  for (const row of rows) await putSecret(tx, sealer, table, row.row_id, sealer.open(row.row_id, sealedSecret(row)))
  return rows.length
}
