import type { Problem } from '../errors.ts'
import { labelValue, matchesSelector } from '../label-selector.ts'
import { names } from './names.ts'
import { compareText, type RolloutCluster } from './planning.ts'
import type { ReadStageSpec } from './stage-spec.ts'
import type { StagedStrategy } from './strategy.ts'

/** One stage, with all its clusters, whether they change or not. */
export interface NamedStage {
  readonly name: string
  readonly spec: ReadStageSpec
  readonly clusters: readonly RolloutCluster[]
}

export interface Assignment {
  readonly stages: readonly NamedStage[]
  readonly problems: readonly Problem[]
  readonly notes: readonly string[]
}

/** Puts every cluster into exactly one stage, in the order of the stages, by the policies for those that none or several select. */
export function assignClusters(
  specs: readonly ReadStageSpec[],
  clusters: readonly RolloutCluster[],
  policies: Pick<StagedStrategy, 'unassigned' | 'doublyMatched'>,
  path: string,
): Assignment {
  const problems: Problem[] = []
  const notes: string[] = []
  const selected = specs.map((spec) => clusters.filter((cluster) => selects(spec, cluster)))
  problems.push(...emptySelections(specs, selected))

  const once = new Set<RolloutCluster>()
  const twice = new Set<RolloutCluster>()
  for (const cluster of selected.flat()) (once.has(cluster) ? twice : once).add(cluster)
  const double = clusters.filter((cluster) => twice.has(cluster))
  if (double.length > 0 && policies.doublyMatched !== 'FirstMatch') {
    const message = `several stages select ${named(double)}; make their selectors exclusive, or set doublyMatched: FirstMatch`
    problems.push({ path: `${path}.stages`, message })
  }
  const taken = new Set<RolloutCluster>()
  const stages: NamedStage[] = specs.flatMap((spec, index) => {
    const own = (selected[index] ?? []).filter((cluster) => !taken.has(cluster))
    for (const cluster of own) taken.add(cluster)
    return stagesOf(spec, own, notes)
  })

  const unassigned = clusters.filter((cluster) => !taken.has(cluster))
  const last = stages.at(-1)
  if (unassigned.length > 0 && policies.unassigned === 'LastStage' && last !== undefined) {
    stages[stages.length - 1] = { ...last, clusters: [...last.clusters, ...unassigned] }
    notes.push(`no stage selects ${named(unassigned)}, which ${unassigned.length === 1 ? 'is' : 'are'} in the last one, ${last.name}`)
  } else if (unassigned.length > 0) {
    const message = `no stage selects ${named(unassigned)}; add a stage or a label, or set unassigned: LastStage`
    problems.push({ path: `${path}.stages`, message })
  }
  return { stages, problems: [...problems, ...repeatedNames(stages)], notes }
}

/** A cluster is in no stage of a forEach whose label it lacks, or has empty. */
function selects(spec: ReadStageSpec, cluster: RolloutCluster): boolean {
  if (spec.selector !== undefined && !matchesSelector(spec.selector, cluster.labels)) return false
  return spec.forEach === undefined || (labelValue(cluster.labels, spec.forEach) ?? '') !== ''
}

/** A stage or canary that guards nothing must not pass for one that does: a bulk relabel would take it away unseen. */
function emptySelections(specs: readonly ReadStageSpec[], selected: readonly (readonly RolloutCluster[])[]): Problem[] {
  return specs.flatMap((spec, index): Problem[] => {
    const own = selected[index] ?? []
    const { canary, forEach, path } = spec
    if (own.length === 0) {
      const what = forEach === undefined ? `stage ${spec.name ?? ''} selects` : `the stages for each ${forEach} select`
      return [{ path, message: `${what} none of the set's clusters; an empty stage is not a pass: correct or remove it` }]
    }
    if (canary === undefined || own.some((cluster) => matchesSelector(canary, cluster.labels))) return []
    return [{ path: `${path}.canary`, message: 'selects none of the clusters of its stage; correct or remove it' }]
  })
}

function stagesOf(spec: ReadStageSpec, own: readonly RolloutCluster[], notes: string[]): NamedStage[] {
  const { name, forEach, order = [] } = spec
  if (forEach === undefined) return [{ name: name ?? '', spec, clusters: own }]
  const byValue = Map.groupBy(own, (cluster) => labelValue(cluster.labels, forEach) ?? '')
  const others = [...byValue.keys()].filter((value) => !order.includes(value)).sort(compareText)
  return [...order, ...others].flatMap((value): NamedStage[] => {
    const stageName = name === undefined || name === '' ? value : `${name}-${value}`
    const clusters = byValue.get(value)
    if (clusters !== undefined) return [{ name: stageName, spec, clusters }]
    notes.push(`stage ${stageName} is left out: no cluster has ${forEach}=${value}`)
    return []
  })
}

function repeatedNames(stages: readonly NamedStage[]): Problem[] {
  return stages.flatMap(({ name, spec }, index) => {
    const first = stages.findIndex((stage) => stage.name === name)
    return first === index
      ? []
      : [{ path: spec.path, message: `is named ${name}, as ${stages[first]?.spec.path} is; approvals go by name` }]
  })
}

function named(clusters: readonly RolloutCluster[]): string {
  return `${clusters.length === 1 ? 'cluster' : 'clusters'} ${names(clusters.map((cluster) => cluster.name))}`
}
