import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { type ActivityDependencies, defaultActivitySettings } from '../activities/dependencies.ts'
import { previewSet } from '../activities/preview-set.ts'
import { createClusterGateway } from '../clusters/create-gateway.ts'
import type { CommandContext } from '../commands/context.ts'
import { createRenderer } from '../rendering/create-renderer.ts'
import { createRepositories } from '../repos/create-repositories.ts'
import { buildSchema } from '../schema/schema.ts'
import { createStore } from '../store/create-store.ts'
import { rewrap } from '../store/rewrap.ts'
import { createSealer } from '../store/sealing.ts'
import { findTool } from '../toolchain/find-tool.ts'
import { authenticate } from './authenticate.ts'
import { bootstrapToken } from './bootstrap-token.ts'
import type { Config } from './config.ts'
import { startEmbedded } from './embedded.ts'
import { generatorEnvironment } from './generator-environment.ts'
import { generatorSources } from './generator-sources.ts'
import { createGraphQLHandler } from './graphql.ts'
import { createHints } from './hints.ts'
import { createHttpServer } from './http.ts'
import { loadKeyRing } from './keys.ts'
import { createMetrics } from './metrics.ts'
import { openStateDir } from './state-dir.ts'
import { connectClient, ensureSweep, startWorkers, temporalSettings } from './temporal.ts'
import { routeTemporalLogs } from './temporal-logs.ts'
import { createWebhook } from './webhook.ts'
import { bundleWorkflows } from './workflow-bundle.ts'

const databaseConnectionsMax = 20

export interface Hub {
  readonly url: string
  readonly temporalUiUrl: string | null
  /** Printed once, at the very first start; null later. */
  readonly bootstrapToken: string | null
  /** Rejects when a part fails that the hub can't do without. */
  readonly failed: Promise<never>
  /** Drains: no new requests, workers finish or hand over, then the embedded servers stop. */
  readonly stop: () => Promise<void>
}

/**
 * The one composition root: constructs everything, hands each part what it needs, and stops it all in reverse order. `progress` gets
 * one line for each thing that takes time.
 */
