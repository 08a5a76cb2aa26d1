import { Context, sleep } from '@temporalio/activity'
import type { ApplyInput, ClusterAccess, Observation } from '../clusters/gateway.ts'
import type { Application, ApplicationVersion, KubeObject, SyncRetry, SyncStatus } from '../fleet/application.ts'
import { FleetError } from '../fleet/errors.ts'
import { retryDelayMs } from '../fleet/sync-operation.ts'
import { applyInputOf } from './apply-input.ts'
import { clusterAccess } from './cluster-access.ts'
import type { ActivityDependencies } from './dependencies.ts'
import { failureFrom } from './failures.ts'
import type { AwaitedHealth, TargetActivities } from './rollout-activities.ts'
import { recordSkippedHooks } from './skipped-hooks.ts'

const failedResourcesShown = 5

export function targetActivities(deps: ActivityDependencies): TargetActivities {
  return {
    async syncTarget({ applicationId, versionId, rolloutId }) {
      const signal = Context.current().cancellationSignal
      // A rollout has to hold the application. Without one nobody does, and the wait before a retry may be long.
      if (rolloutId === null) await requireWanted(deps, applicationId, versionId)
      const pinGeneration = await deps.store.applications.pin(applicationId, versionId, rolloutId)
      try {
        return await applyPinned(deps, await requireApplication(deps, applicationId), pinGeneration, signal)
      } catch (error) {
        // Said as it is, whatever else fails: a retry would move the pin back.
        if (error instanceof FleetError && !error.retryable) throw error
        const [version] = await deps.store.applications.versions([versionId])
        throw triedAgain(error, version?.spec.syncPolicy?.retry)
      }
    },

    async awaitHealthy({ applicationId, versionId, deadlineAtMs }) {
      const signal = Context.current().cancellationSignal
      let silentSinceMs: number | null = null
      let last = 'nothing was observed yet'
      for (;;) {
        const looked = await look(deps, applicationId, versionId, signal)
        const atMs = deps.nowMs()
        if ('error' in looked) {
          silentSinceMs ??= atMs
          last = looked.error
          if (atMs - silentSinceMs >= deps.settings.unreachableGraceMs) return { outcome: 'unreachable', atMs, reason: looked.error }
        } else {
          silentSinceMs = null
          if (looked.observation.health === 'Healthy') return { outcome: 'healthy', atMs }
          last = describe(looked.observation)
        }
        // The last look before the deadline says why; the rollout itself would only know that time has passed.
        const expired = deadlinePassed(deadlineAtMs, atMs + 2 * deps.settings.healthPollMs, silentSinceMs !== null, last)
        if (expired !== null) return expired
        await sleep(deps.settings.healthPollMs)
      }
    },
  }
}

/** Tries of what isn't the application's fault: its cluster or its repository can't be reached. */
const triesMax = 4

/** The same failure with when to try again: what the cluster refused as the application's `syncPolicy.retry` says, all else a few times. */
function triedAgain(error: unknown, retry: SyncRetry | undefined): unknown {
  const { attempt } = Context.current().info
  if (error instanceof FleetError && error.code === 'APPLY_FAILED') return failureFrom(error, retryDelayMs(retry, attempt))
  if (attempt < triesMax) return error
  return failureFrom(error instanceof FleetError ? error : new FleetError('INTERNAL', String(error), {}, { cause: error }), null)
}

function deadlinePassed(deadlineAtMs: number | null, atMs: number, silent: boolean, last: string): AwaitedHealth | null {
  if (deadlineAtMs === null || atMs < deadlineAtMs) return null
  return { outcome: silent ? 'unreachable' : 'failed', atMs, reason: `not healthy before its progress deadline: ${last}` }
}

async function look(
  deps: ActivityDependencies,
  applicationId: string,
  versionId: string,
  signal: AbortSignal,
): Promise<{ readonly observation: Observation } | { readonly error: string }> {
  const application = await requireApplication(deps, applicationId)
  if (application.deletion !== null) throw new FleetError('FENCED', `${application.name} is being deleted`)
  if (application.pinnedVersionId !== versionId) throw new FleetError('FENCED', `${application.name} is pinned to another version by now`)
  try {
    return { observation: await observePinned(deps, application, signal) }
  } catch (error) {
    if (error instanceof FleetError && error.code === 'CLUSTER_UNREACHABLE') return { error: error.message }
    throw error
  }
}

interface Applied {
  readonly atMs: number
  readonly changed: number
}

/**
 * Applies the pinned version of an application and stores that it ran. Throws APPLY_FAILED with the first failed objects, and FENCED
 * when the pin has moved meanwhile: then the cluster has been given what is pinned now, in case we were the last to write.
 */
export async function applyPinned(
  deps: ActivityDependencies,
  application: Application,
  pinGeneration: number,
  signal: AbortSignal,
): Promise<Applied> {
  const version = await pinnedVersion(deps, application)
  const access = await clusterAccess(deps.store, requireCluster(application))
  const { input, hooks } = await applyInputOf(deps, application, version, signal)
  // Fetching and rendering take their time: what is out of date by now must not reach the cluster.
  await requirePin(deps, application, pinGeneration)
  try {
    return await applyNow(deps, { application, version, pinGeneration, access, input, hooks }, signal)
  } catch (error) {
    if (!(await repairedIfMoved(deps, application.id, pinGeneration, signal))) throw error
    // Not what went wrong: a retry would move the pin back.
    throw new FleetError('FENCED', `${application.name} was pinned to another version meanwhile`)
  }
}

