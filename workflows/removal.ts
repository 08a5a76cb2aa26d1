import { proxyActivities } from '@temporalio/workflow'
import type { Removal, RemovalActivities } from '../activities/entity-activities.ts'
import { heartbeatTimeout } from './options.ts'

/** Removals under way at once; each deletes one application's resources from its cluster. */
const removalsAtOnce = 20

export interface Removals {
  /** Begins with those that aren't under way yet. */
  readonly start: (removals: readonly Removal[]) => void
}

/**
 * Removes applications in the background, some at a time, so that one that hangs on a finalizer holds nothing else up. One that can't be
 * removed now is left marked: whoever reads the rows gives it again. `onRemoved` is called after each that is gone.
 */
export function backgroundRemovals(onRemoved: () => void): Removals {
  const queue: Removal[] = []
  const pending = new Set<string>()
  let lanes = 0

  async function lane(): Promise<void> {
    lanes += 1
    for (let removal = queue.shift(); removal !== undefined; removal = queue.shift()) {
      const removed = await removeApplication(removal)
      pending.delete(removal.applicationId)
      if (removed) onRemoved()
    }
    lanes -= 1
  }

  return {
    start: (removals) => {
      const added = removals.filter(({ applicationId }) => !pending.has(applicationId))
      for (const { applicationId } of added) pending.add(applicationId)
      queue.push(...added)
      const wanted = Math.min(removalsAtOnce - lanes, queue.length)
      for (let i = 0; i < wanted; i += 1) void lane()
    },
  }
}

/** Gives whether it is gone. If not, its row stays marked as deleted. */
export async function removeApplication(removal: Removal): Promise<boolean> {
  const { removeApplication: remove } = proxyActivities<RemovalActivities>({
    taskQueue: removal.taskQueue,
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout,
    retry: { initialInterval: '2s', maximumInterval: '1 minute', maximumAttempts: 3 },
  })
  try {
    await remove({ applicationId: removal.applicationId })
    return true
  } catch {
    return false
  }
}
