import type { ApplicationDestination } from '../application.ts'
import { hubName, hubServer } from '../cluster.ts'

export interface RegisteredCluster {
  readonly id: string
  readonly name: string
  readonly server: string
  readonly project: string | null
}

export type Resolved = { readonly cluster: RegisteredCluster } | { readonly problem: string }

/** Clusters by what a destination may call them. Made once for many destinations. */
export interface ClusterIndex {
  readonly byName: ReadonlyMap<string, readonly RegisteredCluster[]>
  readonly byServer: ReadonlyMap<string, readonly RegisteredCluster[]>
}

export function indexClusters(clusters: readonly RegisteredCluster[]): ClusterIndex {
  return {
    byName: Map.groupBy(clusters, (cluster) => cluster.name),
    byServer: Map.groupBy(clusters, (cluster) => withoutSlash(cluster.server)),
  }
}

/**
 * The one registered cluster that a destination means, by `server` or by `name`, or what is wrong. As Argo CD; but the hub itself is no
 * workload cluster here, unless somebody has registered it.
 */
export function resolveDestination(destination: ApplicationDestination, clusters: ClusterIndex): Resolved {
  const { server = '', name = '' } = destination
  if (server !== '' && name !== '')
    return {
      problem: `has both name and server: ${name} and ${server}; use one`,
    }
  if (server === '' && name === '')
    return {
      problem: 'has neither server nor name: one of them says which cluster is meant',
    }
  const found = (server === '' ? clusters.byName.get(name) : clusters.byServer.get(withoutSlash(server))) ?? []
  const [cluster, other] = found
  if (cluster === undefined) {
    if (withoutSlash(server) === hubServer || name === hubName) {
      return {
        problem: `${server === '' ? name : server} is the hub itself, which runs no workloads: register it as a cluster under that ${server === '' ? 'name' : 'address'}, or name another cluster`,
      }
    }
    return {
      problem: server === '' ? `there are no clusters with this name: ${name}` : `there is no cluster with this server: ${server}`,
    }
  }
  if (other !== undefined)
    return {
      problem: `means ${found.length} clusters: ${found.map((one) => `${one.name} (${one.server})`).join(', ')}`,
    }
  return { cluster }
}

function withoutSlash(server: string): string {
  return server.replace(/\/+$/, '')
}
