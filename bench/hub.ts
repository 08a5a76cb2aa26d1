import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@temporalio/client'
import { DefaultLogger, Runtime } from '@temporalio/worker'
import { type ActivityDependencies, defaultActivitySettings } from '../activities/dependencies.ts'
import type { Hints } from '../commands/context.ts'
import { createRenderer } from '../rendering/create-renderer.ts'
import { createRepositories } from '../repos/create-repositories.ts'
import { type GitServer, startGitServer } from '../sandbox/git-server.ts'
import { readConfig } from '../server/config.ts'
import { generatorEnvironment } from '../server/generator-environment.ts'
import { generatorSources } from '../server/generator-sources.ts'
import { createHints } from '../server/hints.ts'
import { type KeyRing, loadKeyRing } from '../server/keys.ts'
import { openStateDir } from '../server/state-dir.ts'
import { connectClient, startWorkers, type TemporalSettings, temporalSettings } from '../server/temporal.ts'
import { bundleWorkflows } from '../server/workflow-bundle.ts'
import { createStore } from '../store/create-store.ts'
import { createSealer } from '../store/sealing.ts'
import { findTool } from '../toolchain/find-tool.ts'
import { startPostgres } from '../toolchain/postgres.ts'
import { startTemporal } from '../toolchain/temporal.ts'
import { instantGateway } from './instant-gateway.ts'

/** As server/serve.ts has it. */
const databaseConnectionsMax = 20

export type HubDependencies = ActivityDependencies & { readonly random: () => number }

export interface BenchHub {
  readonly deps: HubDependencies
  readonly git: GitServer
  readonly stateDir: ReturnType<typeof openStateDir>
  readonly ring: KeyRing
  readonly stop: () => Promise<void>
}

const silent = { info: () => undefined, warn: () => undefined }

/**
 * What server/serve.ts composes for its worker, by hand, because the clusters are left out: a real embedded PostgreSQL with its
 * settings as they are, real Git over HTTP, the real renderer, and clusters that answer at once.
 */
export async function startBenchHub(options: {
  readonly dir: string
  readonly progress: (line: string) => void
  readonly hints: Hints
  /** Puts something around the dependencies, to see when things happen. */
  readonly wrap?: (deps: HubDependencies) => HubDependencies
}): Promise<BenchHub> {
  const { dir, progress, hints, wrap = (deps) => deps } = options
  const stateDir = openStateDir(join(dir, 'state'))
  mkdirSync(join(dir, 'git'))
  const postgres = await startPostgres({ dataDir: stateDir.postgres, log: progress })
  const ring = loadKeyRing(undefined, stateDir.path)
  const nowMs = () => Date.now()
  const store = await createStore({
    databaseUrl: postgres.url,
    sealer: createSealer({ keys: ring.keys, currentKeyId: ring.currentKeyId }),
    poolSizeMax: databaseConnectionsMax,
    nowMs,
    log: silent,
  })
  const git = await startGitServer({ dir: join(dir, 'git') })
  const repositories = createRepositories({ cacheDir: stateDir.repositories, log: silent })
  const renderer = createRenderer({
    repositories,
    kustomizeBinary: await findTool('kustomize', { log: progress }),
    cacheDir: stateDir.renderings,
    scratchDir: stateDir.scratch,
    log: silent,
  })
  return {
    deps: wrap({
      store,
      gateway: instantGateway(),
      repositories,
      renderer,
      hints,
      log: silent,
      nowMs,
      random: Math.random,
      digest: (text) => createHash('sha256').update(text).digest('hex'),
      generatorEnvironment: generatorEnvironment(),
      sources: generatorSources(
        {
          ROADSTEAD_ENABLE_NEW_GIT_FILE_GLOBBING: false,
          ROADSTEAD_ENABLE_SCM_PROVIDERS: false,
          ROADSTEAD_ALLOWED_SCM_PROVIDERS: [],
          ROADSTEAD_HUB_CLUSTER: 'in-cluster',
          ROADSTEAD_HUB_NAMESPACE: 'argocd',
        },
        { allowLoopback: true, nowMs, store },
      ),
      settings: defaultActivitySettings,
    }),
    git,
    stateDir,
    ring,
    stop: async () => {
      await store.close()
      await git.stop()
      await postgres.stop()
      stateDir.release()
    },
  }
}

export const noHints: Hints = {
  clusterChanged: () => undefined,
  applicationSetsChanged: () => undefined,
  applicationChanged: () => undefined,
  repositoryChanged: () => undefined,
  rolloutCommanded: () => undefined,
}

export interface BenchTemporal {
  readonly settings: TemporalSettings
  readonly client: Client
  readonly stop: () => Promise<void>
}

/** The embedded dev server with its database file, and the worker of a hub process with the real workflows and activities. */
export async function startBenchTemporal(
  hub: Pick<BenchHub, 'stateDir' | 'ring'>,
  progress: (line: string) => void,
): Promise<BenchTemporal> {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  const temporal = await startTemporal({
    dbFile: hub.stateDir.temporalDb,
    binary: await findTool('temporal', { log: progress }),
    log: progress,
  })
  const settings = temporalSettings(readConfig({ ROADSTEAD_STATE_DIR: hub.stateDir.path }), temporal.address, hub.ring)
  const client = await connectClient(settings)
  return {
    settings,
    client,
    stop: async () => {
      await client.connection.close()
      await temporal.stop()
    },
  }
}

export interface WorkingHub {
  readonly hub: BenchHub
  readonly temporal: BenchTemporal
  readonly hints: Hints
}

/** Runs something beside a hub whose worker is at work, and stops it all. */
export async function withWorkers<T>(
  options: Omit<Parameters<typeof startBenchHub>[0], 'hints'>,
  run: (working: WorkingHub) => Promise<T>,
): Promise<T> {
  const hub = await startBenchHub({ ...options, hints: noHints })
  try {
    const temporal = await startBenchTemporal(hub, options.progress)
    try {
      const bundle = await bundleWorkflows(options.progress)
      const hints = createHints(temporal.client, hub.deps.store, silent)
      const workers = await startWorkers(temporal.settings, { ...hub.deps, hints }, bundle)
      try {
        return await run({ hub, temporal, hints })
      } finally {
        await workers.stop()
      }
    } finally {
      await temporal.stop()
    }
  } finally {
    await hub.stop()
  }
}
