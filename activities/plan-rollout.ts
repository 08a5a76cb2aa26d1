import type { Application, ApplicationVersion } from '../fleet/application.ts'
import type { ApplicationSet } from '../fleet/application-set.ts'
import type { Cluster } from '../fleet/cluster.ts'
import { FleetError, type Problem } from '../fleet/errors.ts'
import { planRollout } from '../fleet/rollout/plan-rollout.ts'
import type { RolloutTargetInput } from '../fleet/rollout/planning.ts'
import { startRollout } from '../fleet/rollout/start.ts'
import { finalPhases } from '../fleet/rollout/state.ts'
import { targetInput } from '../fleet/rollout/target-input.ts'
import { rolloutTargets } from '../fleet/set/rollout-needed.ts'
import type { Rollout } from '../store/store.ts'
import type { ActivityDependencies } from './dependencies.ts'

export type PlannedRollout =
  /** Nothing wants to move. */
  | { readonly outcome: 'none' }
  /** One goes on. What came since is taken up when it ends. */
  | { readonly outcome: 'active'; readonly rollout: Rollout }
  | { readonly outcome: 'created'; readonly rollout: Rollout }
  /** The newest rollout ended badly, and what it was to bring is not tried again by itself. */
  | { readonly outcome: 'blocked'; readonly rollout: Rollout; readonly applicationNames: readonly string[] }
  | { readonly outcome: 'invalid'; readonly problems: readonly Problem[] }

/** Decides whether a set's applications need a rollout, and creates it with its frozen plan. At most one is active a set. */
export async function ensureRollout(
  deps: ActivityDependencies,
  set: ApplicationSet,
  clusters: readonly Cluster[],
): Promise<PlannedRollout> {
  const latest = await deps.store.rollouts.latest(set.id)
  if (latest !== null && !finalPhases.includes(latest.state.phase)) return { outcome: 'active', rollout: latest }

  const applications = await deps.store.applications.ofSet(set.id)
  const versions = await wantedVersions(deps, applications)
  const { targets, blocked } = rolloutTargets({
    applications,
    versions,
    lastRollout: latest,
    unblockedRolloutId: set.unblockedRolloutId,
    setGeneration: set.generation,
    strategyType: set.spec.strategy?.type ?? 'AllAtOnce',
  })
  if (targets.length === 0) {
    return blocked.length > 0 && latest !== null
      ? { outcome: 'blocked', rollout: latest, applicationNames: blocked.map((b) => b.applicationName) }
      : { outcome: 'none' }
  }

  const byId = new Map(clusters.map((cluster) => [cluster.id, cluster]))
  const moving = new Set(targets.map((target) => target.applicationId))
  const inputs = applications.flatMap((application) => targetInputs(application, byId, moving))
  const { value: plan, problems } = planRollout({
    strategy: set.spec.strategy,
    targets: inputs,
    allClusters: [...new Set(inputs.map((target) => target.clusterId))].map((id) => requireCluster(byId, id)),
    digest: deps.digest,
  })
  if (plan === null) return { outcome: 'invalid', problems }
  if (plan.stages.every((stage) => stage.targets.length === 0)) return { outcome: 'none' }

  const revisions = [...new Set(targets.flatMap((t) => versions.get(t.toVersionId)?.revision ?? []))].toSorted()
  const rollout = await deps.store.rollouts.create({
    applicationSetId: set.id,
    plan,
    state: startRollout(plan, deps.nowMs()),
    setGeneration: set.generation,
    revisions,
    requestedBy: latest !== null && latest.setGeneration === set.generation ? 'git' : set.lastChangedBy,
  })
  deps.log.info({ set: set.name, rollout: rollout.number, targets: targets.length, plan: plan.digest }, 'rollout planned')
  return { outcome: 'created', rollout }
}

async function wantedVersions(
  deps: ActivityDependencies,
  applications: readonly Application[],
): Promise<ReadonlyMap<string, ApplicationVersion>> {
  const ids = applications.flatMap((application) => application.wantedVersionId ?? [])
  return new Map((await deps.store.applications.versions(ids)).map((version) => [version.id, version]))
}

/** Applications that don't move are handed over too, at the version that they keep: percentages and stages count them. */
function targetInputs(application: Application, clusters: ReadonlyMap<string, Cluster>, moving: ReadonlySet<string>): RolloutTargetInput[] {
  const cluster = application.clusterId === null ? undefined : clusters.get(application.clusterId)
  const toVersionId = moving.has(application.id) ? application.wantedVersionId : application.pinnedVersionId
  if (cluster === undefined || toVersionId === null || application.deletion !== null) return []
  return [targetInput(application, cluster, toVersionId)]
}

function requireCluster(clusters: ReadonlyMap<string, Cluster>, id: string): Cluster {
  const cluster = clusters.get(id)
  if (cluster === undefined) throw new FleetError('INTERNAL', `cluster ${id} is gone`)
  return cluster
}
