import { proxyActivities } from '@temporalio/workflow'
import type { Removal, RemovalActivities } from '../activities/entity-activities.ts'
import { heartbeatTimeout } from './options.ts'

/** Removals under way at once; each deletes one application's resources from its cluster. */
const removalsAtOnce = 20

/** Removes applications, some at a time. One that can't be removed now is left marked: the sweep finds it again. */
export async function removeApplications(removals: readonly Removal[]): Promise<void> {
  const queue = [...removals]
  const lanes = Array.from({ length: Math.min(removalsAtOnce, queue.length) }, async () => {
    for (let removal = queue.shift(); removal !== undefined; removal = queue.shift()) await removeOne(removal)
  })
  await Promise.all(lanes)
}

async function removeOne(removal: Removal): Promise<void> {
  const { removeApplication } = proxyActivities<RemovalActivities>({
    taskQueue: removal.taskQueue,
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout,
    retry: { initialInterval: '2s', maximumInterval: '1 minute', maximumAttempts: 3 },
  })
  try {
    await removeApplication({ applicationId: removal.applicationId })
  } catch {
    // Its row stays marked deleted, with the reason in its conditions.
  }
}
