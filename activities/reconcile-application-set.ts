import { Context } from '@temporalio/activity'
import type { Application } from '../fleet/application.ts'
import type { ApplicationSet, HeldDeletion } from '../fleet/application-set.ts'
import { hubTaskQueue } from '../fleet/cluster.ts'
import { mapBounded } from '../fleet/map-bounded.ts'
import { removedNow } from '../fleet/rollout/removal-order.ts'
import { rollingSyncOf, selectSteps, stepsIssue } from '../fleet/rollout/rolling-sync-steps.ts'
import { type SetObservation, setConditions } from '../fleet/set/conditions.ts'
import { deletionDigest, deletionPolicy, judgeDeletion } from '../fleet/set/deletion-breaker.ts'
import { deletionMode } from '../fleet/set/deletion-mode.ts'
import { requeueAfterMs } from './answers-requeue.ts'
import type { ActivityDependencies } from './dependencies.ts'
import type { ApplicationSetActivities, ReconcileResult, Removal } from './entity-activities.ts'
import { generateSet, newApplication } from './generate-set.ts'
import { welcomeNewcomers } from './newcomers.ts'
import { ensureRollout, type PlannedRollout } from './plan-rollout.ts'
import { type Commits, createCommits, createResolver } from './versions.ts'

/** What couldn't be resolved or seen, or isn't valid now, is tried again after that, as Argo CD does. */
const againAfterErrorMs = 3 * 60_000
/** Revisions that are resolved at the same time. */
const resolvedAtOnce = 16

export function reconcileActivities(deps: ActivityDependencies): ApplicationSetActivities {
  return {
    async reconcileApplicationSet({ applicationSetId }) {
      const set = await deps.store.applicationSets.get(applicationSetId)
      if (set === null) return nothing({ gone: true })
      return set.deletion === null ? reconcile(deps, set) : deleteSet(deps, set, set.deletion)
    },
  }
}

function nothing(change: Partial<ReconcileResult>): ReconcileResult {
  return { gone: false, rolloutId: null, removals: [], requeueAfterMs: null, ...change }
}

/** A deleted set goes after its applications, which go together or step by step: each that is gone makes another pass. */
async function deleteSet(deps: ActivityDependencies, set: ApplicationSet, mode: 'cascade' | 'orphan'): Promise<ReconcileResult> {
  const applications = await deps.store.applications.ofSet(set.id)
  if (applications.length === 0) {
    await deps.store.applicationSets.remove(set.id)
    return nothing({ gone: true })
  }
  const { wantedPass } = await deps.store.applicationSets.pass(set.id)
  const turn = new Set(removedNow(set.spec.strategy, applications.map(stepped)).map(({ id }) => id))
  const marked = applications.filter((application) => application.deletion === null && turn.has(application.id))
  await deps.store.applications.markDeleted(
    marked.map((application) => application.id),
    mode,
  )
  await deps.store.applicationSets.recordPass(set.id, { ...seen(set), pass: wantedPass })
  const going = applications.filter((application) => application.deletion !== null || turn.has(application.id))
  return nothing({ removals: await removalsOf(deps, going), requeueAfterMs: againAfterErrorMs })
}

function stepsIssueOf(set: ApplicationSet, applications: readonly Application[]): string | null {
  const rollingSync = rollingSyncOf(set.spec.strategy)
  const staying = applications.filter((application) => application.deletion === null)
  return rollingSync === null ? null : stepsIssue(selectSteps(rollingSync, staying.map(stepped)))
}

function stepped({ id, name, manifest }: Pick<Application, 'id' | 'name' | 'manifest'>) {
  return { id, applicationName: name, applicationLabels: manifest.metadata.labels ?? {} }
}

/**
 * One pass over a set. First everything is found out, without changing anything; an expansion that couldn't see everything ends it
 * there (invariant 7). Then applications are written, deletions held or marked, versions resolved, and a rollout planned.
 */
