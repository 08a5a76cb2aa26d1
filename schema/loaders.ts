import type { Application, ApplicationVersion, HealthStatus, SyncStatus } from '../fleet/application.ts'
import type { ApplicationSet, Project } from '../fleet/application-set.ts'
import type { Cluster } from '../fleet/cluster.ts'
import type { ApplicationFilter, Rollout, Store } from '../store/store.ts'
import { batched } from './batch.ts'

export interface StatusCount {
  readonly sync: SyncStatus
  readonly health: HealthStatus
  readonly count: number
}

/** Reads of one request, each row once. */
export interface Loaders {
  readonly cluster: (id: string) => Promise<Cluster | null>
  readonly applicationSet: (id: string) => Promise<ApplicationSet | null>
  readonly application: (id: string) => Promise<Application | null>
  readonly version: (id: string) => Promise<ApplicationVersion | null>
  /** By name. */
  readonly project: (name: string) => Promise<Project | null>
  /** The rollout of a set that isn't final. */
  readonly activeRollout: (applicationSetId: string) => Promise<Rollout | null>
  readonly countsOfCluster: (clusterId: string) => Promise<readonly StatusCount[]>
  readonly countsOfSet: (applicationSetId: string) => Promise<readonly StatusCount[]>
}

/** Fresh loaders; make them once a request. */
export function createLoaders(store: Store): Loaders {
  const counts = (filter: (id: string) => ApplicationFilter) =>
    batched<string, readonly StatusCount[]>((ids) => eachOf(ids, (id) => store.applications.countByStatus(filter(id))))
  const countsOfCluster = counts((clusterId) => ({ clusterId }))
  const countsOfSet = counts((applicationSetId) => ({ applicationSetId }))
  return {
    cluster: batched((ids) => eachOf(ids, store.clusters.get)),
    applicationSet: batched((ids) => eachOf(ids, store.applicationSets.get)),
    application: batched((ids) => eachOf(ids, store.applications.get)),
    version: batched(async (ids) => new Map((await store.applications.versions(ids)).map((version) => [version.id, version]))),
    project: batched(async () => new Map((await store.projects.all()).map((project) => [project.name, project]))),
    activeRollout: batched(async () => new Map((await store.rollouts.active()).map((rollout) => [rollout.applicationSetId, rollout]))),
    countsOfCluster: async (id) => (await countsOfCluster(id)) ?? [],
    countsOfSet: async (id) => (await countsOfSet(id)) ?? [],
  }
}

async function eachOf<Value>(ids: readonly string[], read: (id: string) => Promise<Value | null>): Promise<ReadonlyMap<string, Value>> {
  const found = new Map<string, Value>()
  await Promise.all(
    ids.map(async (id) => {
      const value = await read(id)
      if (value !== null) found.set(id, value)
    }),
  )
  return found
}
