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
import type { ClusterActivities } from '../activities/entity-activities.ts'
import { watchQueue } from '../fleet/cluster.ts'
import { heartbeatTimeout } from './options.ts'
import { wakeSignal } from './wake.ts'

const { describeCluster } = proxyActivities<Pick<ClusterActivities, 'describeCluster'>>({
  heartbeatTimeout,
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
})

/**
 * One registered cluster: keeps its one watching activity running on a worker that can reach it. A worker that dies is noticed by its
 * missing heartbeat, and another takes over. A wake starts the watch afresh, so that a changed cluster is looked at once.
 */
export async function cluster(input: { readonly clusterId: string }): Promise<void> {
  let woken = false
  setHandler(wakeSignal, () => {
    woken = true
  })
  for (;;) {
    const described = await describeCluster(input)
    if (described === null) return
    const { watchCluster } = proxyActivities<Pick<ClusterActivities, 'watchCluster'>>({
      taskQueue: watchQueue(described.taskQueue),
      startToCloseTimeout: '1 day',
      heartbeatTimeout,
      cancellationType: ActivityCancellationType.TRY_CANCEL,
      retry: { initialInterval: '1s', maximumInterval: '10s' },
    })
    woken = false
    const scope = new CancellationScope()
    const watching = scope.run(() => watchCluster(input))
    const ended = await Promise.race([watching, condition(() => woken).then(() => null)])
    if (ended?.gone === true) return
    if (ended === null) {
      scope.cancel()
      await watching.catch(() => undefined)
    }
    if (workflowInfo().continueAsNewSuggested || ended !== null) {
      await condition(allHandlersFinished)
      await continueAsNew<typeof cluster>(input)
    }
  }
}
