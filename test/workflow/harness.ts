import { fileURLToPath } from 'node:url'
import { ApplicationFailure, Context, sleep } from '@temporalio/activity'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import type { LoadedRollout, RolloutActivities, RolloutDelta, TargetActivities } from '../../activities/rollout-activities.ts'
import { hubTaskQueue } from '../../fleet/cluster.ts'
import type { PlannedStage, RolloutPlan } from '../../fleet/rollout/plan.ts'
import { startRollout } from '../../fleet/rollout/start.ts'
import type { RolloutCommand, RolloutPhase, RolloutState } from '../../fleet/rollout/state.ts'
import { findTool } from '../../toolchain/find-tool.ts'

export interface TemporalTest {
  readonly env: TestWorkflowEnvironment
  readonly bundle: WorkflowBundleWithSourceMap
}

const silent = () => undefined
Runtime.install({ logger: new DefaultLogger('ERROR', silent) })

export function bundleForTests(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent },
  })
}

/**
 * Temporal's time-skipping server: hours of bake pass in milliseconds. One a test: it stops skipping for good once a workflow has ended
 * before one of its activities.
 */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const path = await findTool('temporal-test-server', { log: (line) => process.stderr.write(`${line}\n`) })
  return TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })
}

/** How a cluster of the simulated world takes a version. */
export interface Behaviour {
  /** Until it is healthy, once applied. */
  readonly healthyAfterMs?: number
  readonly sync?: 'ok' | 'refused' | 'unreachable'
  /** Never healthy: waits until it is cancelled or its deadline passes. */
  readonly neverHealthy?: boolean
}

export interface World {
  readonly rolloutId: string
  readonly plan: RolloutPlan
  /** Everything that was done to clusters, in order. */
  readonly log: string[]
  state: RolloutState
  sequence: number
  readonly commands: RolloutCommand[]
  readonly saved: RolloutDelta[]
  readonly activities: RolloutActivities & TargetActivities
}

export function planOf(
  stages: readonly (Partial<PlannedStage> & { readonly name: string; readonly clusters: readonly string[] })[],
  change: Partial<RolloutPlan> = {},
): RolloutPlan {
  return {
    digest: 'plan-1',
    strategy: 'Staged',
    maxFailures: null,
    onFailure: 'Pause',
    rollbackMaxConcurrent: 2,
    unreachable: { policy: 'Defer', max: 100 },
    ...change,
    stages: stages.map(({ clusters, ...stage }) => ({
      maxConcurrent: 1,
      maxFailures: 0,
      progressDeadlineMs: 600_000,
      bakeMs: 0,
      approvalsRequired: 0,
      manual: false,
      ...stage,
      targets: clusters.map((name) => ({
        applicationId: name,
        applicationName: `app-${name}`,
        clusterId: name,
        clusterName: name,
        fromVersionId: 'v1',
        toVersionId: 'v2',
        canary: false,
      })),
    })),
  }
}

/** A store and clusters in memory: what the workflow sees of the world through its activities. */
export function createWorld(
  rolloutId: string,
  plan: RolloutPlan,
  behave: (cluster: string, versionId: string) => Behaviour,
  nowMs: () => Promise<number>,
): World {
  const log: string[] = []
  const world: World = {
    rolloutId,
    plan,
    log,
    state: startRollout(plan, Date.now()),
    sequence: 0,
    commands: [],
    saved: [],
    activities: {
      async loadRollout(): Promise<LoadedRollout> {
        return { plan, state: world.state, sequence: world.sequence, taskQueues: {}, observeEveryMs: 60_000 }
      },
      async saveRollout(delta) {
        if (delta.sequence <= world.sequence) return
        world.sequence = delta.sequence
        world.saved.push(delta)
        world.state = { ...delta.head, stages: delta.stages, targets: { ...world.state.targets, ...delta.changedTargets } }
      },
      async takeCommands({ afterCommandId }) {
        return world.commands.filter((command) => command.id > afterCommandId)
      },
      async observeTargets({ applicationIds }) {
        const atMs = await nowMs()
        return applicationIds.map((applicationId) => ({
          type: 'observed',
          applicationId,
          versionId: 'v2',
          healthy: true,
          atMs,
          reason: '',
        }))
      },
      async finishRollout() {
        log.push('finish')
      },
      async syncTarget({ applicationId, versionId }) {
        const { sync = 'ok' } = behave(applicationId, versionId)
        log.push(`sync ${applicationId} ${versionId}`)
        if (sync === 'unreachable')
          throw ApplicationFailure.create({ type: 'CLUSTER_UNREACHABLE', message: 'no route', nonRetryable: true })
        if (sync === 'refused')
          throw ApplicationFailure.create({ type: 'APPLY_FAILED', message: 'refused by the cluster', nonRetryable: true })
        return { atMs: await nowMs(), changed: 1 }
      },
      async awaitHealthy({ applicationId, versionId }) {
        const { healthyAfterMs = 0, neverHealthy = false } = behave(applicationId, versionId)
        if (neverHealthy) {
          const pulse = setInterval(() => Context.current().heartbeat(), 500)
          try {
            await Context.current().cancelled
          } finally {
            clearInterval(pulse)
            log.push(`cancelled ${applicationId}`)
          }
        }
        if (healthyAfterMs > 0) await sleep(healthyAfterMs)
        log.push(`healthy ${applicationId} ${versionId}`)
        return { outcome: 'healthy', atMs: await nowMs() }
      },
    },
  }
  return world
}

/** Runs a world's rollout to its end, with whatever `during` does to it meanwhile. */
export async function runRollout(
  test: TemporalTest,
  world: World,
  during: (handle: { readonly wake: () => Promise<void> }) => Promise<void> = async () => undefined,
): Promise<RolloutPhase> {
  const { env, bundle } = test
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: hubTaskQueue,
    workflowBundle: bundle,
    activities: { ...world.activities },
    maxHeartbeatThrottleInterval: '1s',
  })
  return worker.runUntil(async () => {
    const handle = await env.client.workflow.start('rollout', {
      workflowId: `rollout/${world.rolloutId}`,
      taskQueue: hubTaskQueue,
      args: [{ rolloutId: world.rolloutId }],
    })
    await during({ wake: () => handle.signal('wake') })
    const { phase } = (await handle.result()) as { readonly phase: RolloutPhase }
    return phase
  })
}
