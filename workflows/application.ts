import { condition, proxyActivities, setHandler } from '@temporalio/workflow'
import type { ApplicationActivities } from '../activities/entity-activities.ts'
import type { TargetActivities } from '../activities/rollout-activities.ts'
import { removeApplications } from './removal.ts'
import { heartbeatTimeout } from './options.ts'
import { wakeSignal } from './wake.ts'

/** A sync by hand waits that long for health; the cluster's watch goes on observing after. */
const healthPatienceMs = 10 * 60_000
/** A failed sync of an application by itself is tried again after that. */
const againAfterFailureMs = 60_000

const { reconcileApplication } = proxyActivities<ApplicationActivities>({
  heartbeatTimeout,
  startToCloseTimeout: '5 minutes',
  retry: { initialInterval: '1s', maximumInterval: '1 minute', maximumAttempts: 10 },
})

/**
 * Works on one application outside of a rollout: a sync asked for by hand, or one that stands by itself and has changed. Its id is
 * `application/<name>`, so that two can't overlap. Ends when nothing is left to do.
 */
export async function application(input: { readonly applicationId: string }): Promise<void> {
  const { applicationId } = input
  let woken = true
  setHandler(wakeSignal, () => {
    woken = true
  })
  while (woken) {
    woken = false
    const plan = await reconcileApplication({ applicationId })
    if (plan.action === 'remove') await removeApplications([{ applicationId, taskQueue: plan.taskQueue }])
    if (plan.action !== 'sync') continue
    if (!(await sync(plan.taskQueue, applicationId, plan.versionId))) {
      await condition(() => woken, againAfterFailureMs)
      woken = true
    }
  }
}

/** Gives whether it was applied. Health is waited for, but doesn't decide: the watch reports it. */
async function sync(taskQueue: string, applicationId: string, versionId: string): Promise<boolean> {
  const target = proxyActivities<TargetActivities>({
    taskQueue,
    startToCloseTimeout: '15 minutes',
    heartbeatTimeout,
    retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 4 },
  })
  try {
    await target.syncTarget({ applicationId, versionId, rolloutId: null })
  } catch {
    return false
  }
  try {
    await target.awaitHealthy({ applicationId, versionId, deadlineAtMs: Date.now() + healthPatienceMs })
  } catch {
    // The watch goes on observing.
  }
  return true
}
