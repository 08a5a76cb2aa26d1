import type { RollingSync } from '../application-set.ts'
import { targetOf } from './draft.ts'
import type { RolloutPlan } from './plan.ts'
import { type SteppedApplication, selectSteps } from './rolling-sync-steps.ts'
import type { RolloutState, TargetPhase, TargetState } from './state.ts'

/** An entry of `status.applicationStatus` of an ApplicationSet, for what reads Argo CD's. */
export interface RollingSyncStatus {
  readonly application: string
  /** From 1; `-1` for an application that no step selects. */
  readonly step: string
  readonly status: 'Waiting' | 'Pending' | 'Progressing' | 'Healthy'
  readonly message: string
  /** The commit that it is to run; empty while none is known. */
  readonly targetRevisions: readonly string[]
  /** When it got there; null where that isn't known. */
  readonly lastTransitionAtMs: number | null
}

/** An application of the set, with what it is to run. */
export interface StatusInput extends SteppedApplication {
  readonly applicationId: string
  readonly wantedVersionId: string | null
  /** The version that it is pinned to. */
  readonly pinnedVersionId: string | null
  readonly wantedRevision: string | null
  readonly healthy: boolean
}

type Said = Pick<RollingSyncStatus, 'status' | 'message'>

const statusOfPhase: Readonly<Record<TargetPhase, Said>> = {
  Pending: { status: 'Waiting', message: 'waits for its turn' },
  Syncing: { status: 'Pending', message: 'being synced' },
  Verifying: { status: 'Progressing', message: 'synced, not healthy yet' },
  Succeeded: { status: 'Healthy', message: 'synced and healthy' },
  // Argo CD knows no failure here: it waits until the application is healthy after all.
  Failed: { status: 'Progressing', message: 'failed' },
  Deferred: { status: 'Progressing', message: "its cluster can't be reached" },
  Skipped: { status: 'Waiting', message: 'left out of the rollout' },
  RollbackPending: { status: 'Waiting', message: 'about to go back' },
  RollbackSyncing: { status: 'Progressing', message: 'going back' },
  RollbackVerifying: { status: 'Progressing', message: 'went back, not healthy yet' },
  RolledBack: { status: 'Waiting', message: 'went back to what it ran before' },
  RollbackFailed: { status: 'Progressing', message: 'could not go back' },
}

/**
 * How a set with RollingSync stands in the terms of Argo CD, in the order of the applications. `rollout` is the newest of the set; it speaks
 * for an application as long as that wants the version that the rollout brings. One that wants another is Waiting, whatever it runs
 * now; one that has what it wants without a rollout is Healthy or Progressing by its health. Without steps there is nothing to say.
 */
export function applicationStatuses(
  rollingSync: RollingSync,
  applications: readonly StatusInput[],
  rollout: { readonly plan: RolloutPlan; readonly state: RolloutState } | null,
): readonly RollingSyncStatus[] {
  if (rollingSync.steps.length === 0) return []
  const { stepOf } = selectSteps(rollingSync, applications)
  const planned = new Map(rollout?.plan.stages.flatMap(({ targets }) => targets.map((target) => [target.applicationId, target])))
  return applications.map((application) => {
    const { applicationId, applicationName, wantedVersionId, wantedRevision } = application
    const step = stepOf.get(application)
    const spokenFor = rollout !== null && planned.get(applicationId)?.toVersionId === wantedVersionId
    const target = spokenFor ? targetOf(rollout.state, applicationId) : null
    return {
      application: applicationName,
      step: step === undefined ? '-1' : String(step + 1),
      ...(target === null ? withoutRollout(application, step) : said(target)),
      targetRevisions: wantedRevision === null ? [] : [wantedRevision],
      lastTransitionAtMs: target === null ? null : (target.healthyAtMs ?? target.appliedAtMs ?? target.startedAtMs),
    }
  })
}

function said(target: TargetState): Said {
  const { status, message } = statusOfPhase[target.phase]
  return { status, message: target.reason === '' ? message : `${message}: ${target.reason}` }
}

function withoutRollout({ wantedVersionId, pinnedVersionId, healthy }: StatusInput, step: number | undefined): Said {
  if (wantedVersionId !== null && wantedVersionId === pinnedVersionId) return statusOfPhase[healthy ? 'Succeeded' : 'Verifying']
  return { status: 'Waiting', message: step === undefined ? 'no step selects it' : 'waits for a rollout' }
}
