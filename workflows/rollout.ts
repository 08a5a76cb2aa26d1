import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { RolloutActivities, TargetActivities } from '../activities/rollout-activities.ts'
import { hubTaskQueue } from '../fleet/cluster.ts'
import { advance } from '../fleet/rollout/next.ts'
import { observationsWanted } from '../fleet/rollout/observations.ts'
import {
  finalPhases,
  type RolloutEvent,
  type RolloutPhase,
  type RolloutState,
  type TargetState,
  type TargetWork,
} from '../fleet/rollout/state.ts'
import { wantedWork } from '../fleet/rollout/work.ts'
import { heartbeatTimeout, syncAttemptsMax } from './options.ts'
import { wakeSignal } from './wake.ts'

/** Well below Temporal's 10,240 events at which it starts to warn. */
const historyEventsMax = 8_000
/** Waits that are shown; a rollout over thousands of clusters doesn't name each. */
const waitsShownMax = 50
/** How work ends whose application has left the fleet, among other reasons. */
const goneCodes = ['FENCED', 'NOT_FOUND']

const rollouts = proxyActivities<RolloutActivities>({
  heartbeatTimeout,
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
})

/**
 * Takes one rollout to its end. All decisions are `advance` in fleet/rollout; this is the loop around them: it starts the
 * work that should be under way, cancels what no longer should, and turns what happens into events. Its state is projected into the
 * store after each step and read back from there when the run continues as new or the workflow is started again.
 */
export async function rollout(input: { readonly rolloutId: string }): Promise<{ readonly phase: RolloutPhase }> {
  const { rolloutId } = input
  const loaded = await rollouts.loadRollout({ rolloutId })
  const { plan } = loaded
  if (finalPhases.includes(loaded.state.phase)) return { phase: loaded.state.phase }
  let state: RolloutState = loaded.state
  let sequence = loaded.sequence

  let commandsWaiting = true
  setHandler(wakeSignal, () => {
    commandsWaiting = true
  })
  const events: RolloutEvent[] = []
  const underWay = new Map<string, CancellationScope>()
  // Work that has ended stays under way until its event is taken in: else it would be started again in between.
  const ended: string[] = []
  // By application: work that was cancelled goes on until its activity has heard of it.
  const ending = new Map<string, Promise<void>>()
  let observeAtMs = 0
  let savedWaits = ''

  for (;;) {
    if (commandsWaiting) {
      commandsWaiting = false
      for (const command of await rollouts.takeCommands({ rolloutId, afterCommandId: state.lastCommandId })) {
        events.push({ type: 'command', command })
      }
    }
    const observed = observationsWanted(plan, state)
    if (observed.length > 0 && Date.now() >= observeAtMs) {
      events.push(...(await rollouts.observeTargets({ applicationIds: observed })))
      observeAtMs = Date.now() + loaded.observeEveryMs
    }

    const before = state
    for (const key of ended.splice(0)) underWay.delete(key)
    const step = advance(plan, state, events.splice(0), Date.now())
    state = step.state
    const waits = step.waits.slice(0, waitsShownMax)
    const waitsText = JSON.stringify(waits)
    if (state !== before || waitsText !== savedWaits) {
      sequence += 1
      savedWaits = waitsText
      await rollouts.saveRollout({
        rolloutId,
        sequence,
        head: headOf(state),
        stages: state.stages,
        changedTargets: changedTargets(before, state),
        waits,
      })
    }

    steer(wantedWork(plan, state))
    if (finalPhases.includes(state.phase)) {
      await rollouts.finishRollout({ rolloutId })
      return { phase: state.phase }
    }
    const stageEnded = state.stages.some((stage, i) => stage.phase === 'Done' && before.stages[i]?.phase !== 'Done')
    if ((stageEnded && underWay.size === 0) || workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > historyEventsMax) {
      await condition(allHandlersFinished)
      await continueAsNew<typeof rollout>({ rolloutId })
    }

    const wakeAtMs = earliest(step.wakeAtMs, observationsWanted(plan, state).length > 0 ? observeAtMs : null)
    const happened = () => events.length > 0 || ended.length > 0 || commandsWaiting
    if (wakeAtMs === null) await condition(happened)
    else await condition(happened, Math.max(1, wakeAtMs - Date.now()))
  }

  function steer(wanted: readonly TargetWork[]): void {
    const keys = new Set(wanted.map(workKey))
    for (const [key, scope] of underWay) {
      if (keys.has(key)) continue
      underWay.delete(key)
      scope.cancel()
    }
    for (const work of wanted) {
      const key = workKey(work)
      if (underWay.has(key)) continue
      const scope = new CancellationScope()
      underWay.set(key, scope)
      const done = scope.run(() => driveAfter(ending.get(work.applicationId), work)).finally(() => ended.push(key))
      ending.set(work.applicationId, done)
    }
  }

  /** One application at a time: an apply that is being cancelled would else write the new version into the way back. */
  async function driveAfter(previous: Promise<void> | undefined, work: TargetWork): Promise<void> {
    await previous
    await drive(work)
  }

  /** Never throws: every end is an event, a cancellation is none. */
  async function drive(work: TargetWork): Promise<void> {
    const { applicationId, versionId, attempt } = work
    const target = targetActivities(loaded.taskQueues[work.clusterId] ?? hubTaskQueue, work.deadlineAtMs)
    try {
      if (!work.applied) {
        const applied = await target.sync.syncTarget({ applicationId, versionId, rolloutId })
        events.push({ type: 'applied', applicationId, attempt, atMs: applied.atMs })
      }
      const health = await target.verify.awaitHealthy({ applicationId, versionId, deadlineAtMs: work.deadlineAtMs })
      if (health.outcome === 'healthy') events.push({ type: 'healthy', applicationId, attempt, atMs: health.atMs })
      else events.push({ type: health.outcome, applicationId, attempt, atMs: health.atMs, reason: health.reason })
    } catch (error) {
      if (isCancellation(error)) return
      const failure = failureOf(error)
      if (goneCodes.includes(failure.code)) {
        const gone = (await rollouts.observeTargets({ applicationIds: [applicationId] })).filter((seen) => seen.type === 'gone')
        if (gone.length > 0) return void events.push(...gone)
      }
      events.push({
        type: failure.code === 'CLUSTER_UNREACHABLE' ? 'unreachable' : 'failed',
        applicationId,
        attempt,
        atMs: Date.now(),
        reason: failure.message,
      })
    }
  }
}

