// Records a history of each workflow shape: `node test/replay/record.ts VERSION` writes test/replay/histories/VERSION/*.json.
// Run it once for each release; recorded files are never changed, only added to.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApplicationFailure } from '@temporalio/activity'
import { Worker } from '@temporalio/worker'
import type { ReconcileResult } from '../../activities/entity-activities.ts'
import { hubTaskQueue, watchQueue } from '../../fleet/cluster.ts'
import type { RolloutCommand } from '../../fleet/rollout/state.ts'
import { bundleForTests, createWorld, planOf, runRollout, startTimeSkipping, type TemporalTest, type World } from '../workflow/harness.ts'
import { historyToText } from './history-file.ts'

const [version] = process.argv.slice(2)
if (version === undefined || !/^[\w.-]+$/.test(version)) throw new Error('give the version, such as 0.1.0')
const dir = join(import.meta.dirname, 'histories', version)
mkdirSync(dir, { recursive: true })
const bundle = await bundleForTests()

async function record(name: string, scenario: (temporal: TemporalTest) => Promise<string>): Promise<void> {
  const env = await startTimeSkipping()
  try {
    const workflowId = await scenario({ env, bundle })
    const history = await env.client.workflow.getHandle(workflowId).fetchHistory()
    writeFileSync(join(dir, `${name}.json`), historyToText(history))
    console.log(`${name}: ${history.events?.length ?? 0} events`)
  } finally {
    await env.teardown()
  }
}

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 25))
}
const command = (id: number, verb: RolloutCommand['verb'], more: Partial<RolloutCommand> = {}): RolloutCommand => ({
  id,
  verb,
  actor: 'ada',
  atMs: Date.now(),
  ...more,
})

async function rollout(
  temporal: TemporalTest,
  plan: World['plan'],
  behave: Parameters<typeof createWorld>[2],
  during?: (world: World, wake: () => Promise<void>) => Promise<void>,
): Promise<string> {
  const world = createWorld('recorded', plan, behave, () => temporal.env.currentTimeMs())
  await runRollout(temporal, world, async ({ wake }) => during?.(world, wake))
  return 'rollout/recorded'
}

const twoStages = [
  { name: 'eu', clusters: ['eu-1', 'eu-2'], maxConcurrent: 2 },
  { name: 'us', clusters: ['us-1'] },
]

await record('rollout-succeeded', (temporal) => rollout(temporal, planOf(twoStages), () => ({})))
await record('rollout-rolled-back', (temporal) =>
  rollout(temporal, planOf(twoStages, { onFailure: 'RollBackRollout' }), (cluster, to) =>
    cluster === 'us-1' && to === 'v2' ? { sync: 'refused' } : {},
  ),
)
await record('rollout-deferred', (temporal) =>
  rollout(temporal, planOf(twoStages), (cluster) => (cluster === 'eu-1' ? { sync: 'unreachable' } : {})),
)
await record('rollout-baked', (temporal) => rollout(temporal, planOf([{ name: 'eu', clusters: ['eu-1'], bakeMs: 180_000 }]), () => ({})))
await record('rollout-approved', (temporal) =>
  rollout(
    temporal,
    planOf([{ name: 'eu', clusters: ['eu-1'], approvalsRequired: 1 }]),
    () => ({}),
    async (world, wake) => {
      await until(() => world.state.stages[0]?.phase === 'AwaitingApproval')
      world.commands.push(command(1, 'approve', { stage: 'eu', planDigest: 'plan-1' }))
      await wake()
    },
  ),
)
await record('rollout-aborted', (temporal) =>
  rollout(
    temporal,
    planOf([{ name: 'eu', clusters: ['eu-1', 'eu-2'] }]),
    () => ({ neverHealthy: true }),
    async (world, wake) => {
      await until(() => world.state.targets['eu-1']?.phase === 'Verifying')
      world.commands.push(command(1, 'pause'))
      await wake()
      await until(() => world.state.phase === 'Paused')
      world.commands.push(command(2, 'abort'))
      await wake()
    },
  ),
)

