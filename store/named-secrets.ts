import type { Selectable } from 'kysely'
import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json } from '../fleet/json.ts'
import type { Database } from './database.ts'
import { toJsonColumn } from './json-column.ts'
import { namedSecrets, putSecret, sealedSecret } from './secrets.ts'
import type { NamedSecret, Sealer, SecretStore } from './store.ts'
import type { SecretsTable } from './tables.ts'

export function createSecretStore({ read, write }: Database, sealer: Sealer, nowMs: () => number): SecretStore {
  return {
    put: (name, { project, data }) =>
      write(async ({ tx }) => {
        const columns = { project, keys: toJsonColumn(Object.keys(data).toSorted()), updated_at_ms: nowMs() }
        const row = await tx
          .insertInto('secrets')
          .values({ name, ...columns })
          .onConflict((conflict) => conflict.column('name').doUpdateSet(columns))
          .returningAll()
          .executeTakeFirstOrThrow()
        await putSecret(tx, sealer, namedSecrets, row.id, JSON.stringify(data))
        return toSecret(row)
      }),

    remove: (name) =>
      write(async ({ tx }) => {
        const { numDeletedRows } = await tx.deleteFrom('secrets').where('name', '=', name).executeTakeFirstOrThrow()
        return numDeletedRows > 0n
      }),

    all: () => read(async (db) => (await db.selectFrom('secrets').selectAll().orderBy('name').execute()).map(toSecret)),

    open: (name) =>
      read(async (db) => {
        const row = await db
          .selectFrom('secrets')
          .innerJoin('secret_data', 'secret_id', 'id')
          .select(['id', 'project', 'key_id', 'nonce', 'ciphertext'])
          .where('name', '=', name)
          .executeTakeFirst()
        return row === undefined ? null : { project: row.project, data: toData(sealer.open(row.id, sealedSecret(row))) }
      }),
  }
}

function toSecret({ id, name, project, keys, updated_at_ms }: Selectable<SecretsTable>): NamedSecret {
  return { id, name, project, keys, updatedAtMs: updated_at_ms }
}

function toData(clear: string): Readonly<Record<string, string>> {
  const data = JSON.parse(clear) as Json
  if (!isJsonObject(data)) throw new FleetError('INTERNAL', 'a stored secret holds no keys')
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, String(value)]))
}
