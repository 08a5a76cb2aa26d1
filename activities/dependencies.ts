import type { ClusterGateway } from '../clusters/gateway.ts'
import type { Hints } from '../commands/context.ts'
import type { GeneratorEnvironment } from '../generators/expand-set.ts'
import type { Renderer } from '../rendering/renderer.ts'
import type { Repositories } from '../repos/repository.ts'
import type { Store } from '../store/store.ts'
import { defaultRequeueAfterMs } from './answers-requeue.ts'
import type { GeneratorSources } from './answers-sources.ts'

/** All that activities work with. Made once, in server/. */
export interface ActivityDependencies {
  readonly store: Store
  readonly gateway: ClusterGateway
  readonly repositories: Repositories
  readonly renderer: Renderer
  readonly hints: Hints
  readonly log: ActivityLog
  readonly nowMs: () => number
  /** SHA-256 in hex. */
  readonly digest: (text: string) => string
  /** What templates may use of the world: randomness, hashes. */
  readonly generatorEnvironment: GeneratorEnvironment
  /** What generators ask besides clusters and Git. */
  readonly sources: GeneratorSources
  readonly settings: ActivitySettings
}

/** Messages are constants, facts are fields. */
export interface ActivityLog {
  readonly info: (facts: object, message: string) => void
  readonly warn: (facts: object, message: string) => void
}

export interface ActivitySettings {
  /** Between two polls of a repository; jitter of up to a fifth is added. */
  readonly repositoryPollMs: number
  /** After how long git and clusterDecisionResource generators look again that don't say it themselves. */
  readonly requeueAfterMs: number
  /** Between two looks at whether a cluster answers. */
  readonly probeEveryMs: number
  /** Between two comparisons of an application with its cluster. */
  readonly recheckEveryMs: number
  /** Between two looks at an application whose health is waited for. */
  readonly healthPollMs: number
  /** How long a cluster may stay silent while its health is waited for, before the rollout hears of it. */
  readonly unreachableGraceMs: number
  /** How often a rollout looks at what watches saw. */
  readonly observeEveryMs: number
  /** Change feed entries older than that are dropped. */
  readonly changeRetentionMs: number
}

export const defaultActivitySettings: ActivitySettings = {
  repositoryPollMs: 3 * 60_000,
  requeueAfterMs: defaultRequeueAfterMs,
  probeEveryMs: 10_000,
  recheckEveryMs: 30_000,
  healthPollMs: 1_000,
  unreachableGraceMs: 20_000,
  observeEveryMs: 10_000,
  changeRetentionMs: 7 * 24 * 3_600_000,
}
