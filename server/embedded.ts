import { findTool } from '../toolchain/find-tool.ts'
import { startPostgres } from '../toolchain/postgres.ts'
import { startTemporal } from '../toolchain/temporal.ts'
import type { Config } from './config.ts'
import type { StateDir } from './state-dir.ts'

export interface Embedded {
  readonly databaseUrl: string
  /** Null where TEMPORAL_ADDRESS replaces it. */
  readonly temporalAddress: string | null
  readonly temporalUiUrl: string | null
  readonly stop: () => Promise<void>
}

/** Starts, or adopts after a crash, the servers that the configuration doesn't replace. */
export async function startEmbedded(config: Config, stateDir: StateDir, log: (line: string) => void): Promise<Embedded> {
  const [postgres, temporal] = await Promise.all([
    config.DATABASE_URL === undefined ? startPostgres({ dataDir: stateDir.postgres, log }) : null,
    config.TEMPORAL_ADDRESS === undefined
      ? findTool('temporal', { log }).then((binary) => startTemporal({ dbFile: stateDir.temporalDb, binary, log }))
      : null,
  ])
  const databaseUrl = config.DATABASE_URL ?? postgres?.url
  if (databaseUrl === undefined) throw new Error('no database')
  return {
    databaseUrl,
    temporalAddress: temporal?.address ?? null,
    temporalUiUrl: temporal?.uiUrl ?? null,
    stop: async () => {
      await temporal?.stop()
      await postgres?.stop()
    },
  }
}
