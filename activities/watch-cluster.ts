import { Context, sleep } from '@temporalio/activity'
import type { Application } from '../fleet/application.ts'
import type { Cluster, ClusterConnection } from '../fleet/cluster.ts'
import { FleetError } from '../fleet/errors.ts'
import { clusterAccess } from './cluster-access.ts'
import type { ActivityDependencies } from './dependencies.ts'
import type { ClusterActivities } from './entity-activities.ts'
import { applyPinned, observePinned } from './targets.ts'

/** Applications of one cluster that are compared at the same time. */
const comparedAtOnce = 4
/** No comparison is begun after that: the connection is looked at again before it counts as stale, and the sweep starts the watch afresh. */
const comparingMsMax = 20_000
/** A watch returns after so many rounds, so that its workflow's history stays short and a deploy is taken up. */
const roundsMax = 2_000

export function clusterActivities(deps: ActivityDependencies): ClusterActivities {
  return {
    async describeCluster({ clusterId }) {
      const cluster = await deps.store.clusters.get(clusterId)
      return cluster === null ? null : { taskQueue: cluster.taskQueue }
    },

    async watchCluster({ clusterId }) {
      const signal = Context.current().cancellationSignal
      const comparedAtMs = new Map<string, number>()
      for (let round = 0; round < roundsMax; round += 1) {
        const cluster = await deps.store.clusters.get(clusterId)
        if (cluster === null) {
          deps.gateway.forget(clusterId)
          return { gone: true }
        }
        if (await probe(deps, cluster, signal)) await compareAll(deps, clusterId, comparedAtMs, signal)
        await sleep(deps.settings.probeEveryMs)
      }
      return { gone: false }
    },
  }
}

/** Looks whether the cluster answers and stores what it said. Wakes the sets when it came back or changed its version. */
async function probe(deps: ActivityDependencies, cluster: Cluster, signal: AbortSignal): Promise<boolean> {
  const before = cluster.connection
  const connection = await connectionNow(deps, cluster, signal)
  await deps.store.clusters.recordConnection(cluster.id, connection, cluster.generation)
  if (connection.status !== before.status) {
    deps.log.info({ cluster: cluster.name, status: connection.status, reason: connection.message }, 'connection changed')
  }
  return connection.status === 'Successful'
}

async function connectionNow(deps: ActivityDependencies, cluster: Cluster, signal: AbortSignal): Promise<ClusterConnection> {
  const { version, uid, seenAtMs } = cluster.connection
  try {
    const seen = await deps.gateway.probe(await clusterAccess(deps.store, cluster.id), { signal })
    const atMs = deps.nowMs()
    if (uid !== null && uid !== seen.uid) {
      const message = `another cluster answers at ${cluster.server}: its uid is ${seen.uid}, registered was ${uid}. Remove it and register it again if that is meant`
      return { status: 'Failed', message, version, uid, attemptedAtMs: atMs, seenAtMs }
    }
    return { status: 'Successful', message: '', version: seen.version, uid: seen.uid, attemptedAtMs: atMs, seenAtMs: atMs }
  } catch (error) {
    if (!(error instanceof FleetError)) throw error
    return { status: 'Failed', message: error.message, version, uid, attemptedAtMs: deps.nowMs(), seenAtMs }
  }
}

async function compareAll(
  deps: ActivityDependencies,
  clusterId: string,
  comparedAtMs: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const applications = await deps.store.applications.ofCluster(clusterId)
  // A watch that starts afresh goes on where the last one was: those that waited longest come first.
  const lastAtMs = (application: Application) => Math.max(comparedAtMs.get(application.id) ?? 0, application.status.observedAtMs ?? 0)
  const due = applications
    .filter((application) => isDue(deps, application, comparedAtMs.get(application.id) ?? 0))
    .toSorted((a, b) => lastAtMs(a) - lastAtMs(b))
  const endAtMs = deps.nowMs() + comparingMsMax
  const lanes = Array.from({ length: comparedAtOnce }, async () => {
    while (deps.nowMs() < endAtMs) {
      const application = due.shift()
      if (application === undefined) return
      comparedAtMs.set(application.id, deps.nowMs())
      await compareOne(deps, application.id, signal)
    }
  })
  await Promise.all(lanes)
}

function isDue(deps: ActivityDependencies, application: Application, lastAtMs: number): boolean {
  return isComparable(application) && deps.nowMs() - lastAtMs >= deps.settings.recheckEveryMs
}

function isComparable(application: Application): boolean {
  return application.deletion === null && application.pinnedVersionId !== null
}

/** Each cluster heals to its own pinned version, also in the middle of a rollout and after an outage. */
async function compareOne(deps: ActivityDependencies, applicationId: string, signal: AbortSignal): Promise<void> {
  // Read now: its pin may have moved, or its deletion begun, while others were compared.
  const application = await deps.store.applications.get(applicationId)
  if (application === null || !isComparable(application)) return
  try {
    if (application.syncedVersionId !== application.pinnedVersionId) {
      await applyPinned(deps, application, application.pinGeneration, signal)
      await observePinned(deps, application, signal)
      return
    }
    const observation = await observePinned(deps, application, signal)
    const automated = application.manifest.spec.syncPolicy?.automated
    if (observation.sync !== 'OutOfSync' || automated?.selfHeal !== true || automated.enabled === false) return
    deps.log.info({ application: application.name }, 'drift healed')
    await applyPinned(deps, application, application.pinGeneration, signal)
    await observePinned(deps, application, signal)
  } catch (error) {
    if (!(error instanceof FleetError)) throw error
    deps.log.warn({ application: application.name, code: error.code, reason: error.message }, 'comparison failed')
  }
}
