import { Context } from '@temporalio/activity'
import type { Application } from '../fleet/application.ts'
import { hubTaskQueue } from '../fleet/cluster.ts'
import type { ActivityDependencies } from './dependencies.ts'
import type { ApplicationActivities, ApplicationPlan } from './entity-activities.ts'
import { clearComparisonError, setComparisonError } from './reconcile-application-set.ts'
import { createResolver } from './versions.ts'

/** Applications outside of rollouts: those that were applied by themselves, and syncs asked for by hand. */
export function applicationActivities(deps: ActivityDependencies): ApplicationActivities {
  return {
    async reconcileApplication({ applicationId }) {
      const application = await deps.store.applications.get(applicationId)
      if (application === null) return { action: 'none' }
      const taskQueue = await taskQueueOf(deps, application)
      if (application.deletion !== null) return { action: 'remove', taskQueue }
      return application.applicationSetId === null ? reconcileAlone(deps, application, taskQueue) : syncByHand(application, taskQueue)
    },
  }
}

async function reconcileAlone(deps: ActivityDependencies, application: Application, taskQueue: string): Promise<ApplicationPlan> {
  const resolve = createResolver(deps, Context.current().cancellationSignal)
  const { id, name, manifest, generation } = application
  const resolution = await resolve({ id, name, spec: manifest.spec })
  if (resolution.outcome === 'failed') {
    await setComparisonError(deps, application, resolution.error.message)
    return { action: 'again' }
  }
  const { version } = resolution
  await deps.store.applications.putVersions([version])
  await deps.store.applications.setWanted([{ applicationId: id, versionId: version.id, observedGeneration: generation }])
  await clearComparisonError(deps, application)
  const { automated } = manifest.spec.syncPolicy ?? {}
  const isAutomated = automated !== undefined && automated.enabled !== false
  const isDone = application.syncedVersionId === version.id && application.syncRequest === null
  if (isDone || application.clusterId === null || !(isAutomated || application.syncRequest !== null)) return { action: 'none' }
  return { action: 'sync', versionId: version.id, taskQueue }
}

/** The set resolves what its applications want; by hand it is only brought there before its rollout would. */
function syncByHand(application: Application, taskQueue: string): ApplicationPlan {
  const { wantedVersionId, syncRequest, clusterId } = application
  if (syncRequest === null || wantedVersionId === null || clusterId === null) return { action: 'none' }
  return { action: 'sync', versionId: wantedVersionId, taskQueue }
}

async function taskQueueOf(deps: ActivityDependencies, application: Application): Promise<string> {
  const cluster = application.clusterId === null ? null : await deps.store.clusters.get(application.clusterId)
  return cluster?.taskQueue ?? hubTaskQueue
}