async function reconcile(deps: ActivityDependencies, set: ApplicationSet): Promise<ReconcileResult> {
  const { store } = deps
  // Taken before anything is read: what changes from here on makes another pass.
  const { wantedPass } = await store.applicationSets.pass(set.id)
  await welcomeNewcomers(deps, set)
  const signal = Context.current().cancellationSignal
  const commits = createCommits(deps, signal)
  const { clusters, expansion, current, validation, changes } = await generateSet(deps, set, { commits, signal })
  if (validation === null || changes === null) {
    await record(deps, set, wantedPass, {
      expansion: { complete: false, problems: expansion.problems },
      invalid: [],
      held: set.heldDeletion,
      rollout: { outcome: 'none' },
      unresolved: [],
    })
    return nothing({ requeueAfterMs: againAfterErrorMs })
  }

  const { held, secondLookInMs } = await holdOrDelete(deps, set, current, changes.remove)

  await store.applications.applyAll(changes.apply.map((application) => newApplication(set.id, application)))
  const unresolved = await resolveWanted(deps, set, commits)
  const rollout = await ensureRollout(deps, set, clusters)
  const applications = await store.applications.ofSet(set.id)
  await record(deps, set, wantedPass, {
    expansion: { complete: true, problems: expansion.problems },
    invalid: validation.problems,
    held,
    rollout,
    stepsIssue: stepsIssueOf(set, applications),
    unresolved,
  })

  const marked = applications.filter((application) => application.deletion !== null)
  // A host may answer again, a name may become free: nobody tells.
  const isPartial = unresolved.length > 0 || expansion.problems.length > 0 || validation.problems.length > 0
  return nothing({
    rolloutId: rollout.outcome === 'created' ? rollout.rollout.id : null,
    removals: await removalsOf(deps, marked),
    requeueAfterMs: shortest(
      isPartial ? againAfterErrorMs : null,
      secondLookInMs,
      requeueAfterMs(set.spec.generators, deps.settings.requeueAfterMs),
    ),
  })
}

function shortest(...waitsMs: readonly (number | null)[]): number | null {
  const waits = waitsMs.filter((wait) => wait !== null)
  return waits.length === 0 ? null : Math.min(...waits)
}

/** Marks for deletion what may go, or holds all of it: the deletion breaker. */
async function holdOrDelete(
  deps: ActivityDependencies,
  set: ApplicationSet,
  current: readonly Application[],
  remove: readonly Application[],
): Promise<{ readonly held: HeldDeletion | null; readonly secondLookInMs: number | null }> {
  const names = remove
    .filter((application) => application.deletion === null)
    .map((application) => application.name)
    .toSorted()
  const none = { held: null, secondLookInMs: null }
  if (names.length === 0) return none
  const digest = deletionDigest({ applicationSetId: set.id, generation: set.generation, names }, deps.digest)
  const fleet = await deps.store.applications.page({}, { first: 1 })
  const nowMs = deps.nowMs()
  const heldSinceMs = set.heldDeletion?.digest === digest ? set.heldDeletion.heldAtMs : null
  const judged = judgeDeletion({
    removeCount: names.length,
    setCount: current.length,
    fleetCount: fleet.totalCount,
    digest,
    confirmedDigest: await deps.store.applicationSets.confirmedDeletion(set.id),
    policy: deletionPolicy(set),
    heldSinceMs,
    nowMs,
  })
  if (judged.outcome === 'held') {
    const { secondLookInMs } = judged
    const how = secondLookInMs === null ? `Confirm digest ${digest} to delete them` : 'They go when a second look finds the same'
    const held = { digest, applicationNames: names, reason: `${judged.reason}. ${how}`, heldAtMs: heldSinceMs ?? nowMs }
    return { held, secondLookInMs }
  }
  const preserve = set.spec.syncPolicy?.preserveResourcesOnDeletion === true
  const byMode = Map.groupBy(
    // What somebody has marked already goes as that one said.
    remove.filter((application) => application.deletion === null),
    ({ manifest }) => deletionMode(manifest.metadata, preserve),
  )
  for (const [mode, applications] of byMode) {
    await deps.store.applications.markDeleted(
      applications.map((application) => application.id),
      mode,
    )
  }
  return none
}

