import type { Application } from '../fleet/application.ts'
import { type Cluster, hubTaskQueue } from '../fleet/cluster.ts'
import { FleetError } from '../fleet/errors.ts'
import type { RolloutState } from '../fleet/rollout/state.ts'
import type { Rollout, Store } from '../store/store.ts'
import type { ActivityDependencies } from './dependencies.ts'
import type { ObservedEvent, RolloutActivities, RolloutDelta } from './rollout-activities.ts'

export function rolloutActivities(deps: ActivityDependencies): RolloutActivities {
  const { store } = deps
  return {
    async loadRollout({ rolloutId }) {
      const rollout = await requireRollout(store, rolloutId)
      return {
        plan: rollout.plan,
        state: rollout.state,
        sequence: await store.rollouts.sequence(rolloutId),
        taskQueues: otherQueues(await store.clusters.all()),
        observeEveryMs: deps.settings.observeEveryMs,
      }
    },

    async saveRollout(delta) {
      const rollout = await requireRollout(store, delta.rolloutId)
      await store.rollouts.save(delta.rolloutId, delta.sequence, merge(rollout.state, delta), delta.waits)
    },

    async takeCommands({ rolloutId, afterCommandId }) {
      return store.rollouts.commandsAfter(rolloutId, afterCommandId)
    },

    async observeTargets({ applicationIds }) {
      const atMs = deps.nowMs()
      const found = new Map((await store.applications.many(applicationIds)).map((application) => [application.id, application]))
      return applicationIds.map((id) => observed(id, found.get(id), atMs))
    },

    async finishRollout({ rolloutId }) {
      const { applicationSetId, state, plan } = await requireRollout(store, rolloutId)
      deps.log.info({ rollout: rolloutId, phase: state.phase, reason: state.reason, plan: plan.digest }, 'rollout ended')
      // Newer versions may have come meanwhile: the set looks again, and starts the next rollout with the newest.
      deps.hints.applicationSetsChanged(await store.applicationSets.touch([applicationSetId]))
    },
  }
}

async function requireRollout(store: Store, id: string): Promise<Rollout> {
  const rollout = await store.rollouts.get(id)
  if (rollout === null) throw new FleetError('NOT_FOUND', `rollout ${id} is gone`)
  return rollout
}

function merge(stored: RolloutState, delta: RolloutDelta): RolloutState {
  return { ...delta.head, stages: delta.stages, targets: { ...stored.targets, ...delta.changedTargets } }
}

function otherQueues(clusters: readonly Cluster[]): Record<string, string> {
  return Object.fromEntries(clusters.filter((c) => c.taskQueue !== hubTaskQueue).map((c) => [c.id, c.taskQueue]))
}

function observed(applicationId: string, application: Application | undefined, atMs: number): ObservedEvent {
  if (application === undefined) return { type: 'gone', applicationId, atMs, reason: 'the application was removed' }
  if (application.deletion !== null) return { type: 'gone', applicationId, atMs, reason: 'the application is being deleted' }
  const { health, observedAtMs, syncedAtMs, message } = application.status
  // A health from before the sync says nothing about what was synced.
  const healthy = health === 'Healthy' && observedAtMs !== null && syncedAtMs !== null && observedAtMs >= syncedAtMs
  return {
    type: 'observed',
    applicationId,
    versionId: application.syncedVersionId,
    healthy,
    atMs,
    reason: healthy ? '' : `health is ${health} ${message}`.trim(),
  }
}
