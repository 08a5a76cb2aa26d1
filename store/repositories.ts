import { randomUUID } from 'node:crypto'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { FleetError } from '../fleet/errors.ts'
import type { Database } from './database.ts'
import { rowId } from './ids.ts'
import { toJsonColumn, toTextColumn } from './json-column.ts'
import { putSecret, repositorySecrets, sealedSecret } from './secrets.ts'
import type { Repository, RepositoryStore, Sealer } from './store.ts'
import type { RepositoriesTable, Tables } from './tables.ts'

/** `https://user:password@host`: it would be kept, and shown, in clear. */
const passwordInUrl = /^[a-z][a-z0-9+.-]*:\/\/[^/@]*:[^/@]+@/i

export function createRepositoryStore(database: Database, sealer: Sealer): RepositoryStore {
  const { read, write } = database

  return {
    ensure: (url, normalizedUrl) =>
      write(async ({ tx, changed }) => {
        const there = await one(tx, 'normalized_url', normalizedUrl)
        if (there !== null) return there
        if (passwordInUrl.test(url)) {
          throw new FleetError(
            'INVALID_INPUT',
            `the URL of the repository ${normalizedUrl} holds a password: take it out, and set the credentials of the repository instead`,
          )
        }
        const made = await tx
          .insertInto('repositories')
          .values({ id: randomUUID(), url, normalized_url: normalizedUrl, polled_at_ms: null, error: null })
          .onConflict((conflict) => conflict.column('normalized_url').doNothing())
          .returning('id')
          .executeTakeFirst()
        const repository = await one(tx, 'normalized_url', normalizedUrl)
        if (repository === null) throw notFound(normalizedUrl)
        if (made !== undefined) changed('Repository', 'created', { id: repository.id, name: normalizedUrl })
        return repository
      }),

    get: (id) => read((db) => one(db, 'id', rowId(id))),
    getByUrl: (normalizedUrl) => read((db) => one(db, 'normalized_url', normalizedUrl)),
    all: () => read(async (db) => (await repositories(db).orderBy('normalized_url').execute()).map(toRepository)),

    setCredentials: (id, credentials) =>
      write(async ({ tx, changed }) => {
        const row = await tx
          .updateTable('repositories')
          .set((eb) => ({ generation: eb('generation', '+', 1) }))
          .where('id', '=', rowId(id))
          .returning(['id', 'normalized_url as name'])
          .executeTakeFirst()
        if (row === undefined) throw notFound(id)
        if (credentials === null) await tx.deleteFrom('repository_credentials').where('repository_id', '=', row.id).execute()
        else await putSecret(tx, sealer, repositorySecrets, row.id, JSON.stringify([credentials.username, credentials.password]))
        changed('Repository', 'updated', row)
        const repository = await one(tx, 'id', row.id)
        if (repository === null) throw notFound(id)
        return repository
      }),

    access: (id) =>
      read(async (db) => {
        const repository = await one(db, 'id', rowId(id))
        if (repository === null) throw notFound(id)
        const secret = await db
          .selectFrom('repository_credentials')
          .select(['key_id', 'nonce', 'ciphertext'])
          .where('repository_id', '=', repository.id)
          .executeTakeFirst()
        return {
          url: repository.url,
          credentials: secret === undefined ? null : toCredentials(sealer.open(repository.id, sealedSecret(secret))),
        }
      }),

    recordRefs: (id, result, atMs) =>
      write(async ({ tx, changed }) => {
        const before = await tx
          .selectFrom('repositories')
          .select(['id', 'normalized_url as name', 'error', 'polled_at_ms'])
          .where('id', '=', rowId(id))
          .forUpdate()
          .executeTakeFirst()
        if (before === undefined) throw notFound(id)
        // A webhook and a poll may list at the same time: the older listing must not win.
        if (atMs < (before.polled_at_ms ?? 0)) return false
        const error = 'error' in result ? toTextColumn(result.error) : null
        await tx.updateTable('repositories').set({ error, polled_at_ms: atMs }).where('id', '=', before.id).execute()
        const refsChanged = 'refs' in result && (await putRefs(tx, before.id, result.refs))
        if (refsChanged || error !== before.error) changed('Repository', 'updated', before)
        return refsChanged
      }),
  }
}

/** Gives whether they differ from what was there. */
async function putRefs(tx: Transaction<Tables>, id: string, refs: Readonly<Record<string, string>>): Promise<boolean> {
  const json = toJsonColumn(refs)
  const { rows } =
    await sql`update repositories set refs = ${json}::jsonb where id = ${id} and refs <> ${json}::jsonb returning id`.execute(tx)
  return rows.length > 0
}

function repositories(db: Kysely<Tables>) {
  return db
    .selectFrom('repositories')
    .selectAll()
    .select((eb) =>
      eb
        .exists(eb.selectFrom('repository_credentials').select('repository_id').whereRef('repository_id', '=', 'repositories.id'))
        .as('has_credentials'),
    )
}

async function one(db: Kysely<Tables>, column: 'id' | 'normalized_url', value: string): Promise<Repository | null> {
  const row = await repositories(db).where(column, '=', value).executeTakeFirst()
  return row === undefined ? null : toRepository(row)
}

function toRepository(row: Selectable<RepositoriesTable> & { has_credentials: unknown }): Repository {
  return {
    id: row.id,
    normalizedUrl: row.normalized_url,
    url: row.url,
    hasCredentials: row.has_credentials === true,
    refs: row.refs,
    polledAtMs: row.polled_at_ms,
    error: row.error,
    generation: row.generation,
  }
}

function toCredentials(clear: string): { readonly username: string; readonly password: string } {
  const [username, password]: readonly unknown[] = JSON.parse(clear)
  if (typeof username !== 'string' || typeof password !== 'string')
    throw new FleetError('INTERNAL', 'a stored credential is not a user name and a password')
  return { username, password }
}

function notFound(id: string): FleetError {
  return new FleetError('NOT_FOUND', `there is no repository ${id}`)
}
