import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  ParentClosePolicy,
  proxyActivities,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow'
import type { ApplicationSetActivities } from '../activities/entity-activities.ts'
import { heartbeatTimeout } from './options.ts'
import { backgroundRemovals } from './removal.ts'
import { rollout } from './rollout.ts'
import { wakeSignal } from './wake.ts'

const { reconcileApplicationSet } = proxyActivities<ApplicationSetActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout,
  retry: { initialInterval: '1s', maximumInterval: '3 minutes' },
})

/** Removals that don't get through are tried again after that, each time after twice as long. */
const removalPauseMinMs = 5_000
const removalPauseMaxMs = 3 * 60_000

/** One ApplicationSet, for as long as it exists: reconciles whenever it is woken, starts the rollouts, removes what is to go. */
export async function applicationSet(input: { readonly applicationSetId: string }): Promise<void> {
  let woken = false
  setHandler(wakeSignal, () => {
    woken = true
  })
  const isWoken = () => woken
  const removals = backgroundRemovals(() => {
    // It may have been the last of a set that is to go, or free a name.
    woken = true
  })
  let removalPauseMs = removalPauseMinMs
  for (;;) {
    woken = false
    const result = await reconcileApplicationSet(input)
    if (result.rolloutId !== null) await startRollout(result.rolloutId)
    if (result.gone) return
    removals.start(result.removals)
    const waits = [
      ...(result.requeueAfterMs === null ? [] : [result.requeueAfterMs]),
      ...(result.removals.length === 0 ? [] : [removalPauseMs]),
    ]
    removalPauseMs = result.removals.length === 0 ? removalPauseMinMs : Math.min(removalPauseMs * 2, removalPauseMaxMs)
    if (waits.length === 0) await condition(isWoken)
    else await condition(isWoken, Math.min(...waits))
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished)
      await continueAsNew<typeof applicationSet>(input)
    }
  }
}

async function startRollout(rolloutId: string): Promise<void> {
  try {
    await startChild(rollout, { workflowId: `rollout/${rolloutId}`, args: [{ rolloutId }], parentClosePolicy: ParentClosePolicy.ABANDON })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}
