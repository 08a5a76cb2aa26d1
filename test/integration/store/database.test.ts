import { Client } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createStore } from '../../../store/create-store.ts'
import { migrate } from '../../../store/migrate.ts'
import { freshDatabase } from '../../support/postgres.ts'
import { newSet, registered, useStore } from './store-fixture.ts'

const fixture = useStore()

async function emptyDatabase(): Promise<string> {
  const database = await freshDatabase()
  onTestFinished(database.drop)
  return database.url
}

const options = () => ({ sealer: fixture.sealer, poolSizeMax: 2, nowMs: () => 1 })

describe('migrations', () => {
  it('run once, and leave a migrated database alone', async () => {
    const url = await emptyDatabase()
    expect(await migrate(url)).toEqual(['0001-first', '0002-secrets'])
    expect(await migrate(url)).toEqual([])
  })

  it('run once when several servers start at the same time', async () => {
    const url = await emptyDatabase()
    const stores = await Promise.all(Array.from({ length: 4 }, () => createStore({ databaseUrl: url, ...options() })))
    for (const store of stores) {
      await store.ping()
      await store.close()
    }
  })

  it('refuse a database that a newer Roadstead has migrated', async () => {
    const url = await emptyDatabase()
    const store = await createStore({ databaseUrl: url, ...options() })
    await store.close()
    const client = new Client({ connectionString: url })
    await client.connect()
    await client.query(`insert into kysely_migration values ('9999-future', '2030-01-01')`)
    await client.end()
    await expect(createStore({ databaseUrl: url, ...options() })).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('9999-future'),
    })
  })
})

describe('a database that is not there', () => {
  it('is a retryable error that says where, without the password', async () => {
    const url = new URL(fixture.databaseUrl)
    const { password } = url
    url.port = '1'
    const failed = createStore({ databaseUrl: url.href, ...options() })
    await expect(failed).rejects.toMatchObject({
      code: 'INTERNAL',
      retryable: true,
      message: expect.stringContaining(`can't be reached at 127.0.0.1:1${url.pathname}: ECONNREFUSED`),
    })
    const error: unknown = await failed.catch((reason: unknown) => reason)
    expect(password).not.toBe('')
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(password)
  })

  it('is the same error when the login is wrong or the database is missing', async () => {
    const wrong = new URL(fixture.databaseUrl)
    wrong.password = 'wrong-password'
    const missing = new URL(fixture.databaseUrl)
    missing.pathname = '/there_is_no_such_database'
    for (const url of [wrong, missing]) {
      const message = await createStore({ databaseUrl: url.href, ...options() }).then(
        () => 'opened',
        (error: unknown) => (error instanceof Error ? error.message : ''),
      )
      expect(message).toContain(`can't be reached`)
      expect(message).not.toContain('wrong-password')
    }
  })

  it('fails a call, and the next one works when it is back', async () => {
    const set = await newSet(fixture.store)
    await fixture.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'roadstead'`,
    )
    // The pool may notice before, or with, the first call.
    await fixture.store.ping().catch((error: unknown) => expect(error).toMatchObject({ code: 'INTERNAL', retryable: true }))
    await expect.poll(() => fixture.store.applicationSets.get(set.id).catch(() => null)).toMatchObject({ name: set.name })
  })

  it('ends no process when connections break in the middle of transactions', async () => {
    const set = await newSet(fixture.store)
    for (let round = 0; round < 10; round += 1) {
      const writes = Promise.allSettled(Array.from({ length: 10 }, () => fixture.store.applicationSets.touch([set.id])))
      await fixture.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'roadstead'`,
      )
      for (const result of await writes) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'INTERNAL', retryable: true })
      }
    }
    await expect.poll(() => fixture.store.applicationSets.touch([set.id]).catch(() => null)).toEqual([set.id])
  })

  it('is what a closed store says', async () => {
    const store = await createStore({ databaseUrl: fixture.databaseUrl, ...options() })
    await store.close()
    await expect(store.ping()).rejects.toMatchObject({ code: 'INTERNAL' })
  })
})

describe('a statement that the database refuses', () => {
  it('tells which constraint, and no contents of rows', async () => {
    await registered(fixture.store)
    await fixture.query(`alter table clusters add constraint no_secrets check (annotations ->> 'note' <> 'confidential')`)
    const error: unknown = await registered(fixture.store, { annotations: { note: 'confidential' } }).catch((reason: unknown) => reason)
    await fixture.query('alter table clusters drop constraint no_secrets')
    expect(error).toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('no_secrets') })
    const all = (value: unknown): string =>
      value instanceof Error ? `${JSON.stringify(value, Object.getOwnPropertyNames(value))} ${all(value.cause)}` : ''
    expect(all(error)).not.toContain('confidential')
  })
})
