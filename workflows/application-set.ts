import { allHandlersFinished, condition, continueAsNew, ParentClosePolicy, proxyActivities, setHandler, startChild, workflowInfo } from '@temporalio/workflow'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import type { ApplicationSetActivities, Removal } from '../activities/entity-activities.ts'
import { removeApplications } from './removal.ts'
import { rollout } from './rollout.ts'
import { heartbeatTimeout } from './options.ts'
import { wakeSignal } from './wake.ts'

const { reconcileApplicationSet } = proxyActivities<ApplicationSetActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout,
  retry: { initialInterval: '1s', maximumInterval: '3 minutes' },
})

/** One ApplicationSet, for as long as it exists: reconciles whenever it is woken, starts the rollouts, removes what is to go. */
export async function applicationSet(input: { readonly applicationSetId: string }): Promise<void> {
  let woken = false
  setHandler(wakeSignal, () => {
    woken = true
  })
  for (;;) {
    woken = false
    const result = await reconcileApplicationSet(input)
    if (result.rolloutId !== null) await startRollout(result.rolloutId)
    await remove(result.removals)
    if (result.gone) return
    // What was removed may have been the last of a set that is to go, or free a name: look again at once.
    if (result.removals.length === 0) {
      const isWoken = () => woken
      if (result.requeueAfterMs === null) await condition(isWoken)
      else await condition(isWoken, result.requeueAfterMs)
    }
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished)
      await continueAsNew<typeof applicationSet>(input)
    }
  }
}

async function remove(removals: readonly Removal[]): Promise<void> {
  if (removals.length > 0) await removeApplications(removals)
}

async function startRollout(rolloutId: string): Promise<void> {
  try {
    await startChild(rollout, { workflowId: `rollout/${rolloutId}`, args: [{ rolloutId }], parentClosePolicy: ParentClosePolicy.ABANDON })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}
