import type { Application, ApplicationVersion, HealthStatus, SyncStatus } from '../fleet/application.ts'
import type { ApplicationSet, Project } from '../fleet/application-set.ts'
import type { Cluster } from '../fleet/cluster.ts'
import type { Rollout, Store } from '../store/store.ts'
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
  /** Forgets what was read: something was written. */
  readonly reset: () => void
}

/** Loaders that have read nothing yet; make them once a request. */
export function createLoaders(store: Store): Loaders {
  let fresh = readers(store)
  return {
    cluster: (id) => fresh.cluster(id),
    applicationSet: (id) => fresh.applicationSet(id),
    application: (id) => fresh.application(id),
    version: (id) => fresh.version(id),
    project: (name) => fresh.project(name),
    activeRollout: (id) => fresh.activeRollout(id),
    countsOfCluster: (id) => fresh.countsOfCluster(id),
    countsOfSet: (id) => fresh.countsOfSet(id),
    reset: () => {
      fresh = readers(store)
    },
  }
}

function readers(store: Store): Omit<Loaders, 'reset'> {
  const counts = (owner: 'clusterId' | 'applicationSetId') =>
    batched<string, readonly StatusCount[]>(async (ids) =>
      Map.groupBy(await store.applications.countByStatusOf(owner, ids), (count) => count.id),
    )
  const countsOfCluster = counts('clusterId')
  const countsOfSet = counts('applicationSetId')
  return {
    cluster: batched(async (ids) => byId(await store.clusters.many(ids))),
    // Sets are few, and a page mostly speaks of one.
    applicationSet: batched((ids) => eachOf(ids, store.applicationSets.get)),
    application: batched(async (ids) => byId(await store.applications.many(ids))),
    version: batched(async (ids) => byId(await store.applications.versions(ids))),
    project: batched(async () => new Map((await store.projects.all()).map((project) => [project.name, project]))),
    activeRollout: batched(async () => new Map((await store.rollouts.active()).map((rollout) => [rollout.applicationSetId, rollout]))),
    countsOfCluster: async (id) => (await countsOfCluster(id)) ?? [],
    countsOfSet: async (id) => (await countsOfSet(id)) ?? [],
  }
}

function byId<Row extends { readonly id: string }>(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [row.id, row]))
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