/** Runs an entity workflow on activities that answer what they are told. */
/** Refused, to be tried again in an hour; then applied. */
function refusedOnce(): () => Promise<unknown> {
  let isFirst = true
  return async () => {
    if (!isFirst) return { atMs: 1, changed: 1 }
    isFirst = false
    throw ApplicationFailure.create({ type: 'APPLY_FAILED', message: 'refused by the cluster', nextRetryDelay: '1 hour' })
  }
}

async function entity(
  temporal: TemporalTest,
  workflowType: string,
  workflowId: string,
  input: object,
  activities: Readonly<Record<string, () => Promise<unknown>>>,
  wakes = 0,
): Promise<string> {
  const { env } = temporal
  const create = (taskQueue: string, workflows: boolean) =>
    Worker.create({
      connection: env.nativeConnection,
      taskQueue,
      activities: { ...activities },
      ...(workflows ? { workflowBundle: bundle } : {}),
    })
  const hub = await create(hubTaskQueue, true)
  const watch = await create(watchQueue(hubTaskQueue), false)
  await Promise.all([
    hub
      .runUntil(async () => {
        const handle = await env.client.workflow.start(workflowType, { workflowId, taskQueue: hubTaskQueue, args: [input] })
        for (let i = 0; i < wakes; i += 1) {
          await new Promise((resolve) => setTimeout(resolve, 500))
          await handle.signal('wake').catch(() => undefined)
        }
        await handle.result()
      })
      .finally(() => watch.shutdown()),
    watch.run(),
  ])
  return workflowId
}

function answers<T>(...given: readonly T[]): () => Promise<T> {
  let asked = 0
  return async () => {
    const answer = given[Math.min(asked, given.length - 1)]
    asked += 1
    if (answer === undefined) throw new Error('no answer was given')
    return answer
  }
}

const idle: ReconcileResult = { gone: false, rolloutId: null, removals: [], requeueAfterMs: null }
await record('application-set', (temporal) =>
  entity(
    temporal,
    'applicationSet',
    'application-set/recorded',
    { applicationSetId: 'recorded' },
    {
      reconcileApplicationSet: answers<ReconcileResult>(
        { ...idle, requeueAfterMs: 60_000 },
        { ...idle, removals: [{ applicationId: 'a', taskQueue: hubTaskQueue }] },
        idle,
        { ...idle, gone: true },
      ),
      removeApplication: async () => undefined,
    },
    3,
  ),
)
await record('repository', (temporal) =>
  entity(
    temporal,
    'repository',
    'repository/recorded',
    { repositoryId: 'recorded' },
    { pollRepository: answers({ gone: false, againAfterMs: 60_000 }, { gone: true, againAfterMs: 60_000 }) },
    1,
  ),
)
await record('cluster', (temporal) =>
  entity(
    temporal,
    'cluster',
    'cluster/recorded',
    { clusterId: 'recorded' },
    { describeCluster: answers({ taskQueue: hubTaskQueue }), watchCluster: answers({ gone: true }) },
  ),
)
await record('application', (temporal) =>
  entity(
    temporal,
    'application',
    'application/recorded',
    { applicationId: 'recorded' },
    {
      reconcileApplication: answers<object>({ action: 'sync', versionId: 'v2', taskQueue: hubTaskQueue }, { action: 'none' }),
      syncTarget: answers({ atMs: 1, changed: 1 }),
      awaitHealthy: answers({ outcome: 'healthy', atMs: 1 }),
    },
  ),
)
await record('application-instead', (temporal) =>
  entity(
    temporal,
    'application',
    'application/recorded',
    { applicationId: 'recorded' },
    {
      reconcileApplication: answers<object>(
        { action: 'sync', versionId: 'v2', taskQueue: hubTaskQueue },
        { action: 'sync', versionId: 'v3', taskQueue: hubTaskQueue },
        { action: 'none' },
      ),
      syncTarget: refusedOnce(),
      awaitHealthy: answers({ outcome: 'healthy', atMs: 1 }),
    },
    1,
  ),
)
await record('sweep', (temporal) => entity(temporal, 'sweep', 'sweep/recorded', {}, { sweep: answers({ woken: 3 }) }))
process.exit(0)
