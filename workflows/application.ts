import {
  ActivityCancellationType,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { ApplicationActivities } from '../activities/entity-activities.ts'
import type { TargetActivities } from '../activities/rollout-activities.ts'
import { heartbeatTimeout, syncAttemptsMax } from './options.ts'
import { removeApplication } from './removal.ts'
import { wakeSignal } from './wake.ts'

/** A sync by hand waits that long for health; the cluster's watch goes on observing after. */
const healthPatienceMs = 10 * 60_000
/** A sync that failed, or a revision that couldn't be resolved, is tried again after that. */
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
  const isWoken = () => woken
  while (woken) {
    woken = false
    const plan = await reconcileApplication({ applicationId })
    if (plan.action === 'remove') await removeApplication({ applicationId, taskQueue: plan.taskQueue })
    const failed =
      plan.action === 'again' || (plan.action === 'sync' && !(await sync(plan.taskQueue, applicationId, plan.versionId, isWoken)))
    if (failed) {
      await condition(isWoken, againAfterFailureMs)
      woken = true
    }
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished)
      await continueAsNew<typeof application>(input)
    }
  }
}

/** Gives whether it was applied. Health is waited for until something else is wanted, but doesn't decide: the watch reports it. */
async function sync(taskQueue: string, applicationId: string, versionId: string, isWoken: () => boolean): Promise<boolean> {
  const target = proxyActivities<TargetActivities>({
    taskQueue,
    startToCloseTimeout: '15 minutes',
    heartbeatTimeout,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: syncAttemptsMax },
  })
  try {
    await target.syncTarget({ applicationId, versionId, rolloutId: null })
  } catch {
    return false
  }
  let isOver = false
  const over = () => {
    isOver = true
  }
  const scope = new CancellationScope()
  const healthy = scope
    .run(() => target.awaitHealthy({ applicationId, versionId, deadlineAtMs: Date.now() + healthPatienceMs }))
    .then(over, over)
  await condition(() => isOver || isWoken())
  scope.cancel()
  await healthy
  return true
}
