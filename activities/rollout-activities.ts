import type { RolloutPlan } from '../fleet/rollout/plan.ts'
import type { RolloutCommand, RolloutEvent, RolloutState, RolloutWait, StageState, TargetState } from '../fleet/rollout/state.ts'

/** What the rollout workflow may do to the world. Payloads hold ids, digests and counts only (DESIGN, invariant 6). */
export interface RolloutActivities {
  readonly loadRollout: (input: { readonly rolloutId: string }) => Promise<LoadedRollout>
  /** Merges the changed targets into the stored projection. A lower sequence than the stored one changes nothing. */
  readonly saveRollout: (input: RolloutDelta) => Promise<void>
  readonly takeCommands: (input: { readonly rolloutId: string; readonly afterCommandId: number }) => Promise<readonly RolloutCommand[]>
  /** What the clusters' watches last saw of these applications. */
  readonly observeTargets: (input: { readonly applicationIds: readonly string[] }) => Promise<readonly ObservedEvent[]>
  /** The rollout is final: wakes whoever waits for that. */
  readonly finishRollout: (input: { readonly rolloutId: string }) => Promise<void>
}

export type ObservedEvent = Extract<RolloutEvent, { readonly type: 'observed' | 'gone' }>

export interface LoadedRollout {
  readonly plan: RolloutPlan
  readonly state: RolloutState
  /** Of the last save. */
  readonly sequence: number
  /** Task queues of the clusters that the hub doesn't reach itself, by cluster id. */
  readonly taskQueues: Readonly<Record<string, string>>
  /** How often to look at what watches saw, while something waits for it. */
  readonly observeEveryMs: number
}

export interface RolloutDelta {
  readonly rolloutId: string
  readonly sequence: number
  readonly head: Omit<RolloutState, 'targets' | 'stages'>
  readonly stages: readonly StageState[]
  readonly changedTargets: Readonly<Record<string, TargetState>>
  readonly waits: readonly RolloutWait[]
}

/** Work on one cluster. Runs on that cluster's task queue. */
export interface TargetActivities {
  /** Pins, renders, applies, prunes. Idempotent. Throws ApplicationFailure with the FleetError code as its type. */
  readonly syncTarget: (input: {
    readonly applicationId: string
    readonly versionId: string
    /** Null for a sync by hand. */
    readonly rolloutId: string | null
  }) => Promise<{ readonly atMs: number; readonly changed: number }>
  /** Waits until the application is healthy, or the deadline. Never judges a health from before the call. */
  readonly awaitHealthy: (input: {
    readonly applicationId: string
    readonly versionId: string
    readonly deadlineAtMs: number | null
  }) => Promise<AwaitedHealth>
}

export type AwaitedHealth =
  | { readonly outcome: 'healthy'; readonly atMs: number }
  | { readonly outcome: 'failed' | 'unreachable'; readonly atMs: number; readonly reason: string }
