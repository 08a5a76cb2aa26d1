import type { Application, ApplicationVersion } from '../application.ts'
import type { RolloutPlan } from '../rollout/plan.ts'
import type { RolloutPhase } from '../rollout/state.ts'

export interface RolloutNeedInput {
  readonly applications: readonly Pick<
    Application,
    'id' | 'name' | 'clusterId' | 'wantedVersionId' | 'pinnedVersionId' | 'deletion' | 'manifest'
  >[]
  /** The wanted versions, by id. One that isn't here isn't known yet. */
  readonly versions: ReadonlyMap<string, Pick<ApplicationVersion, 'revision'>>
  /** The newest rollout of the set, whatever its phase. */
  readonly lastRollout: {
    readonly id: string
    readonly number: number
    readonly setGeneration: number
    readonly revisions: readonly string[]
    readonly state: { readonly phase: RolloutPhase }
    readonly plan: {
      readonly stages: readonly {
        readonly targets: readonly RolloutPlan['stages'][number]['targets'][number][]
      }[]
    }
  } | null
  /** Somebody has asked to try again what this rollout failed at. */
  readonly unblockedRolloutId: string | null
  readonly setGeneration: number
  readonly strategyType: 'AllAtOnce' | 'RollingSync' | 'Staged'
}

export interface RolloutNeed {
  readonly targets: readonly {
    readonly applicationId: string
    readonly applicationName: string
    readonly toVersionId: string
  }[]
  /** They want to move, and wait for a new commit, a changed set, or somebody who asks for it. */
  readonly blocked: readonly {
    readonly applicationId: string
    readonly applicationName: string
    readonly toVersionId: string
    readonly reason: string
  }[]
}

/** A rollout that ended like this didn't bring what it was to bring. */
const badEnds: readonly RolloutPhase[] = ['RolledBack', 'Aborted', 'Failed']

/**
 * Which applications of a set need a rollout: those that want a known version other than the one that they are pinned to, have a cluster, and
 * aren't being deleted. AllAtOnce takes those whose automated sync is on; RollingSync and Staged drive every application, as Argo CD's
 * RollingSync does. After a rollout that ended badly its versions aren't started again by themselves, nor its revisions for applications
 * that it didn't move (a cluster that has joined since), while the set is the same.
 */
export function rolloutTargets(input: RolloutNeedInput): RolloutNeed {
  const block = blockOf(input)
  const targets: RolloutNeed['targets'][number][] = []
  const blocked: RolloutNeed['blocked'][number][] = []
  for (const application of input.applications) {
    const { id: applicationId, name: applicationName, wantedVersionId: toVersionId, pinnedVersionId, clusterId, deletion } = application
    if (toVersionId === null || toVersionId === pinnedVersionId || clusterId === null || deletion !== null) continue
    const version = input.versions.get(toVersionId)
    if (version === undefined || !isDriven(application, input.strategyType)) continue
    const reason = block(applicationId, toVersionId, version.revision)
    if (reason === null) targets.push({ applicationId, applicationName, toVersionId })
    else blocked.push({ applicationId, applicationName, toVersionId, reason })
  }
  return { targets, blocked }
}

function isDriven({ manifest }: Pick<Application, 'manifest'>, strategyType: RolloutNeedInput['strategyType']): boolean {
  if (strategyType !== 'AllAtOnce') return true
  const automated = manifest.spec.syncPolicy?.automated
  return automated !== undefined && automated.enabled !== false
}

function blockOf(input: RolloutNeedInput): (applicationId: string, toVersionId: string, revision: string) => string | null {
  const { lastRollout, unblockedRolloutId, setGeneration } = input
  if (lastRollout === null || !badEnds.includes(lastRollout.state.phase) || lastRollout.id === unblockedRolloutId) return () => null
  const ended = `rollout ${lastRollout.number} ended ${lastRollout.state.phase}`
  // Plans hold applications that don't move, too: they say nothing about what was tried.
  const tried = new Map(
    lastRollout.plan.stages.flatMap((stage) =>
      stage.targets
        .filter((target) => target.fromVersionId !== target.toVersionId)
        .map((target) => [target.applicationId, target.toVersionId] as const),
    ),
  )
  return (applicationId, toVersionId, revision) => {
    const triedVersionId = tried.get(applicationId)
    if (triedVersionId !== undefined)
      return triedVersionId === toVersionId ? `${ended}, and this is the version that it was to bring` : null
    if (lastRollout.setGeneration !== setGeneration || !lastRollout.revisions.includes(revision)) return null
    return `${ended}, and this is a revision that it was to bring`
  }
}
