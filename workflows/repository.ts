import { allHandlersFinished, condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow'
import type { RepositoryActivities } from '../activities/entity-activities.ts'
import { heartbeatTimeout } from './options.ts'
import { wakeSignal } from './wake.ts'

const { pollRepository } = proxyActivities<RepositoryActivities>({
  heartbeatTimeout,
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
})

/** One Git repository: polled at an interval, at once when a webhook wakes it, never twice at the same time. */
export async function repository(input: { readonly repositoryId: string }): Promise<void> {
  let woken = false
  setHandler(wakeSignal, () => {
    woken = true
  })
  for (;;) {
    woken = false
    const { gone, againAfterMs } = await pollRepository(input)
    if (gone) return
    await condition(() => woken, againAfterMs)
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished)
      await continueAsNew<typeof repository>(input)
    }
  }
}
