import type { Problem } from '../errors.ts'
import { labelValue, matchesSelector } from '../label-selector.ts'
import { assignClusters, type NamedStage } from './assign-clusters.ts'
import { budgetOf, type Count, countOf, readConcurrency, readTolerance } from './count.ts'
import type { PlannedStage } from './plan.ts'
import {
  byName,
  compareText,
  type Draught,
  needsChange,
  type PlanInput,
  planned,
  type RolloutCluster,
  type RolloutTargetInput,
  rollbackMaxConcurrentDefault,
  strategyPath,
  targetCount,
} from './planning.ts'
import { readStageSpec } from './stage-spec.ts'
import type { StagedStrategy } from './strategy.ts'

const path = `${strategyPath}.staged`

/**
 * Our strategy: stages by the labels of clusters. Every cluster of the set is in exactly one, whether it changes or not. A stage of which
 * no cluster needs a change is left out, with a note; one that selects no cluster at all is a problem, since it would guard nothing.
 */
export function planStaged(strategy: StagedStrategy, { targets, allClusters }: PlanInput): Draught {
  const problems: Problem[] = []
  if (strategy.stages.length === 0) problems.push({ path: `${path}.stages`, message: 'has to have at least one stage' })
  const specs = strategy.stages.map((spec, index) => readStageSpec(spec, `${path}.stages[${index}]`, problems))
  const totals = readTotals(strategy, problems)
  // What a broken selector would select says nothing.
  if (problems.length > 0) return { plan: assemble([], strategy, totals), problems, unplanned: [], notes: [] }

  const clusters = withClustersOf(targets, allClusters)
  if (clusters.length === 0) return { plan: assemble([], strategy, totals), problems, unplanned: [], notes: ['the set has no clusters'] }
  const assigned = assignClusters(specs, clusters, strategy, path)
  problems.push(...assigned.problems)
  const notes = [...assigned.notes]
  const changing = Map.groupBy(targets.filter(needsChange), (target) => target.clusterId)

  const stages = assigned.stages.flatMap((stage): PlannedStage[] => {
    const own = stage.clusters.flatMap((cluster) => changing.get(cluster.id) ?? [])
    if (own.length > 0) return [plan(stage, own, notes)]
    const why = stage.clusters.length === 0 ? 'all that it selects is in stages before it' : 'none of its clusters needs a change'
    notes.push(`stage ${stage.name} is left out: ${why}`)
    return []
  })
  return { plan: assemble(stages, strategy, totals), problems, unplanned: [], notes }
}

function plan(stage: NamedStage, own: readonly RolloutTargetInput[], notes: string[]): PlannedStage {
  const { spec } = stage
  const { canary, orderBy } = spec
  const isCanary = (target: RolloutTargetInput) => canary !== undefined && matchesSelector(canary, target.clusterLabels)
  const targets = [...own]
    .sort((a, b) => Number(isCanary(b)) - Number(isCanary(a)) || byLabel(orderBy, a, b) || byName(a, b))
    .map((target) => planned(target, isCanary(target)))
  if (canary !== undefined && !targets.some((target) => target.canary))
    notes.push(`stage ${stage.name} has no canary among the clusters that change`)
  return {
    name: stage.name,
    targets,
    maxConcurrent: Math.max(1, countOf(spec.maxConcurrent, targets.length)),
    maxFailures: budgetOf(spec.maxFailures, targets.length),
    progressDeadlineMs: spec.progressDeadlineMs,
    bakeMs: spec.bakeMs,
    approvalsRequired: spec.approvalsRequired,
    manual: false,
  }
}

/** By the value of a label, as text; clusters without it last. */
function byLabel(key: string | undefined, a: RolloutTargetInput, b: RolloutTargetInput): number {
  if (key === undefined) return 0
  const [left, right] = [labelValue(a.clusterLabels, key), labelValue(b.clusterLabels, key)]
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined)
  return compareText(left, right)
}

interface Totals {
  readonly maxFailures: Count | null
  readonly rollback: Count
  readonly unreachable: Count
}

function readTotals(strategy: StagedStrategy, problems: Problem[]): Totals {
  const rollback = readConcurrency(
    strategy.rollback?.maxConcurrent,
    { count: rollbackMaxConcurrentDefault },
    `${path}.rollback.maxConcurrent`,
    problems,
  )
  return {
    maxFailures: readTolerance(strategy.maxFailures, null, `${path}.maxFailures`, problems),
    rollback,
    unreachable: readTolerance(strategy.unreachable?.max, { percent: 100 }, `${path}.unreachable.max`, problems),
  }
}

function assemble(stages: readonly PlannedStage[], strategy: StagedStrategy, totals: Totals): Draught['plan'] {
  const total = targetCount(stages)
  return {
    strategy: 'Staged',
    stages,
    maxFailures: totals.maxFailures === null ? null : budgetOf(totals.maxFailures, total),
    onFailure: strategy.onFailure ?? 'Pause',
    rollbackMaxConcurrent: Math.max(1, countOf(totals.rollback, total)),
    unreachable: { policy: strategy.unreachable?.policy ?? 'Defer', max: budgetOf(totals.unreachable, total) },
  }
}

/** The clusters of the set, with those of the targets, sorted by name. */
function withClustersOf(targets: readonly RolloutTargetInput[], allClusters: readonly RolloutCluster[]): readonly RolloutCluster[] {
  const ofTargets = targets.map(({ clusterId, clusterName, clusterLabels }) => ({
    id: clusterId,
    name: clusterName,
    labels: clusterLabels,
  }))
  const byId = new Map([...ofTargets, ...allClusters].map((cluster) => [cluster.id, cluster]))
  return [...byId.values()].sort((a, b) => compareText(a.name, b.name) || compareText(a.id, b.id))
}