async function requireWanted(deps: ActivityDependencies, applicationId: string, versionId: string): Promise<void> {
  const { name, wantedVersionId } = await requireApplication(deps, applicationId)
  if (wantedVersionId !== versionId) throw new FleetError('FENCED', `${name} wants another version by now`)
}

async function requirePin(deps: ActivityDependencies, { id, name }: Application, pinGeneration: number): Promise<void> {
  const now = await requireApplication(deps, id)
  if (now.deletion !== null) throw new FleetError('FENCED', `${name} is being deleted`)
  if (now.pinGeneration !== pinGeneration) throw new FleetError('FENCED', `${name} is pinned to another version by now`)
}

/** An older version that was written over a newer one stays in the cluster, and nobody knows: whoever may have done so writes the newer one again. */
async function repairedIfMoved(
  deps: ActivityDependencies,
  applicationId: string,
  pinGeneration: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted) return false
  const now = await deps.store.applications.get(applicationId)
  if (now === null || now.deletion !== null || now.pinGeneration === pinGeneration) return false
  deps.log.warn({ application: now.name, from: pinGeneration, to: now.pinGeneration }, 'pin moved during an apply: applying again')
  try {
    await applyPinned(deps, now, now.pinGeneration, signal)
  } catch (error) {
    if (!(error instanceof FleetError)) throw error
    deps.log.warn({ application: now.name, code: error.code, reason: error.message }, 'the newer version could not be applied again')
  }
  return true
}

interface Apply {
  readonly application: Application
  readonly version: ApplicationVersion
  readonly pinGeneration: number
  readonly access: ClusterAccess
  readonly input: ApplyInput
  readonly hooks: readonly KubeObject[]
}

async function applyNow(
  deps: ActivityDependencies,
  { application, version, pinGeneration, access, input, hooks }: Apply,
  signal: AbortSignal,
): Promise<Applied> {
  const result = await deps.gateway.apply(access, input, { signal })
  const failed = result.resources.filter((resource) => resource.outcome === 'failed')
  if (!result.complete || failed.length > 0) {
    const shown = failed
      .slice(0, failedResourcesShown)
      .map((r) => `${r.kind} ${r.namespace === '' ? '' : `${r.namespace}/`}${r.name}: ${r.message}`)
    throw new FleetError(
      'APPLY_FAILED',
      `${failed.length} of ${result.resources.length} objects of ${application.name} were refused: ${shown.join('; ')}`,
    )
  }
  const atMs = deps.nowMs()
  await deps.store.applications.recordSynced(application.id, pinGeneration, { versionId: version.id, revision: version.revision, atMs })
  await recordSkippedHooks(deps, application, hooks)
  deps.log.info({ application: application.name, revision: version.revision, changed: result.changed }, 'synced')
  return { atMs, changed: result.changed }
}

/** Observes an application at its pinned version and stores what was seen. */
export async function observePinned(deps: ActivityDependencies, application: Application, signal: AbortSignal): Promise<Observation> {
  const version = await pinnedVersion(deps, application)
  const access = await clusterAccess(deps.store, requireCluster(application))
  const { input, hooks } = await applyInputOf(deps, application, version, signal)
  const observation = await deps.gateway.observe(access, input, { signal })
  await recordSkippedHooks(deps, application, hooks)
  await deps.store.applications.recordStatus([
    {
      applicationId: application.id,
      status: {
        sync: syncAgainstWanted(application, observation.sync),
        health: observation.health,
        message: observation.message,
        resources: observation.resources,
        observedAtMs: deps.nowMs(),
      },
    },
  ])
  return observation
}

/** Synced means: the cluster runs what Git wants. At the pinned version, but not yet at the wanted one, it is OutOfSync. */
function syncAgainstWanted(application: Application, observed: SyncStatus): SyncStatus {
  return application.wantedVersionId === application.pinnedVersionId ? observed : 'OutOfSync'
}

function describe(observation: Observation): string {
  const bad = observation.resources.filter((r) => r.health !== null && r.health !== 'Healthy').slice(0, failedResourcesShown)
  const shown = bad.map((r) => `${r.kind} ${r.name} is ${r.health}${r.message === '' ? '' : ` (${r.message})`}`)
  return shown.length === 0 ? `health is ${observation.health}` : shown.join('; ')
}

async function pinnedVersion(deps: ActivityDependencies, application: Application): Promise<ApplicationVersion> {
  const id = application.pinnedVersionId
  const [version] = id === null ? [] : await deps.store.applications.versions([id])
  if (version === undefined) throw new FleetError('ILLEGAL_STATE', `${application.name} has no pinned version yet`)
  return version
}

async function requireApplication(deps: ActivityDependencies, id: string): Promise<Application> {
  const application = await deps.store.applications.get(id)
  if (application === null) throw new FleetError('NOT_FOUND', `application ${id} is gone`)
  return application
}

function requireCluster(application: Application): string {
  if (application.clusterId !== null) return application.clusterId
  throw new FleetError('ILLEGAL_STATE', `the destination of ${application.name} is not a registered cluster`)
}
