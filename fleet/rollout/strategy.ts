import type { LabelSelector } from '../label-selector.ts'

/** A count, or a percent string such as `25%` (rounded down, at least 1 where more than 0 % was asked for). */
export type CountOrPercent = number | string

/**
 * `strategy.staged` of an ApplicationSet: ours, written as if Argo CD had had it. Durations are Go's (`90s`, `1h30m`).
 */
export interface StagedStrategy {
  readonly stages: readonly StageSpec[]
  /** Clusters that no stage selects. Default Fail: the rollout is refused with their names. */
  readonly unassigned?: 'Fail' | 'LastStage'
  /** Clusters that several stages select. Default Fail. */
  readonly doublyMatched?: 'Fail' | 'FirstMatch'
  /** Failed clusters that the whole rollout tolerates. Default: no bound of its own. */
  readonly maxFailures?: CountOrPercent
  /** What a breach of a failure budget does. Default Pause. */
  readonly onFailure?: OnFailure
  readonly rollback?: { readonly maxConcurrent?: CountOrPercent }
  /** Clusters that can't be reached. Default Defer, all of them. */
  readonly unreachable?: { readonly policy?: 'Defer' | 'Fail'; readonly max?: CountOrPercent }
}

/** What a breached failure budget does: hold everything, or return the failed clusters, their stage, or everything to what ran before. */
export type OnFailure = 'Pause' | 'RollBackCluster' | 'RollBackStage' | 'RollBackRollout'

export interface StageSpec {
  /** Required without forEach; with it, a prefix of the names (`<name>-<value>`), the bare value by default. */
  readonly name?: string
  /** Selects clusters by their labels. With forEach it narrows. */
  readonly selector?: LabelSelector
  /** One stage for each value of this cluster label. */
  readonly forEach?: string
  /** Order of the values of forEach; values that aren't listed follow, sorted. */
  readonly order?: readonly string[]
  /** Clusters at once. Default 1. */
  readonly maxConcurrent?: CountOrPercent
  /** Cluster label whose value orders the clusters of a stage (as text); then the name does. */
  readonly orderBy?: string
  /** Clusters of this stage that go first, alone, and tolerate no failure. */
  readonly canary?: LabelSelector
  /** Failed clusters that the stage tolerates. Default 0. */
  readonly maxFailures?: CountOrPercent
  /** How long a cluster may take from its start until it is healthy. Default 10m. */
  readonly progressDeadline?: string
  /** How long the stage must stay good after its last success. Default none. */
  readonly bake?: string
  /** Approvals, by different people, before the stage starts. Default none. */
  readonly approval?: { readonly required?: number }
}