interface Unresolved {
  readonly applicationName: string
  readonly message: string
}

/** Resolves what every application of the set wants now, each repository and source once. */
async function resolveWanted(deps: ActivityDependencies, set: ApplicationSet, commits: Commits): Promise<readonly Unresolved[]> {
  const { store } = deps
  const resolve = createResolver(deps, Context.current().cancellationSignal, commits)
  const applications = (await store.applications.ofSet(set.id)).filter((application) => application.deletion === null)
  const wanted: Parameters<typeof store.applications.setWanted>[0][number][] = []
  const versions: Parameters<typeof store.applications.putVersions>[0][number][] = []
  const unresolved: Unresolved[] = []
  await mapBounded(applications, resolvedAtOnce, async (application) => {
    const { id, name, manifest, generation } = application
    const resolution = await resolve({ id, name, spec: manifest.spec })
    if (resolution.outcome === 'resolved') {
      versions.push(resolution.version)
      wanted.push({ applicationId: id, versionId: resolution.version.id, observedGeneration: generation })
      await clearComparisonError(deps, application)
    } else {
      unresolved.push({ applicationName: name, message: resolution.error.message })
      await setComparisonError(deps, application, resolution.error.message)
    }
  })
  await store.applications.putVersions(versions)
  const changed = new Map(applications.map((application) => [application.id, application]))
  await store.applications.setWanted(
    wanted.filter(
      (w) =>
        changed.get(w.applicationId)?.wantedVersionId !== w.versionId ||
        changed.get(w.applicationId)?.observedGeneration !== w.observedGeneration,
    ),
  )
  return unresolved
}

const comparisonError = 'ComparisonError'

/** What it wanted before stays wanted: an error is never a change. */
export async function setComparisonError(deps: ActivityDependencies, application: Application, message: string): Promise<void> {
  const others = application.status.conditions.filter((condition) => condition.type !== comparisonError)
  const before = application.status.conditions.find((condition) => condition.type === comparisonError)
  if (before?.message === message) return
  const condition = { type: comparisonError, status: 'True', reason: comparisonError, message, lastTransitionAtMs: deps.nowMs() } as const
  await deps.store.applications.setConditions(application.id, [...others, condition], application.generation)
}

export async function clearComparisonError(deps: ActivityDependencies, application: Application): Promise<void> {
  const others = application.status.conditions.filter((condition) => condition.type !== comparisonError)
  if (others.length < application.status.conditions.length)
    await deps.store.applications.setConditions(application.id, others, application.generation)
}

async function removalsOf(deps: ActivityDependencies, applications: readonly Application[]): Promise<readonly Removal[]> {
  if (applications.length === 0) return []
  const queues = new Map((await deps.store.clusters.all()).map((cluster) => [cluster.id, cluster.taskQueue]))
  return applications.map(({ id, clusterId }) => ({ applicationId: id, taskQueue: queues.get(clusterId ?? '') ?? hubTaskQueue }))
}

function seen(set: ApplicationSet) {
  return { generation: set.generation, conditions: set.conditions, heldDeletion: set.heldDeletion, expandedAtMs: set.expandedAtMs }
}

async function record(
  deps: ActivityDependencies,
  set: ApplicationSet,
  pass: number,
  found: {
    readonly expansion: SetObservation['expansion']
    readonly invalid: SetObservation['invalid']
    readonly held: HeldDeletion | null
    readonly rollout: PlannedRollout
    readonly stepsIssue?: string | null
    readonly unresolved: readonly Unresolved[]
  },
): Promise<void> {
  const nowMs = deps.nowMs()
  const { expandedAtMs: lastExpandedAtMs, spec } = set
  const strategy = spec.strategy?.type ?? 'AllAtOnce'
  const conditions = setConditions({ before: set.conditions, nowMs, expandedAtMs: lastExpandedAtMs, strategy, ...found })
  const expandedAtMs = found.expansion.complete ? nowMs : lastExpandedAtMs
  await deps.store.applicationSets.recordPass(set.id, { ...seen(set), pass, conditions, heldDeletion: found.held, expandedAtMs })
}
