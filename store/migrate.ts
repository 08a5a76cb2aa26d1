import { Migrator } from 'kysely/migration'
import { openKysely } from './database.ts'
import { addressOf, toFleetError } from './database-errors.ts'
import { migrations } from './migrations/all.ts'

/** Runs the migrations that are missing, in one transaction, under a lock: several servers may start at once. Gives the names of those that ran. */
export async function migrate(databaseUrl: string): Promise<readonly string[]> {
  const db = openKysely(databaseUrl, 2, { warn: () => undefined })
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } })
    const { error, results } = await migrator.migrateToLatest()
    if (error !== undefined) throw toFleetError(error, addressOf(databaseUrl))
    return (results ?? []).map((result) => result.migrationName)
  } finally {
    await db.destroy()
  }
}