function workKey(work: TargetWork): string {
  return `${work.applicationId}/${work.attempt}`
}

function targetActivities(taskQueue: string, deadlineAtMs: number | null) {
  const common = { taskQueue, heartbeatTimeout } as const
  const sync = proxyActivities<Pick<TargetActivities, 'syncTarget'>>({
    ...common,
    // What is cancelled may still write until it hears of it, or is known to be dead by its missing heartbeat.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    startToCloseTimeout: '10 minutes',
    // The activity says when it has failed for good: after what the application's `retry` says, and sooner for what isn't its fault.
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: syncAttemptsMax },
  })
  // Waiting goes on for as long as the rollout lets it; a worker that dies is noticed by its missing heartbeat.
  const verify = proxyActivities<Pick<TargetActivities, 'awaitHealthy'>>({
    ...common,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    startToCloseTimeout: deadlineAtMs === null ? '30 days' : Math.max(60_000, deadlineAtMs - Date.now() + 60_000),
    retry: { initialInterval: '1s', maximumInterval: '10s' },
  })
  return { sync, verify }
}

function failureOf(error: unknown): { readonly code: string; readonly message: string } {
  const cause = error instanceof ActivityFailure ? error.cause : error
  if (cause instanceof ApplicationFailure) return { code: cause.type ?? 'INTERNAL', message: cause.message }
  return { code: 'INTERNAL', message: cause instanceof Error ? cause.message : String(cause) }
}

function headOf(state: RolloutState): Omit<RolloutState, 'targets' | 'stages'> {
  const { targets: _targets, stages: _stages, ...head } = state
  return head
}

function changedTargets(before: RolloutState, after: RolloutState): Record<string, TargetState> {
  return Object.fromEntries(Object.entries(after.targets).filter(([id, target]) => before.targets[id] !== target))
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null ? a : Math.min(a, b)
}
