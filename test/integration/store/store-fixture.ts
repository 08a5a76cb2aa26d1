import { Client, type QueryResultRow } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import type { Application } from '../../../fleet/application.ts'
import type { ApplicationSet } from '../../../fleet/application-set.ts'
import type { Cluster, ClusterConnection } from '../../../fleet/cluster.ts'
import type { RolloutPlan } from '../../../fleet/rollout/plan.ts'
import type { RolloutPhase, RolloutState } from '../../../fleet/rollout/state.ts'
import { createStore } from '../../../store/create-store.ts'
import { createSealer, type KeyedSealer } from '../../../store/sealing.ts'
import type { NewApplication, NewCluster, Rollout, Store } from '../../../store/store.ts'
import { freshDatabase } from '../../support/postgres.ts'

/** A database of its own with a store on it, for one test file. */
export interface StoreFixture {
  readonly store: Store
  readonly databaseUrl: string
  readonly sealer: KeyedSealer
  /** The store's clock, in milliseconds. Tests move it. */
  nowMs: number
  /** Runs SQL beside the store. */
  readonly query: <Row extends QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>
  /** Another store on the same database, as another server would have it. Closed with the fixture. */
  readonly another: () => Promise<Store>
}

export const keyA = Buffer.alloc(32, 0xa)
export const keyB = Buffer.alloc(32, 0xb)

/** Call at the top of a test file; the fixture is there when its tests run. */
export function useStore(): StoreFixture {
  const sealer = createSealer({ keys: new Map([['key-a', keyA]]), currentKeyId: 'key-a' })
  const closers: (() => Promise<unknown>)[] = []
  let databaseUrl = ''
  let store: Store | undefined
  let client: Client | undefined

  const fixture: StoreFixture = {
    nowMs: 1_000_000,
    sealer,
    get databaseUrl() {
      return databaseUrl
    },
    get store() {
      if (store === undefined) throw new Error('the store is open in tests only')
      return store
    },
    query: async <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []) => {
      if (client === undefined) throw new Error('the database is open in tests only')
      return (await client.query<Row>(text, [...values])).rows
    },
    another: async () => {
      const other = await createStore({ databaseUrl, sealer, poolSizeMax: 10, nowMs: () => fixture.nowMs })
      closers.push(other.close)
      return other
    },
  }
  beforeAll(async () => {
    const database = await freshDatabase()
    closers.push(database.drop)
    databaseUrl = database.url
    client = new Client({ connectionString: databaseUrl })
    await client.connect()
    closers.push(async () => client?.end())
    store = await fixture.another()
  })
  afterAll(async () => {
    for (const close of closers.reverse()) await close()
  })
  return fixture
}

let last = 0

/** A name that no other row of this file has. */
export function unique(prefix: string): string {
  last += 1
  return `${prefix}-${String(last).padStart(4, '0')}`
}

export const connected: ClusterConnection = {
  status: 'Successful',
  message: '',
  version: 'v1.36.3',
  uid: null,
  attemptedAtMs: 1_000,
  seenAtMs: 1_000,
}

export function newCluster(overrides: Partial<NewCluster> = {}): NewCluster {
  const name = overrides.name ?? unique('cluster')
  return {
    name,
    server: `https://${name}.example.com:6443`,
    caData: null,
    tlsServerName: null,
    labels: {},
    annotations: {},
    project: null,
    taskQueue: 'roadstead-hub',
    connection: { ...connected, uid: `uid-of-${name}` },
    ...overrides,
  }
}

export function registered(store: Store, overrides: Partial<NewCluster> = {}): Promise<Cluster> {
  return store.clusters.register(newCluster(overrides), '{"kind":"bearerToken","token":"t"}')
}

export async function newSet(store: Store, name = unique('set')): Promise<ApplicationSet> {
  return (await store.applicationSets.apply({ name }, { generators: [], template: {} }, 'ann')).set
}

export function newApplication(overrides: Partial<NewApplication> = {}): NewApplication {
  const name = overrides.name ?? unique('app')
  return {
    name,
    applicationSetId: null,
    clusterId: null,
    manifest: { metadata: { name }, spec: { project: 'default', destination: { name: 'eu-west-1' } } },
    conditions: [],
    ...overrides,
  }
}

export async function applied(store: Store, overrides: Partial<NewApplication> = {}): Promise<Application> {
  const [result] = await store.applications.applyAll([newApplication(overrides)])
  if (result === undefined) throw new Error('nothing was applied')
  return result.application
}

/** A version of the application that may be pinned. */
export async function newVersion(store: Store, application: Application, revision: string): Promise<string> {
  const id = `${application.id}@${revision}`
  await store.applications.putVersions([
    { id, applicationId: application.id, spec: application.manifest.spec, revision, contentKey: `content of ${revision}` },
  ])
  return id
}

export const emptyPlan: RolloutPlan = {
  digest: 'digest',
  strategy: 'Staged',
  stages: [],
  maxFailures: null,
  onFailure: 'Pause',
  rollbackMaxConcurrent: 1,
  unreachable: { policy: 'Defer', max: 0 },
}

export function rolloutState(phase: RolloutPhase, reason = ''): RolloutState {
  return { phase, reason, stages: [], targets: {}, pause: null, rollback: null, lastCommandId: 0, startedAtMs: 1_000, finishedAtMs: null }
}

export function newRollout(applicationSetId: string, phase: RolloutPhase = 'Progressing'): Parameters<Store['rollouts']['create']>[0] {
  return {
    applicationSetId,
    plan: emptyPlan,
    state: rolloutState(phase),
    setGeneration: 1,
    revisions: ['a'.repeat(40)],
    requestedBy: 'git',
  }
}

export function started(store: Store, applicationSetId: string): Promise<Rollout> {
  return store.rollouts.create(newRollout(applicationSetId))
}

/** Feed entries that `work` makes. */
export async function changesOf(store: Store, work: () => Promise<unknown>): Promise<readonly string[]> {
  const before = await store.changes.latestSequence()
  await work()
  const { changes } = await store.changes.after(before, 10_000)
  return changes.map((change) => `${change.kind} ${change.name} ${change.action}`)
}

/** Every item of a connection, page by page. */
export async function allPages<T>(
  pageSize: number,
  page: (request: { first: number; after?: string }) => Promise<{ items: readonly { node: T; cursor: string }[]; hasNextPage: boolean }>,
) {
  const nodes: T[] = []
  let after: string | undefined
  for (;;) {
    const { items, hasNextPage } = await page({ first: pageSize, ...(after === undefined ? {} : { after }) })
    nodes.push(...items.map((item) => item.node))
    after = items.at(-1)?.cursor
    if (!hasNextPage) return nodes
  }
}
