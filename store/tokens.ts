import { createHash, randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import { FleetError } from '../fleet/errors.ts'
import type { Database } from './database.ts'
import { violatedConstraint } from './database-errors.ts'
import { rowId } from './ids.ts'
import type { Token, TokenStore } from './store.ts'
import type { TokensTable } from './tables.ts'

/** Tells a token of ours from other secrets, for people and for secret scanners. */
const prefix = 'rst_'
const secretBytes = 32
/** How exact the time of last use is. */
const lastUsedEveryMs = 60_000

const columns = ['id', 'name', 'role', 'created_at_ms', 'expires_at_ms'] as const satisfies readonly (keyof TokensTable)[]

export function createTokenStore({ read, write, nowMs }: Database): TokenStore {
  return {
    create: ({ name, role, expiresAtMs }) =>
      write(async ({ tx }) => {
        const clear = `${prefix}${randomBytes(secretBytes).toString('base64url')}`
        const row = await tx
          .insertInto('tokens')
          .values({ name, role, hash: sha256(clear), created_at_ms: nowMs(), expires_at_ms: expiresAtMs, last_used_at_ms: null })
          .returning(columns)
          .executeTakeFirstOrThrow()
          .catch((error: unknown) => {
            if (violatedConstraint(error) === 'tokens_name_key')
              throw new FleetError('CONFLICT', `the token name ${name} is taken: choose another, or revoke that token first`)
            throw error
          })
        return { token: toToken(row), clear }
      }),

    verify: (clear, atMs) =>
      read(async (db) => {
        if (!clear.startsWith(prefix)) return null
        // The lookup compares digests of 256 random bits: how long it takes tells nothing about a token.
        const row = await db
          .selectFrom('tokens')
          .select([...columns, 'last_used_at_ms'])
          .where('hash', '=', sha256(clear))
          .executeTakeFirst()
        if (row === undefined || (row.expires_at_ms !== null && row.expires_at_ms <= atMs)) return null
        if (row.last_used_at_ms === null || row.last_used_at_ms <= atMs - lastUsedEveryMs) {
          await db.updateTable('tokens').set({ last_used_at_ms: atMs }).where('id', '=', row.id).execute()
        }
        return toToken(row)
      }),

    all: () => read(async (db) => (await db.selectFrom('tokens').select(columns).orderBy('name').execute()).map(toToken)),

    revoke: (id) =>
      write(async ({ tx }) => {
        const gone = await tx.deleteFrom('tokens').where('id', '=', rowId(id)).returning('id').executeTakeFirst()
        if (gone === undefined) throw new FleetError('NOT_FOUND', `there is no token with the id ${id}`)
      }),
  }
}

function toToken(row: Pick<Selectable<TokensTable>, (typeof columns)[number]>): Token {
  return { id: row.id, name: row.name, role: row.role, createdAtMs: row.created_at_ms, expiresAtMs: row.expires_at_ms }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
