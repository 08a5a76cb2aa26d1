import type { OnFailure } from './strategy.ts'

/** Frozen when a rollout is created, and never changed after (DESIGN, Rollouts 2). Ids and counts only: it travels in Temporal payloads. */
export interface RolloutPlan {
  /** SHA-256 of the canonical JSON of all the rest. Approvals are bound to it. */
  readonly digest: string
  readonly strategy: 'AllAtOnce' | 'RollingSync' | 'Staged'
  readonly stages: readonly PlannedStage[]
  /** Failed targets that the rollout tolerates; null: no bound of its own. */
  readonly maxFailures: number | null
  readonly onFailure: OnFailure
  readonly rollbackMaxConcurrent: number
  readonly unreachable: { readonly policy: 'Defer' | 'Fail'; readonly max: number }
}

export interface PlannedStage {
  readonly name: string
  /** In the order in which they start; canaries first. Every target of a plan is in exactly one stage. */
  readonly targets: readonly PlannedTarget[]
  /** At least 1. */
  readonly maxConcurrent: number
  /** Null: failures don't stop this stage (AllAtOnce, RollingSync: Argo CD has no failure policy). */
  readonly maxFailures: number | null
  /** Null: waits for ever (RollingSync). */
  readonly progressDeadlineMs: number | null
  readonly bakeMs: number
  readonly approvalsRequired: number
  /** RollingSync's maxUpdate 0: nothing starts by itself; a target is done once somebody has synced it and it is healthy. */
  readonly manual: boolean
}

export interface PlannedTarget {
  readonly applicationId: string
  readonly applicationName: string
  readonly clusterId: string
  readonly clusterName: string
  /** What it ran when the plan was made; null for a new application. Where a rollback goes. */
  readonly fromVersionId: string | null
  readonly toVersionId: string
  readonly canary: boolean
}
