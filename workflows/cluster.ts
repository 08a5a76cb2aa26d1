import { continueAsNew, proxyActivities } from '@temporalio/workflow'
import type { ClusterActivities } from '../activities/entity-activities.ts'
import { watchQueue } from '../fleet/cluster.ts'

const { describeCluster } = proxyActivities<Pick<ClusterActivities, 'describeCluster'>>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
})

/**
 * One registered cluster: keeps its one watching activity running on a worker that can reach it. A worker that dies is noticed by its
 * missing heartbeat, and another takes over.
 */
export async function cluster(input: { readonly clusterId: string }): Promise<void> {
  const described = await describeCluster(input)
  if (described === null) return
  const { watchCluster } = proxyActivities<Pick<ClusterActivities, 'watchCluster'>>({
    taskQueue: watchQueue(described.taskQueue),
    startToCloseTimeout: '1 day',
    heartbeatTimeout: '20s',
    retry: { initialInterval: '1s', maximumInterval: '30s' },
  })
  const { gone } = await watchCluster(input)
  if (!gone) await continueAsNew<typeof cluster>(input)
}
