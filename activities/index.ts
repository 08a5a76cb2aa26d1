import { applicationActivities } from './applications.ts'
import type { ActivityDependencies } from './dependencies.ts'
import { asActivities } from './failures.ts'
import { reconcileActivities } from './reconcile-application-set.ts'
import { removalActivities } from './removal.ts'
import { repositoryActivities } from './repositories.ts'
import { rolloutActivities } from './rollouts.ts'
import { sweepActivities } from './sweep.ts'
import { targetActivities } from './targets.ts'
import { clusterActivities } from './watch-cluster.ts'

/** Every activity but the watches. Their names are part of recorded histories: never rename one. */
export function createActivities(deps: ActivityDependencies & { readonly random: () => number }) {
  const { describeCluster } = clusterActivities(deps)
  return asActivities({
    ...applicationActivities(deps),
    ...reconcileActivities(deps),
    ...removalActivities(deps),
    ...repositoryActivities(deps),
    ...rolloutActivities(deps),
    ...sweepActivities(deps),
    ...targetActivities(deps),
    describeCluster,
  })
}

/** The watches, which run for as long as their cluster is registered, on a queue of their own. */
export function createWatchActivities(deps: ActivityDependencies) {
  const { watchCluster } = clusterActivities(deps)
  return asActivities({ watchCluster })
}
