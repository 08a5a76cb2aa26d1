import type { ClusterAccess, ClusterCredentials } from '../clusters/gateway.ts'
import type { Store } from '../store/store.ts'

/** Opens a cluster's credentials for one use. What it returns never leaves an activity. */
export async function clusterAccess(store: Store, clusterId: string): Promise<ClusterAccess> {
  const { credentials, ...access } = await store.clusters.access(clusterId)
  return { clusterId, ...access, credentials: JSON.parse(credentials) as ClusterCredentials }
}
