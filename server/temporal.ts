import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Client, Connection, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'
import { NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker'
import type { ActivityDependencies } from '../activities/dependencies.ts'
import { createActivities, createWatchActivities } from '../activities/index.ts'
import { hubTaskQueue, watchQueue } from '../fleet/cluster.ts'
import type { Config } from './config.ts'
import type { KeyRing } from './keys.ts'
import { createPayloadCodec } from './payload-codec.ts'

/** Activities under way at once in one process, short ones and watches counted apart. */
const activitiesAtOnce = 100
const watchesAtOnce = 4_000
/** Time that a draining worker gives to what is under way. Activities are idempotent, so cutting them is safe. */
const drainMs = 5_000
/** How soon an activity hears that it was cancelled: a halt takes at most 5 s (invariant I10). */
const heartbeatThrottleMs = 2_000
const sweepScheduleId = 'roadstead-sweep'

export function dataConverter(ring: KeyRing): DataConverter {
  return {
    payloadCodecs: [createPayloadCodec(ring)],
    failureConverterPath: fileURLToPath(new URL('../workflows/failure-converter.ts', import.meta.url)),
  }
}

export interface TemporalSettings {
  readonly address: string
  readonly namespace: string
  readonly converter: DataConverter
  readonly connection: {
    readonly tls?: true | { serverRootCACertificate?: Buffer; clientCertPair?: { crt: Buffer; key: Buffer } }
    readonly apiKey?: string
  }
}

export function temporalSettings(config: Config, embeddedAddress: string | null, ring: KeyRing): TemporalSettings {
  const address = config.TEMPORAL_ADDRESS ?? embeddedAddress
  if (address === null) throw new Error('no Temporal address')
  const pair =
    config.TEMPORAL_TLS_CERT === undefined || config.TEMPORAL_TLS_KEY === undefined
      ? {}
      : { clientCertPair: { crt: readFileSync(config.TEMPORAL_TLS_CERT), key: readFileSync(config.TEMPORAL_TLS_KEY) } }
  const ca = config.TEMPORAL_TLS_CA === undefined ? {} : { serverRootCACertificate: readFileSync(config.TEMPORAL_TLS_CA) }
  const tls = { ...pair, ...ca }
  const wantsTls = config.TEMPORAL_TLS ?? (Object.keys(tls).length > 0 || config.TEMPORAL_API_KEY !== undefined)
  return {
    address,
    namespace: config.TEMPORAL_NAMESPACE,
    converter: dataConverter(ring),
    connection: {
      ...(wantsTls ? { tls: Object.keys(tls).length > 0 ? tls : (true as const) } : {}),
      ...(config.TEMPORAL_API_KEY === undefined ? {} : { apiKey: config.TEMPORAL_API_KEY }),
    },
  }
}

export async function connectClient(settings: TemporalSettings): Promise<Client> {
  const connection = await Connection.connect({ address: settings.address, ...settings.connection, connectTimeout: '20s' })
  return new Client({ connection, namespace: settings.namespace, dataConverter: settings.converter })
}

export interface Workers {
  /** Settles when a worker ends; rejects when one fails. */
  readonly ended: Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts the workers of a hub process: one for workflows and short activities, one for watches. */
export async function startWorkers(
  settings: TemporalSettings,
  deps: ActivityDependencies & { readonly random: () => number },
  bundle: WorkflowBundleOption,
): Promise<Workers> {
  const connection = await NativeConnection.connect({ address: settings.address, ...settings.connection })
  const common = {
    connection,
    namespace: settings.namespace,
    dataConverter: settings.converter,
    shutdownGraceTime: drainMs,
    shutdownForceTime: drainMs * 2,
    maxHeartbeatThrottleInterval: heartbeatThrottleMs,
  }
  const hub = await Worker.create({
    ...common,
    taskQueue: hubTaskQueue,
    workflowBundle: bundle,
    activities: createActivities(deps),
    maxConcurrentActivityTaskExecutions: activitiesAtOnce,
  })
  const watch = await Worker.create({
    ...common,
    taskQueue: watchQueue(hubTaskQueue),
    activities: createWatchActivities(deps),
    maxConcurrentActivityTaskExecutions: watchesAtOnce,
  })
  const running = Promise.all([hub.run(), watch.run()])
  return {
    ended: running.then(() => undefined),
    stop: async () => {
      for (const worker of [hub, watch]) if (worker.getState() === 'RUNNING') worker.shutdown()
      await running.catch(() => undefined)
      await connection.close()
    },
  }
}

/** The sweep runs on a Temporal Schedule: once in the cluster of processes, not once in each. */
export async function ensureSweep(client: Client, everyMs: number): Promise<void> {
  const action = { type: 'startWorkflow', workflowType: 'sweep', taskQueue: hubTaskQueue, args: [] } as const
  const spec = { intervals: [{ every: everyMs }] }
  const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' } as const
  try {
    await client.schedule.create({ scheduleId: sweepScheduleId, spec, action, policies })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    await client.schedule.getHandle(sweepScheduleId).update((previous) => ({ ...previous, spec, action, policies }))
  }
}
