import { type Cluster, type ConnectionStatus, connectionAt } from '../fleet/cluster.ts'
import { FleetError } from '../fleet/errors.ts'
import type { Store } from '../store/store.ts'
import type { StatusCount } from './loaders.ts'

export interface FleetGroup {
  readonly value: string | null
  readonly clusters: number
  readonly connections: readonly { readonly status: ConnectionStatus; readonly count: number }[]
  readonly applications: readonly StatusCount[]
}

const valuesMax = 100

/** Clusters and applications by the values of a cluster label; those without it come last. LIMIT_EXCEEDED for a label like a name. */
export async function groupByLabel(store: Store, key: string, nowMs: number): Promise<FleetGroup[]> {
  const byValue = new Map<string | null, Cluster[]>()
  for (const cluster of await store.clusters.all()) {
    const value = Object.hasOwn(cluster.labels, key) ? (cluster.labels[key] ?? null) : null
    const group = byValue.get(value)
    if (group === undefined) byValue.set(value, [cluster])
    else group.push(cluster)
  }
  const values = [...byValue.keys()].filter((value) => value !== null).sort()
  if (values.length > valuesMax) {
    throw new FleetError(
      'LIMIT_EXCEEDED',
      `The label ${key} has ${values.length} values, at most ${valuesMax} are summed up: choose one like region`,
    )
  }
  let rest = await store.applications.countByStatus({})
  const groups: FleetGroup[] = []
  for (const value of values) {
    const applications = await store.applications.countByStatus({ clusterLabels: { [key]: value } })
    rest = subtract(rest, applications)
    groups.push({ value, ...summary(byValue.get(value) ?? [], nowMs), applications })
  }
  const without = byValue.get(null) ?? []
  if (without.length > 0 || rest.length > 0) groups.push({ value: null, ...summary(without, nowMs), applications: rest })
  return groups
}

function summary(clusters: readonly Cluster[], nowMs: number): Pick<FleetGroup, 'clusters' | 'connections'> {
  const statuses = clusters.map((cluster) => connectionAt(cluster.connection, nowMs).status)
  return { clusters: clusters.length, connections: countConnections(statuses) }
}

/** In a fixed order; statuses that nobody has are left out. */
export function countConnections(statuses: readonly ConnectionStatus[]): { readonly status: ConnectionStatus; readonly count: number }[] {
  const order: readonly ConnectionStatus[] = ['Successful', 'Failed', 'Unknown']
  return order.map((status) => ({ status, count: statuses.filter((found) => found === status).length })).filter(({ count }) => count > 0)
}

/** Counted in separate reads, so a change between them may show; never below zero. */
function subtract(all: readonly StatusCount[], some: readonly StatusCount[]): readonly StatusCount[] {
  return all
    .map((count) => {
      const gone = some.find((other) => other.sync === count.sync && other.health === count.health)
      return { ...count, count: Math.max(0, count.count - (gone?.count ?? 0)) }
    })
    .filter((count) => count.count > 0)
}
