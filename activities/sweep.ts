import { connectionStaleAfterMs } from '../fleet/cluster.ts'
import type { ActivityDependencies } from './dependencies.ts'
import type { SweepActivities } from './entity-activities.ts'
import { removeEmptiedCluster } from './removal.ts'

/** Wakes what a lost hint, a crash or a new database left lying. Level-triggered: it compares rows, and keeps nothing of its own. */
export function sweepActivities(deps: ActivityDependencies): SweepActivities {
  const { store, hints } = deps
  return {
    async sweep() {
      const sets = await store.applicationSets.lagging()
      if (sets.length > 0) hints.applicationSetsChanged(sets)

      const rollouts = await store.rollouts.active()
      for (const rollout of rollouts) hints.rolloutCommanded(rollout.id)

      const nowMs = deps.nowMs()
      const clusters = await store.clusters.all()
      const silent = clusters.filter(
        (c) => nowMs - (c.connection.attemptedAtMs ?? 0) > connectionStaleAfterMs || c.observedGeneration < c.generation,
      )
      for (const cluster of silent) hints.clusterChanged(cluster.id)
      for (const cluster of clusters.filter((c) => c.removing)) await removeEmptiedCluster(deps, cluster.id)

      const repositories = await store.repositories.all()
      const unpolled = repositories.filter((r) => nowMs - (r.polledAtMs ?? 0) > deps.settings.repositoryPollMs * 2)
      for (const repository of unpolled) hints.repositoryChanged(repository.id)

      const applications = [...(await store.applications.lagging()), ...(await store.applications.deleted())]
      for (const application of applications) hints.applicationChanged(application.id)

      await store.changes.trim(deps.settings.changeRetentionMs)
      return { woken: sets.length + rollouts.length + silent.length + unpolled.length + applications.length }
    },
  }
}
