import {
  ActivityCancellationType,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  patched,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { ApplicationActivities, ApplicationPlan } from '../activities/entity-activities.ts'
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
  const wake = () => {
    woken = true
  }
  setHandler(wakeSignal, wake)
  const isWoken = () => woken
  const look = (): Promise<ApplicationPlan> => {
    woken = false
    return reconcileApplication({ applicationId })
  }
  let instead: ApplicationPlan | null = null
  while (woken || instead !== null) {
    const plan: ApplicationPlan = instead ?? (await look())
    instead = null
    if (plan.action === 'remove') await removeApplication({ applicationId, taskQueue: plan.taskQueue })
    let failed = plan.action === 'again'
    if (plan.action === 'sync') {
      const ended = await sync(plan, applicationId, { isWoken, wake, look })
      if (typeof ended === 'object') instead = ended
      else failed = ended === 'failed'
    }
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

type SyncPlan = Extract<ApplicationPlan, { readonly action: 'sync' }>

interface Looking {
  readonly isWoken: () => boolean
  readonly wake: () => void
  readonly look: () => Promise<ApplicationPlan>
}

/**
 * Applies what is planned, or gives what is to be done instead: between two tries there may be hours, in which something else is wanted. Health is
 * waited for until something else is wanted, but doesn't decide: the watch reports it.
 */
async function sync(plan: SyncPlan, applicationId: string, looking: Looking): Promise<'applied' | 'failed' | ApplicationPlan> {
  const { taskQueue, versionId } = plan
  const common = { taskQueue, heartbeatTimeout } as const
  const { syncTarget } = proxyActivities<Pick<TargetActivities, 'syncTarget'>>({
    ...common,
    startToCloseTimeout: '15 minutes',
    // What is cancelled may still write until it hears of it.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: syncAttemptsMax },
  })
  const { awaitHealthy } = proxyActivities<Pick<TargetActivities, 'awaitHealthy'>>({
    ...common,
    startToCloseTimeout: '15 minutes',
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: syncAttemptsMax },
  })
  const applying = new CancellationScope()
  let ended: 'applied' | 'failed' | null = null
  const applied = applying
    .run(() => syncTarget({ applicationId, versionId, rolloutId: null }))
    .then(
      () => (ended = 'applied'),
      () => (ended = 'failed'),
    )
  let isAgain = false
  // Older runs looked again only when it had ended.
  while (patched('looks-again-while-it-syncs')) {
    await condition(() => ended !== null || looking.isWoken())
    if (ended !== null) break
    const now = await looking.look()
    isAgain = now.action === 'again'
    if (isAgain || (now.action === 'sync' && now.versionId === versionId && now.taskQueue === taskQueue)) continue
    applying.cancel()
    await applied
    return now
  }
  if (isAgain) looking.wake()
  if ((await applied) === 'failed') return 'failed'
  let isOver = false
  const over = () => {
    isOver = true
  }
  const scope = new CancellationScope()
  const healthy = scope.run(() => awaitHealthy({ applicationId, versionId, deadlineAtMs: Date.now() + healthPatienceMs })).then(over, over)
  await condition(() => isOver || looking.isWoken())
  scope.cancel()
  await healthy
  return 'applied'
}
