import type { SetStrategy } from '../application-set.ts'
import type { Problem } from '../errors.ts'
import type { Labels } from '../label-selector.ts'
import type { PlannedStage, PlannedTarget, RolloutPlan } from './plan.ts'

/** An application of the set, and what it would go from and to. Both the same: it needs no change, and isn't in the plan. */
export interface RolloutTargetInput {
  readonly applicationId: string
  readonly applicationName: string
  readonly clusterId: string
  readonly clusterName: string
  readonly clusterLabels: Labels
  readonly applicationLabels: Labels
  /** Null for a new application. */
  readonly fromVersionId: string | null
  readonly toVersionId: string
}

export interface RolloutCluster {
  readonly id: string
  readonly name: string
  readonly labels: Labels
}

export interface PlanInput {
  /** Undefined is AllAtOnce. */
  readonly strategy: SetStrategy | undefined
  /** In any order. Those that need no change may be among them: the percentages of RollingSync count them, as Argo CD's do. */
  readonly targets: readonly RolloutTargetInput[]
  /** Every cluster of the set, also those on which nothing changes: a stage must not turn out empty by mistake. */
  readonly allClusters: readonly RolloutCluster[]
  /** SHA-256 of a text, as hex. */
  readonly digest: (canonicalJson: string) => string
}

/** An application that the plan leaves as it is, though it would change. */
export interface UnplannedTarget {
  readonly applicationId: string
  readonly applicationName: string
  readonly reason: string
}

/** What planning gives besides the plan. */
export interface PlanningNotes {
  readonly unplanned: readonly UnplannedTarget[]
  /** What a reader of the plan should know: stages left out, applications that several steps select. */
  readonly notes: readonly string[]
}

/** The plan but for its digest, and what is wrong with what it was made from. */
export interface Draught extends PlanningNotes {
  readonly plan: Omit<RolloutPlan, 'digest'>
  readonly problems: readonly Problem[]
}

/** Where strategies are in an ApplicationSet, for problems. */
export const strategyPath = 'spec.strategy'

/** At once in AllAtOnce. */
export const allAtOnceMaxConcurrent = 50
/** At once on the way back, where the strategy doesn't say. */
export const rollbackMaxConcurrentDefault = 10

export function needsChange(target: RolloutTargetInput): boolean {
  return target.fromVersionId !== target.toVersionId
}

/** A stage without a failure policy, gate or bake: what AllAtOnce and RollingSync are made of. */
export function plainStage(name: string, targets: readonly RolloutTargetInput[]): PlannedStage {
  return {
    name,
    targets: [...targets].sort(byName).map((target) => planned(target, false)),
    maxConcurrent: allAtOnceMaxConcurrent,
    maxFailures: null,
    progressDeadlineMs: null,
    bakeMs: 0,
    approvalsRequired: 0,
    manual: false,
  }
}

/** The plan of a strategy that has no failure policy. */
export function plainPlan(strategy: 'AllAtOnce' | 'RollingSync', stages: readonly PlannedStage[]): Omit<RolloutPlan, 'digest'> {
  return {
    strategy,
    stages,
    maxFailures: null,
    onFailure: 'Pause',
    rollbackMaxConcurrent: rollbackMaxConcurrentDefault,
    unreachable: { policy: 'Defer', max: targetCount(stages) },
  }
}

export function targetCount(stages: readonly PlannedStage[]): number {
  return stages.reduce((count, stage) => count + stage.targets.length, 0)
}

export function planned(target: RolloutTargetInput, canary: boolean): PlannedTarget {
  const { applicationId, applicationName, clusterId, clusterName, fromVersionId, toVersionId } = target
  return { applicationId, applicationName, clusterId, clusterName, fromVersionId, toVersionId, canary }
}

/** By cluster name, then application name, by code unit: the same on every machine. */
export function byName(a: RolloutTargetInput, b: RolloutTargetInput): number {
  return (
    compareText(a.clusterName, b.clusterName) ||
    compareText(a.applicationName, b.applicationName) ||
    compareText(a.applicationId, b.applicationId)
  )
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
