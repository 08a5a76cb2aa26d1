import { findTool } from '../toolchain/find-tool.ts'
import { startPostgres } from '../toolchain/postgres.ts'
import { startTemporal, type Temporal } from '../toolchain/temporal.ts'
import type { Config } from './config.ts'
import type { StateDir } from './state-dir.ts'

export interface Embedded {
  readonly databaseUrl: string
  /** Null where TEMPORAL_ADDRESS replaces it. */
  readonly temporalAddress: string | null
  readonly temporalUiUrl: string | null
  readonly stop: () => Promise<void>
}

/** What starts the servers; by default the toolchain. */
export interface EmbeddedStarters {
  readonly postgres: typeof startPostgres
  readonly temporal: (options: { readonly dbFile: string; readonly log: (line: string) => void }) => Promise<Temporal>
}

const starters: EmbeddedStarters = {
  postgres: startPostgres,
  temporal: async ({ dbFile, log }) => startTemporal({ dbFile, binary: await findTool('temporal', { log }), log }),
}

/**
 * Starts, or adopts after a crash, the servers that the configuration doesn't replace. Throws what the first to fail threw, after the
 * other has been stopped again: they would outlive us.
 */
export async function startEmbedded(
  config: Pick<Config, 'DATABASE_URL' | 'TEMPORAL_ADDRESS'>,
  stateDir: Pick<StateDir, 'postgres' | 'temporalDb'>,
  log: (line: string) => void,
  start: EmbeddedStarters = starters,
): Promise<Embedded> {
  const [postgres, temporal] = await Promise.allSettled([
    config.DATABASE_URL === undefined ? start.postgres({ dataDir: stateDir.postgres, log }) : null,
    config.TEMPORAL_ADDRESS === undefined ? start.temporal({ dbFile: stateDir.temporalDb, log }) : null,
  ])
  const stop = async () => {
    // Temporal first, and PostgreSQL even when that fails.
    const ends = [temporal, postgres].map((started) => async () => (started.status === 'fulfilled' ? started.value?.stop() : undefined))
    const failures: unknown[] = []
    for (const end of ends) await end().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }
  const failed = [postgres, temporal].find((started) => started.status === 'rejected')
  if (failed !== undefined) {
    await stop().catch((error: unknown) => log(`could not be stopped again: ${String(error)}`))
    throw failed.reason
  }
  const running = { postgres: serverOf(postgres), temporal: serverOf(temporal) }
  const databaseUrl = config.DATABASE_URL ?? running.postgres?.url
  if (databaseUrl === undefined) throw new Error('no database')
  return {
    databaseUrl,
    temporalAddress: running.temporal?.address ?? null,
    temporalUiUrl: running.temporal?.uiUrl ?? null,
    stop,
  }
}

function serverOf<T>(settled: PromiseSettledResult<T>): T | null {
  return settled.status === 'fulfilled' ? settled.value : null
}