export async function serve(config: Config, progress: (line: string) => void): Promise<Hub> {
  const log = pino({ level: config.ROADSTEAD_LOG_LEVEL })
  routeTemporalLogs(log)
  const cleanups: (() => Promise<void> | void)[] = []
  const stop = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) {
      try {
        await cleanup()
      } catch (error) {
        // The others have to end all the same: the embedded servers would outlive us.
        log.error({ err: error }, 'a part could not be stopped')
      }
    }
  }
  try {
    const nowMs = () => Date.now()
    const stateDir = openStateDir(config.ROADSTEAD_STATE_DIR)
    cleanups.push(() => stateDir.release())
    const ring = loadKeyRing(config.ROADSTEAD_ENCRYPTION_KEYS, stateDir.path)
    const isWorker = config.ROADSTEAD_ROLES.includes('worker')
    const bundling = isWorker ? bundleWorkflows((message) => log.warn(message)) : null
    bundling?.catch(() => undefined)
    const embedded = await startEmbedded(config, stateDir, progress)
    cleanups.push(() => embedded.stop())

    const sealer = createSealer({ keys: ring.keys, currentKeyId: ring.currentKeyId })
    const store = await createStore({
      databaseUrl: embedded.databaseUrl,
      sealer,
      poolSizeMax: databaseConnectionsMax,
      nowMs,
      log,
    })
    cleanups.push(() => store.close())
    // A rotated key takes effect at the next start: what older keys sealed is sealed again.
    const rewrapped = await rewrap(embedded.databaseUrl, sealer)
    if (rewrapped > 0) log.info({ rewrapped, keyId: ring.currentKeyId }, 'secrets sealed under the current key')
    // One machine, one fleet: whoever runs the embedded database may well have clusters on loopback.
    const allowLoopback = config.ROADSTEAD_ALLOW_LOOPBACK_CLUSTERS ?? config.DATABASE_URL === undefined
    const gateway = createClusterGateway({ log, allowLoopback })
    cleanups.push(() => gateway.close())

    const temporal = temporalSettings(config, embedded.temporalAddress, ring)
    const client = await connectClient(temporal)
    cleanups.push(() => client.connection.close())
    const hints = createHints(client, store, log)

    const repositories = createRepositories({ cacheDir: stateDir.repositories, log })
    const sources = generatorSources(config, { allowLoopback, nowMs, store })
    cleanups.push(() => sources.scm.close())
    const generating = { store, gateway, repositories, sources, hints, nowMs, generatorEnvironment: generatorEnvironment() }

    const failures: Promise<unknown>[] = []
    if (isWorker && bundling !== null) {
      const renderer = createRenderer({
        repositories,
        kustomizeBinary: await findTool('kustomize', { log: progress }),
        cacheDir: stateDir.renderings,
        scratchDir: stateDir.scratch,
        log,
      })
      const deps: ActivityDependencies & { readonly random: () => number } = {
        ...generating,
        renderer,
        log,
        random: Math.random,
        digest: (text) => createHash('sha256').update(text).digest('hex'),
        settings: {
          ...defaultActivitySettings,
          ...(config.ROADSTEAD_REPOSITORY_POLL === undefined ? {} : { repositoryPollMs: config.ROADSTEAD_REPOSITORY_POLL }),
          ...(config.ROADSTEAD_REQUEUE_AFTER === undefined ? {} : { requeueAfterMs: config.ROADSTEAD_REQUEUE_AFTER }),
          ...(config.ROADSTEAD_PROBE_INTERVAL === undefined ? {} : { probeEveryMs: config.ROADSTEAD_PROBE_INTERVAL }),
          ...(config.ROADSTEAD_RECHECK_INTERVAL === undefined ? {} : { recheckEveryMs: config.ROADSTEAD_RECHECK_INTERVAL }),
          ...(config.ROADSTEAD_OBSERVE_INTERVAL === undefined ? {} : { observeEveryMs: config.ROADSTEAD_OBSERVE_INTERVAL }),
        },
      }
      const workers = await startWorkers(temporal, deps, await bundling)
      cleanups.push(() => workers.stop())
      failures.push(workers.ended)
      await ensureSweep(client, config.ROADSTEAD_SWEEP_INTERVAL)
    }

    const url = config.ROADSTEAD_ROLES.includes('api') ? await listen() : ''
    return {
      url,
      temporalUiUrl: embedded.temporalUiUrl,
      bootstrapToken: await bootstrapToken(store),
      failed: Promise.race([...failures, new Promise<never>(() => {})]).then(() => {
        throw new Error('a worker ended')
      }),
      stop,
    }

    async function listen(): Promise<string> {
      const commandContext: CommandContext = {
        store,
        gateway,
        hints,
        nowMs,
        allowLoopbackClusters: allowLoopback,
        previewSet: (set, signal) => previewSet(generating, set, signal),
      }
      const server = createHttpServer({
        graphql: createGraphQLHandler({
          schema: buildSchema(),
          commandContext,
          authenticate: authenticate(store, nowMs),
          log,
          development: config.ROADSTEAD_DEVELOPMENT,
        }),
        webhook: createWebhook({ store, hints, secret: config.ROADSTEAD_WEBHOOK_SECRET ?? null, log }),
        unready: async () => {
          const checks = { database: store.ping(), temporal: client.connection.ensureConnected() }
          const results = await Promise.allSettled(Object.values(checks))
          return Object.keys(checks).filter((_, i) => results[i]?.status === 'rejected')
        },
        mayScrape: async (request) => (await authenticate(store, nowMs)(request.headers.authorization)) !== null,
        metrics: createMetrics(store, nowMs),
      })
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(config.ROADSTEAD_PORT, config.ROADSTEAD_HOST, resolve)
      })
      cleanups.push(
        () =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            server.closeAllConnections()
          }),
      )
      const { address, port, family } = server.address() as AddressInfo
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
    }
  } catch (error) {
    await stop()
    throw error
  }
}
