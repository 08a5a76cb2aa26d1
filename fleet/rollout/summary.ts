import { targetOf } from './draft.ts'
import type { PlannedStage, RolloutPlan } from './plan.ts'
import type { RolloutState, TargetPhase } from './state.ts'

/** What people want to see of a target at a glance. */
export type TargetStatus = 'pending' | 'inProgress' | 'succeeded' | 'failed' | 'deferred' | 'skipped' | 'rolledBack'

export type TargetCounts = { readonly [status in TargetStatus | 'total']: number }

export interface RolloutSummary {
  readonly total: TargetCounts
  /** In the order of the plan's stages. */
  readonly stages: readonly (TargetCounts & { readonly name: string })[]
}

const statusOfPhase: Readonly<Record<TargetPhase, TargetStatus>> = {
  Pending: 'pending',
  Syncing: 'inProgress',
  Verifying: 'inProgress',
  Succeeded: 'succeeded',
  Failed: 'failed',
  Deferred: 'deferred',
  Skipped: 'skipped',
  RollbackPending: 'inProgress',
  RollbackSyncing: 'inProgress',
  RollbackVerifying: 'inProgress',
  RolledBack: 'rolledBack',
  RollbackFailed: 'failed',
}

/** How many targets are where, in each stage and in all. */
export function summarize(plan: RolloutPlan, state: RolloutState): RolloutSummary {
  const stages = plan.stages.map((stage) => ({ name: stage.name, ...countTargets(stage, state) }))
  const total = zero()
  for (const stage of stages) for (const status of statuses) total[status] += stage[status]
  return { total, stages }
}

export function countTargets(stage: PlannedStage, state: RolloutState): TargetCounts {
  const counts = zero()
  for (const { applicationId } of stage.targets) {
    counts[statusOfPhase[targetOf(state, applicationId).phase]] += 1
    counts.total += 1
  }
  return counts
}

const statuses = ['total', 'pending', 'inProgress', 'succeeded', 'failed', 'deferred', 'skipped', 'rolledBack'] as const

function zero(): { [status in TargetStatus | 'total']: number } {
  return { total: 0, pending: 0, inProgress: 0, succeeded: 0, failed: 0, deferred: 0, skipped: 0, rolledBack: 0 }
}
