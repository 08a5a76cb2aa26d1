import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { makeRunDirectory } from '../../sandbox/processes.ts'
import { type Postgres, startPostgres } from '../../toolchain/postgres.ts'
import { sandboxRoot } from './sandbox-directory.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** An administrator's address of the one PostgreSQL of this run. */
    postgresUrl: string
  }
}

/** Kept past the module: every project of a run loads one of its own, and all share one server. */
const shared = globalThis as { roadsteadPostgres?: { readonly server: Promise<Postgres>; users: number } }

/** Vitest's global set-up for the projects with real servers: one PostgreSQL for the whole run, gone at its end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.roadsteadPostgres ??= { server: start(), users: 0 }
  const held = shared.roadsteadPostgres
  held.users += 1
  const server = await held.server
  project.provide('postgresUrl', server.url)
  return async () => {
    held.users -= 1
    if (held.users > 0) return
    delete shared.roadsteadPostgres
    await server.stop()
  }
}

async function start(): Promise<Postgres> {
  const dir = await makeRunDirectory(sandboxRoot())
  return startPostgres({
    dataDir: join(dir, 'postgres'),
    // What a test writes needn't outlive a power cut.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
    log: () => undefined,
  })
}
