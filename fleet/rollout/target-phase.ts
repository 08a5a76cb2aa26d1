import type { TargetPhase, TargetState } from './state.ts'

/** A target that nothing has happened to. Also what a state without an entry for a target means. */
export const untouched: TargetState = {
  phase: 'Pending',
  attempt: 0,
  startedAtMs: null,
  appliedAtMs: null,
  healthyAtMs: null,
  reason: '',
}

/** On its way to the new version, with work under way. */
export function isUnderWay(phase: TargetPhase): boolean {
  return phase === 'Syncing' || phase === 'Verifying'
}

/** On its way back, with work under way. */
export function isReturning(phase: TargetPhase): boolean {
  return phase === 'RollbackSyncing' || phase === 'RollbackVerifying'
}

/** Nothing more happens to it by itself, short of a retry, a rollback or the return of its cluster. */
export function isSettled(phase: TargetPhase): boolean {
  return phase !== 'Pending' && phase !== 'RollbackPending' && !isUnderWay(phase) && !isReturning(phase)
}

/** It is left out for good reason: it is no longer in the fleet, or somebody accepted that it didn't succeed. */
export function isExcused(target: TargetState): boolean {
  return target.accepted === true || (target.phase === 'Skipped' && target.note === 'gone')
}

/** It didn't get to the new version, or not for long; and nobody has accepted that. What failure budgets count. */
export function countsAsFailure(target: TargetState): boolean {
  if (target.accepted) return false
  switch (target.phase) {
    case 'Failed':
    case 'RollbackPending':
    case 'RollbackSyncing':
    case 'RollbackVerifying':
    case 'RolledBack':
    case 'RollbackFailed':
      return true
    case 'Skipped':
      return target.note === 'noWayBack'
    case 'Deferred':
      return target.note === 'back'
    default:
      return false
  }
}

/** What `retry` makes Pending again. */
export function isRetryable(target: TargetState): boolean {
  switch (target.phase) {
    case 'Failed':
    case 'RolledBack':
    case 'RollbackFailed':
      return true
    case 'Skipped':
      return target.note === 'noWayBack'
    case 'Deferred':
      return target.note === 'back'
    default:
      return false
  }
}

/** It may run the new version, so that a rollback has to take it back. */
export function hasMoved(target: TargetState): boolean {
  switch (target.phase) {
    case 'Pending':
      return target.attempt > 0
    case 'Syncing':
    case 'Verifying':
    case 'Succeeded':
    case 'Failed':
    case 'RollbackFailed':
      return true
    case 'Deferred':
      return target.note !== 'back'
    default:
      return false
  }
}
