import type { Transaction } from 'kysely'
import type { SealedSecret, Sealer } from './store.ts'
import type { SealedColumns, Tables } from './tables.ts'

/** Seals and writes the credentials of a cluster, in place of earlier ones. */
export async function putClusterSecret(tx: Transaction<Tables>, sealer: Sealer, clusterId: string, clear: string): Promise<void> {
  const columns = sealedColumns(sealer.seal(clusterId, clear))
  await tx
    .insertInto('cluster_credentials')
    .values({ cluster_id: clusterId, ...columns })
    .onConflict((conflict) => conflict.column('cluster_id').doUpdateSet(columns))
    .execute()
}

/** The same for a repository. */
export async function putRepositorySecret(tx: Transaction<Tables>, sealer: Sealer, repositoryId: string, clear: string): Promise<void> {
  const columns = sealedColumns(sealer.seal(repositoryId, clear))
  await tx
    .insertInto('repository_credentials')
    .values({ repository_id: repositoryId, ...columns })
    .onConflict((conflict) => conflict.column('repository_id').doUpdateSet(columns))
    .execute()
}

/** The same for a secret that generators name. */
export async function putSecretData(tx: Transaction<Tables>, sealer: Sealer, secretId: string, clear: string): Promise<void> {
  const columns = sealedColumns(sealer.seal(secretId, clear))
  await tx
    .insertInto('secret_data')
    .values({ secret_id: secretId, ...columns })
    .onConflict((conflict) => conflict.column('secret_id').doUpdateSet(columns))
    .execute()
}

export function sealedColumns(sealed: SealedSecret): SealedColumns {
  return { key_id: sealed.keyId, nonce: Buffer.from(sealed.nonce), ciphertext: Buffer.from(sealed.ciphertext) }
}

export function sealedSecret(row: SealedColumns): SealedSecret {
  return { keyId: row.key_id, nonce: row.nonce, ciphertext: row.ciphertext }
}
