import type { SetStrategy } from '../application-set.ts'
import { rollingSyncOf, type SteppedApplication, selectSteps } from './rolling-sync-steps.ts'

/** Whether the applications of a deleted set go step by step, the last step first. As in Argo CD that needs steps; case doesn't matter. */
export function isDeletionReversed(strategy: SetStrategy | undefined): boolean {
  const { deletionOrder } = (strategy ?? {}) as { readonly deletionOrder?: string }
  return (rollingSyncOf(strategy)?.steps ?? []).length > 0 && deletionOrder?.toLowerCase() === 'reverse'
}

/**
 * Which of a deleted set's remaining applications go now: all of them, or with `deletionOrder: Reverse` those of the last step that has
 * any left. What no step selects goes after all steps, as in Argo CD.
 */
export function removedNow<T extends SteppedApplication>(strategy: SetStrategy | undefined, applications: readonly T[]): readonly T[] {
  const rollingSync = rollingSyncOf(strategy)
  if (rollingSync === null || !isDeletionReversed(strategy)) return applications
  const { stepOf } = selectSteps(rollingSync, applications)
  const last = Math.max(-1, ...stepOf.values())
  return applications.filter((application) => (stepOf.get(application) ?? -1) === last)
}
