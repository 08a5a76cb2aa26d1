import type { SetStrategy } from '../../../fleet/application-set.ts'
import { canonicalJson } from '../../../fleet/canonical-json.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../fleet/json.ts'
import type { StatusInput } from '../../../fleet/rollout/application-statuses.ts'
import { observationsWanted } from '../../../fleet/rollout/observations.ts'
import type { RolloutPlan } from '../../../fleet/rollout/plan.ts'
import { planRollout } from '../../../fleet/rollout/plan-rollout.ts'
import type { RolloutTargetInput } from '../../../fleet/rollout/planning.ts'
import type { SteppedApplication } from '../../../fleet/rollout/rolling-sync-steps.ts'
import { startRollout } from '../../../fleet/rollout/start.ts'
import type { RolloutEvent, RolloutState, TargetState } from '../../../fleet/rollout/state.ts'
import { list } from '../adapter.ts'

/** An application of a case: what it wants and runs, and what the set last said of it. */
export interface Subject extends StatusInput {
  readonly target: RolloutTargetInput
  /** Null: it doesn't exist yet. */
  readonly live: JsonObject | null
  /** Where the rollout that is under way has got with it; null: it is not in one yet. */
  readonly state: TargetState | null
}

export interface RolloutOfCase {
  readonly plan: RolloutPlan
  readonly state: RolloutState
}

const [wanted, earlier] = ['wanted', 'earlier']

/**
 * `status` is an entry of applicationStatus. What it says of another revision or spec than the application wants now says nothing of a
 * rollout to that, nor does Waiting: then what counts is what the application runs.
 */
export function subjectOf(
  application: SteppedApplication,
  live: JsonObject | null,
  desired: JsonObject | null,
  status: JsonObject | null,
): Subject {
  const { applicationName } = application
  const { sync, health } = objectOf(live?.status)
  const { status: syncStatus, revision, revisions } = objectOf(sync)
  const seen = Array.isArray(revisions) ? revisions : revision === undefined || revision === '' ? [] : [revision]
  const sameSpec = live === null || desired === null || specOf(live) === specOf(desired)
  const isOf = status !== null && canonicalJson(list(status.targetRevisions)) === canonicalJson(seen) && sameSpec
  const state = live !== null && isOf ? stateOf(status) : null
  const runsWanted = state === null && live !== null && syncStatus === 'Synced' && sameSpec
  const fromVersionId = live === null ? null : runsWanted ? wanted : earlier
  return {
    ...application,
    applicationId: applicationName,
    wantedVersionId: wanted,
    pinnedVersionId: fromVersionId,
    wantedRevision: typeof seen[0] === 'string' ? seen[0] : null,
    healthy: objectOf(health).status === 'Healthy',
    live,
    state,
    target: {
      ...application,
      applicationId: applicationName,
      // Argo CD keeps the order of the statuses; plans here are by name of cluster, then of application.
      clusterId: 'cluster',
      clusterName: 'cluster',
      clusterLabels: {},
      fromVersionId,
      toVersionId: wanted,
    },
  }
}

/** As text, without what Argo CD writes into live applications of such sets itself. */
function specOf({ spec }: JsonObject): string {
  const { syncPolicy, ...rest } = objectOf(spec)
  const { automated, ...policy } = objectOf(syncPolicy)
  const { enabled: _, ...kept } = objectOf(automated)
  return canonicalJson({ ...rest, syncPolicy: { ...policy, ...(automated === undefined ? {} : { automated: kept }) } })
}

function stateOf({ status, lastTransitionTime }: JsonObject): TargetState | null {
  const sinceMs = timeOf(lastTransitionTime) ?? 0
  const syncing: TargetState = { phase: 'Syncing', attempt: 1, startedAtMs: sinceMs, appliedAtMs: null, healthyAtMs: null, reason: '' }
  switch (status) {
    case 'Pending':
      return syncing
    case 'Progressing':
      return { ...syncing, phase: 'Verifying', appliedAtMs: sinceMs }
    case 'Healthy':
      return { ...syncing, phase: 'Succeeded', appliedAtMs: sinceMs, healthyAtMs: sinceMs }
    default:
      return null
  }
}

/** The rollout that is under way with these applications; null where none can be planned. */
export function rolloutOf(strategy: SetStrategy, subjects: readonly Subject[]): RolloutOfCase | null {
  const { value: plan } = planRollout({ strategy, targets: subjects.map(({ target }) => target), allClusters: [], digest: () => '' })
  if (plan === null) return null
  const started = startRollout(plan, 0)
  const targets = subjects.flatMap(({ applicationId, state }) => (state === null ? [] : [[applicationId, state] as const]))
  return { plan, state: { ...started, targets: { ...started.targets, ...Object.fromEntries(targets) } } }
}

/** What the activities would tell the rollout of what a case shows of its live applications. */
export function eventsOf({ plan, state }: RolloutOfCase, subjects: readonly Subject[], atMs: number): RolloutEvent[] {
  const observed = observationsWanted(plan, state)
  return subjects.flatMap((subject): RolloutEvent[] => {
    const { applicationId, live, healthy } = subject
    const status = objectOf(live?.status)
    const synced = objectOf(status.sync).status === 'Synced'
    if (observed.includes(applicationId))
      return [{ type: 'observed', applicationId, versionId: synced ? wanted : earlier, healthy, atMs, reason: '' }]
    if (subject.state?.phase === 'Syncing') return syncEvents(applicationId, subject.state, status)
    const isHealthy = subject.state?.phase === 'Verifying' && synced && healthy
    return isHealthy ? [{ type: 'healthy', applicationId, attempt: 1, atMs }] : []
  })
}

/** An operation from before the application was told to sync is of an earlier attempt. */
function syncEvents(applicationId: string, { startedAtMs }: TargetState, status: JsonObject): RolloutEvent[] {
  const sinceMs = startedAtMs ?? 0
  const seenAtMs = timeOf(status.reconciledAt) ?? Number.POSITIVE_INFINITY
  const { phase, startedAt, finishedAt } = objectOf(status.operationState)
  const operationAtMs = timeOf(startedAt)
  const isOf = (atMs: number) => (seenAtMs > sinceMs && atMs > sinceMs ? 1 : 0)
  const cannot = list(status.conditions)
    .filter(isJsonObject)
    .find(({ type }) => type === 'InvalidSpecError' || type === 'UnknownError')
  if (operationAtMs !== null && isOf(operationAtMs) === 1) {
    const event = { applicationId, attempt: 1, atMs: timeOf(finishedAt) ?? operationAtMs }
    if (phase === 'Succeeded') return [{ type: 'applied', ...event }]
    return phase === 'Failed' || phase === 'Error' ? [{ type: 'failed', ...event, reason: String(phase) }] : []
  }
  if (cannot !== undefined)
    return [{ type: 'failed', applicationId, attempt: isOf(seenAtMs), atMs: sinceMs, reason: String(cannot.message) }]
  return operationAtMs === null ? [] : [{ type: 'applied', applicationId, attempt: 0, atMs: operationAtMs }]
}

export function stepped(application: JsonObject): SteppedApplication {
  const { name, labels } = objectOf(application.metadata)
  return { applicationName: String(name), applicationLabels: objectOf(labels) as Readonly<Record<string, string>> }
}

export function objects(value: Json | undefined): readonly JsonObject[] {
  return list(value).filter(isJsonObject)
}

export function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function timeOf(value: Json | undefined): number | null {
  return typeof value === 'string' ? Date.parse(value) : null
}
