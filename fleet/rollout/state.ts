/** All that changes in a rollout. Held by its workflow, projected into the store after each step. Plain JSON, compact. */
export interface RolloutState {
  readonly phase: RolloutPhase
  /** Why it is in that phase, for people. */
  readonly reason: string
  readonly stages: readonly StageState[]
  /** By application id. */
  readonly targets: Readonly<Record<string, TargetState>>
  /** Set while the phase is Paused. */
  readonly pause: RolloutPause | null
  /** Set while the phase is RollingBack, and kept when the rollout ends with it. */
  readonly rollback: RolloutRollback | null
  /** Commands up to this id have been taken in. */
  readonly lastCommandId: number
  readonly startedAtMs: number
  readonly finishedAtMs: number | null
}

export interface RolloutPause {
  /** An actor, or `engineActor` where a failure budget or unreachable clusters did it. */
  readonly by: string
  readonly reason: string
  readonly sinceMs: number
  /** Who or what paused it. `resume` accepts the failures of FailureBudget, and the deferred clusters too of Unreachable. */
  readonly cause: 'Command' | 'FailureBudget' | 'Unreachable'
}

export interface RolloutRollback {
  /** cluster: the failed ones; stage: that stage; both end Paused. rollout: everything; ends RolledBack or Failed. */
  readonly scope: 'cluster' | 'stage' | 'rollout'
  readonly by: string
  readonly reason: string
  readonly sinceMs: number
}

/** What `by` says where no person did it. */
export const engineActor = 'roadstead'

/**
 * Progressing and Paused go on; RollingBack too. The others are final. Succeeded may leave deferred targets behind: their pin has
 * moved, so their cluster catches up when it returns.
 */
export type RolloutPhase = 'Progressing' | 'Paused' | 'RollingBack' | 'Succeeded' | 'RolledBack' | 'Aborted' | 'Failed'

export const finalPhases: readonly RolloutPhase[] = ['Succeeded', 'RolledBack', 'Aborted', 'Failed']

export interface StageState {
  readonly phase: StagePhase
  readonly approvals: readonly { readonly by: string; readonly atMs: number }[]
  readonly startedAtMs: number | null
  readonly finishedAtMs: number | null
  /** Bake that counts so far, not including the stretch since `bakingSinceMs`. */
  readonly bakedMs: number
  /** Null while it doesn't count: not yet baking, paused. */
  readonly bakingSinceMs: number | null
}

export type StagePhase = 'Waiting' | 'AwaitingApproval' | 'Running' | 'Baking' | 'Done' | 'Stopped'

export interface TargetState {
  readonly phase: TargetPhase
  /** Rises with each start, forward or back. Events of older attempts are ignored. */
  readonly attempt: number
  readonly startedAtMs: number | null
  /** When the version was observed applied, in this attempt. */
  readonly appliedAtMs: number | null
  /** When health was observed, after that. */
  readonly healthyAtMs: number | null
  /** Why it is in that phase: the error of a failure, what it waits for. */
  readonly reason: string
  /** Somebody resumed in spite of it: it counts in no failure budget and holds nothing back any more. */
  readonly accepted?: true
  /**
   * gone: Skipped since it left the fleet. noWayBack: Skipped since it ran nothing before. back: Deferred on its way back, so
   * that it is the old version it catches up to.
   */
  readonly note?: 'gone' | 'noWayBack' | 'back'
  /** Succeeded, and since then seen in bad health or at another version. Holds the bake of its stage. */
  readonly badSinceMs?: number
}

/**
 * Pending -> Syncing -> Verifying -> Succeeded | Failed | Deferred; Skipped where there is nothing to do.
 * Back: RollbackPending -> RollbackSyncing -> RollbackVerifying -> RolledBack | RollbackFailed.
 */
export type TargetPhase =
  | 'Pending'
  | 'Syncing'
  | 'Verifying'
  | 'Succeeded'
  | 'Failed'
  | 'Deferred'
  | 'Skipped'
  | 'RollbackPending'
  | 'RollbackSyncing'
  | 'RollbackVerifying'
  | 'RolledBack'
  | 'RollbackFailed'

/** What a rollout can be told. `rollBack` is: abort and return everything that was moved. */
export type RolloutVerb = 'pause' | 'resume' | 'abort' | 'rollBack' | 'approve' | 'retry'

export interface RolloutCommand {
  /** Rises with each command of the fleet; the order in which they are taken in. */
  readonly id: number
  readonly verb: RolloutVerb
  readonly actor: string
  readonly atMs: number
  /** For approve: which stage, and for which plan. A different digest is refused. */
  readonly stage?: string
  readonly planDigest?: string
  readonly reason?: string
}

/** What happened. `attempt` fences: an event of an older attempt changes nothing. */
export type RolloutEvent =
  | { readonly type: 'applied'; readonly applicationId: string; readonly attempt: number; readonly atMs: number }
  | { readonly type: 'healthy'; readonly applicationId: string; readonly attempt: number; readonly atMs: number }
  | { readonly type: 'failed'; readonly applicationId: string; readonly attempt: number; readonly atMs: number; readonly reason: string }
  | {
      readonly type: 'unreachable'
      readonly applicationId: string
      readonly attempt: number
      readonly atMs: number
      readonly reason: string
    }
  /** A target gone from the fleet (its cluster or application was removed). */
  | { readonly type: 'gone'; readonly applicationId: string; readonly atMs: number; readonly reason: string }
  /** Seen by the cluster's watch: catch-up of a deferred target, a manual sync, or drift and bad health while baking. */
  | {
      readonly type: 'observed'
      readonly applicationId: string
      readonly versionId: string | null
      readonly healthy: boolean
      readonly atMs: number
      readonly reason: string
    }
  | { readonly type: 'command'; readonly command: RolloutCommand }

/** One piece of work that should be under way now. The workflow starts what isn't, and cancels what is no longer here. */
export interface TargetWork {
  readonly applicationId: string
  readonly clusterId: string
  readonly versionId: string
  readonly attempt: number
  readonly direction: 'forward' | 'back'
  /** Null: no deadline. */
  readonly deadlineAtMs: number | null
  /** The version was already observed applied in this attempt (when work is taken up again). */
  readonly applied: boolean
}

/** Why something that could go on doesn't, for people and for GraphQL. */
export interface RolloutWait {
  /** Stage name, or null for the whole rollout. */
  readonly stage: string | null
  readonly applicationId: string | null
  readonly reason: WaitReason
  readonly message: string
  readonly untilMs: number | null
}

export type WaitReason =
  | 'Paused'
  | 'PreviousStage'
  | 'Approval'
  | 'ConcurrencyLimit'
  | 'Canary'
  | 'Health'
  | 'Bake'
  | 'ManualSync'
  | 'Unreachable'
  | 'Rollback'

export interface Step {
  readonly state: RolloutState
  readonly waits: readonly RolloutWait[]
  /** When to look again though nothing happened; null: only when something does. */
  readonly wakeAtMs: number | null
}
