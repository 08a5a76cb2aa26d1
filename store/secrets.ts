import { type Kysely, sql, type Transaction } from 'kysely'
import type { SealedSecret, Sealer } from './store.ts'
import type { SealedColumns, Tables } from './tables.ts'

/** A table of secrets, each beside the row that it belongs to. */
export interface SecretTable {
  readonly table: 'cluster_credentials' | 'repository_credentials' | 'secret_data'
  /** Of the row that it belongs to, which is sealed in as associated data. */
  readonly idColumn: string
}

export const clusterSecrets: SecretTable = { table: 'cluster_credentials', idColumn: 'cluster_id' }
export const repositorySecrets: SecretTable = { table: 'repository_credentials', idColumn: 'repository_id' }
export const namedSecrets: SecretTable = { table: 'secret_data', idColumn: 'secret_id' }

/** Seals and writes the secret of a row, in place of an earlier one. */
export async function putSecret(
  tx: Transaction<Tables>,
  sealer: Sealer,
  { table, idColumn }: SecretTable,
  rowId: string,
  clear: string,
): Promise<void> {
  const { keyId, nonce, ciphertext } = sealer.seal(rowId, clear)
  await sql`
    insert into ${sql.table(table)} (${sql.ref(idColumn)}, key_id, nonce, ciphertext)
    values (${rowId}, ${keyId}, ${Buffer.from(nonce)}, ${Buffer.from(ciphertext)})
    on conflict (${sql.ref(idColumn)}) do update
    set key_id = excluded.key_id, nonce = excluded.nonce, ciphertext = excluded.ciphertext
  `.execute(tx)
}

/** Some of the secrets that were not sealed under that key, locked; by their rows. */
export async function secretsUnderOtherKeys(
  tx: Kysely<Tables>,
  { table, idColumn }: SecretTable,
  keyId: string,
  limit: number,
): Promise<readonly (SealedColumns & { readonly row_id: string })[]> {
  const { rows } = await sql<SealedColumns & { readonly row_id: string }>`
    select ${sql.ref(idColumn)} as row_id, key_id, nonce, ciphertext from ${sql.table(table)}
    where key_id <> ${keyId} order by ${sql.ref(idColumn)} limit ${limit} for update
  `.execute(tx)
  return rows
}

export function sealedSecret(row: SealedColumns): SealedSecret {
  return { keyId: row.key_id, nonce: row.nonce, ciphertext: row.ciphertext }
}
