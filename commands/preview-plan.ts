import type { ApplicationSet } from '../fleet/application-set.ts'
import type { Problem } from '../fleet/errors.ts'
import type { RolloutPlan } from '../fleet/rollout/plan.ts'
import { planRollout } from '../fleet/rollout/plan-rollout.ts'
import { targetInput } from '../fleet/rollout/target-input.ts'
import type { Store } from '../store/store.ts'

export interface PlanPreview {
  /** Null when the strategy doesn't fit the fleet: see problems. */
  readonly plan: RolloutPlan | null
  readonly problems: readonly Problem[]
  /** What a reader should know: stages left out, applications that no step selects. */
  readonly notes: readonly string[]
}

/**
 * The plan that a change of every application of a set would make now: which clusters, in which stage and order. Changes nothing; it is
 * planned as a real rollout is, so a strategy that would be refused shows its problems here.
 */
export async function previewPlan(store: Store, set: ApplicationSet): Promise<PlanPreview> {
  const applications = (await store.applications.ofSet(set.id)).filter((application) => application.deletion === null)
  const clusters = new Map((await store.clusters.all()).filter((cluster) => !cluster.removing).map((cluster) => [cluster.id, cluster]))
  const targets = applications.flatMap((application) => {
    const cluster = application.clusterId === null ? undefined : clusters.get(application.clusterId)
    return cluster === undefined ? [] : [targetInput(application, cluster, 'a next version')]
  })
  const used = new Set(targets.map((target) => target.clusterId))
  const allClusters = [...clusters.values()].filter((cluster) => used.has(cluster.id))
  // Nobody approves a preview: it needs no digest that stands for it.
  const { value, problems, notes, unplanned } = planRollout({ strategy: set.spec.strategy, targets, allClusters, digest: () => '' })
  return {
    plan: value,
    problems,
    notes: [...notes, ...unplanned.map((left) => `${left.applicationName} would stay as it is: ${left.reason}`)],
  }
}
