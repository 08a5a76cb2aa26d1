import { sql } from 'kysely'
import { createApplicationSetStore } from './application-sets.ts'
import { createApplicationStore } from './applications.ts'
import { createChangeFeed } from './changes.ts'
import { createClusterStore } from './clusters.ts'
import { openDatabase, type StoreLog } from './database.ts'
import { migrate } from './migrate.ts'
import { createSecretStore } from './named-secrets.ts'
import { createNotifications, createNotifier, notify } from './notifications.ts'
import { createProjectStore } from './projects.ts'
import { createRepositoryStore } from './repositories.ts'
import { createRolloutStore } from './rollouts.ts'
import type { Sealer, Store } from './store.ts'
import { createTokenStore } from './tokens.ts'

export interface StoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly databaseUrl: string
  readonly sealer: Sealer
  /** Connections, not counting the one that listens for changes. */
  readonly poolSizeMax: number
  readonly nowMs: () => number
  readonly log?: StoreLog
}

/** Opens the store, after migrating the database where that is due. INTERNAL when the database can't be reached. */
export async function createStore({ databaseUrl, sealer, poolSizeMax, nowMs, log = silent }: StoreOptions): Promise<Store> {
  await migrate(databaseUrl)
  const notifier = createNotifier(() => database.read(notify), log)
  const database = openDatabase({ databaseUrl, poolSizeMax, nowMs, log, onChangesCommitted: notifier.soon })
  const notifications = createNotifications(databaseUrl, log)
  return {
    clusters: createClusterStore(database, sealer),
    repositories: createRepositoryStore(database, sealer),
    projects: createProjectStore(database),
    secrets: createSecretStore(database, sealer, nowMs),
    applicationSets: createApplicationSetStore(database),
    applications: createApplicationStore(database),
    rollouts: createRolloutStore(database),
    tokens: createTokenStore(database),
    changes: createChangeFeed(database, notifications),
    ping: () => database.read(async (db) => void (await sql`select 1`.execute(db))),
    close: async () => {
      await notifications.close()
      await notifier.close()
      await database.close()
    },
  }
}

const silent: StoreLog = { warn: () => undefined }
