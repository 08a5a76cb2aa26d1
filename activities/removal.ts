import { Context, sleep } from '@temporalio/activity'
import type { Application } from '../fleet/application.ts'
import { FleetError } from '../fleet/errors.ts'
import { clusterAccess } from './cluster-access.ts'
import type { ActivityDependencies } from './dependencies.ts'
import type { RemovalActivities } from './entity-activities.ts'

/** Looks at what is left until nothing is; the next attempt goes on from there. */
const looksMax = 120
const lookEveryMs = 2_000

export function removalActivities(deps: ActivityDependencies): RemovalActivities {
  return {
    async removeApplication({ applicationId }) {
      const application = await deps.store.applications.get(applicationId)
      if (application === null) return
      if (application.deletion === null) throw new FleetError('ILLEGAL_STATE', `${application.name} is not marked for deletion`)
      if (application.deletion === 'cascade' && application.clusterId !== null && application.pinnedVersionId !== null) {
        await removeResources(deps, application, application.clusterId)
      }
      await deps.store.applications.remove(applicationId)
      deps.log.info({ application: application.name, mode: application.deletion }, 'application removed')
      await afterRemoval(deps, application)
    },
  }
}

async function removeResources(deps: ActivityDependencies, application: Application, clusterId: string): Promise<void> {
  const access = await clusterAccess(deps.store, clusterId)
  const { cancellationSignal: signal } = Context.current()
  for (let looked = 0; looked < looksMax; looked += 1) {
    const { remaining } = await deps.gateway.remove(access, application.name, { signal })
    if (remaining.length === 0) return
    await sleep(lookEveryMs)
  }
  throw new FleetError('CLUSTER_UNREACHABLE', `objects of ${application.name} are still there; look for finalizers that nobody serves`)
}

/** The last application of a set or cluster that is to go lets it go. */
async function afterRemoval(deps: ActivityDependencies, application: Application): Promise<void> {
  if (application.applicationSetId !== null) {
    deps.hints.applicationSetsChanged(await deps.store.applicationSets.touch([application.applicationSetId]))
  }
  if (application.clusterId !== null) await removeEmptiedCluster(deps, application.clusterId)
}

/** A cluster that was to be removed with its applications goes with the last of them. */
export async function removeEmptiedCluster(deps: ActivityDependencies, clusterId: string): Promise<void> {
  const cluster = await deps.store.clusters.get(clusterId)
  if (cluster === null || !cluster.removing) return
  if ((await deps.store.applications.ofCluster(clusterId)).length > 0) return
  await deps.store.clusters.remove(clusterId)
  deps.gateway.forget(clusterId)
}
