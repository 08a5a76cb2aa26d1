import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { HealthStatus, SyncStatus } from '../../../fleet/application.ts'
import { encodeGlobalId } from '../../../schema/global-id.ts'
import { applied, newRollout, newSet, registered } from '../store/store-fixture.ts'
import { type Payload, useApi } from './api-fixture.ts'

const api = useApi()
const regions = ['eu-west', 'us-east', null]
let setId = ''

beforeAll(async () => {
  const { store } = api.db
  const set = await newSet(store, 'storefront')
  setId = set.id
  for (let i = 0; i < 7; i += 1) {
    const region = regions[i % 3]
    const cluster = await registered(store, { name: `cluster-${i}`, labels: region ? { region, environment: 'production' } : {} })
    const application = await applied(store, { name: `web-${i}`, clusterId: cluster.id, applicationSetId: set.id })
    const [sync, health]: [SyncStatus, HealthStatus] = i === 0 ? ['OutOfSync', 'Degraded'] : ['Synced', 'Healthy']
    await store.applications.recordStatus([
      { applicationId: application.id, status: { sync, health, message: '', resources: [], observedAtMs: 2_000 } },
    ])
    await store.projects.apply(`team-${i}`, {})
    await store.repositories.ensure(`https://git.example.com/r${i}`, `https://git.example.com/r${i}`)
    const finished = newRollout((await newSet(store, `set-${i}`)).id, 'Succeeded')
    api.db.nowMs += 1
    await store.rollouts.create(finished)
  }
  await applied(store, { name: 'alone' })
})

async function walk(field: string, first: number, args = ''): Promise<string[]> {
  const ids: string[] = []
  let after: string | null = null
  for (;;) {
    const { data, errors }: Payload = await api.ask(
      `query($first: Int, $after: String) { ${field}(first: $first, after: $after ${args}) { totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
      { first, after },
    )
    expect(errors).toEqual([])
    const page = data[field]
    ids.push(...page.edges.map((edge: Payload) => edge.node.id))
    if (!page.pageInfo.hasNextPage) {
      expect(ids).toHaveLength(page.totalCount)
      return ids
    }
    expect(page.edges).toHaveLength(first)
    expect(page.pageInfo.endCursor).toBe(page.edges.at(-1).cursor)
    after = page.pageInfo.endCursor
  }
}

describe('connections', () => {
  it.each(['clusters', 'applications', 'applicationSets', 'rollouts', 'projects', 'repositories'])(
    '%s: pages give everything exactly once, in one order',
    async (field) => {
      const whole = await walk(field, 200)
      expect(whole.length).toBeGreaterThanOrEqual(7)
      expect(new Set(whole).size).toBe(whole.length)
      for (const first of [1, 2, 3]) expect(await walk(field, first)).toEqual(whole)
    },
  )

  it.each(['clusters', 'applications', 'applicationSets', 'rollouts'])('%s: refuse a cursor that is none', async (field) => {
    const { errors } = await api.ask(`{ ${field}(after: "nonsense") { totalCount } }`)
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT' } }])
    expect(api.logged).toEqual([])
  })
})

describe('filters', () => {
  const names = async (filter: object) => {
    const { data, errors } = await api.ask(
      'query($filter: ApplicationFilter) { applications(filter: $filter) { edges { node { name } } } }',
      { filter },
    )
    expect(errors).toEqual([])
    return data.applications.edges.map((edge: Payload) => edge.node.name)
  }

  it('of applications: set, cluster, labels of the cluster, sync, health, name, and all together', async () => {
    const applicationSet = encodeGlobalId('ApplicationSet', setId)
    const cluster = (await api.ask('{ cluster(name: "cluster-1") { id } }')).data.cluster.id
    expect(await names({ applicationSet })).toHaveLength(7)
    expect(await names({ cluster })).toEqual(['web-1'])
    expect(await names({ clusterLabels: [{ key: 'region', value: 'us-east' }] })).toEqual(['web-1', 'web-4'])
    expect(await names({ sync: 'OutOfSync' })).toEqual(['web-0'])
    expect(await names({ health: 'Degraded' })).toEqual(['web-0'])
    expect(await names({ nameContains: 'lon' })).toEqual(['alone'])
    expect(await names({ applicationSet, health: 'Healthy', clusterLabels: [{ key: 'region', value: 'eu-west' }] })).toEqual([
      'web-3',
      'web-6',
    ])
  })

  it('by an id that is nobody give nothing, not everything', async () => {
    for (const id of ['x', encodeGlobalId('Cluster', setId)]) expect(await names({ applicationSet: id })).toEqual([])
    const { data } = await api.ask('query($id: ID!) { rollouts(applicationSet: $id) { totalCount } }', { id: 'x' })
    expect(data.rollouts.totalCount).toBe(0)
  })

  it('of clusters by labels, of rollouts by whether they go on', async () => {
    const { data } = await api.ask(
      '{ clusters(labels: [{ key: "region", value: "eu-west" }]) { totalCount } rollouts(active: true) { totalCount } all: rollouts(active: false) { totalCount } }',
    )
    expect(data).toEqual({ clusters: { totalCount: 3 }, rollouts: { totalCount: 0 }, all: { totalCount: 7 } })
  })
})

describe('the fleet in numbers', () => {
  it('adds up, by the values of a label', async () => {
    const { data, errors } = await api.ask(`{ fleet { clusters connections { status count } applicationSets activeRollouts
      applications { total bySync { status count } byHealth { status count } }
      byLabel(key: "region") { value clusters connections { status count } applications { total byHealth { status count } } } } }`)
    expect(errors).toEqual([])
    expect(data.fleet).toMatchObject({
      clusters: 7,
      connections: [{ status: 'Unknown', count: 7 }],
      applicationSets: 8,
      activeRollouts: 0,
      applications: {
        total: 8,
        bySync: [
          { status: 'Synced', count: 6 },
          { status: 'OutOfSync', count: 1 },
          { status: 'Unknown', count: 1 },
        ],
      },
      byLabel: [
        {
          value: 'eu-west',
          clusters: 3,
          applications: {
            total: 3,
            byHealth: [
              { status: 'Healthy', count: 2 },
              { status: 'Degraded', count: 1 },
            ],
          },
        },
        { value: 'us-east', clusters: 2, applications: { total: 2 } },
        { value: null, clusters: 2, applications: { total: 3 } },
      ],
    })
  })
})

describe('nodes', () => {
  it('are read again by the ids that lists gave, each as its type', async () => {
    const ids: string[] = []
    for (const field of ['clusters', 'applications', 'applicationSets', 'rollouts', 'projects', 'repositories'])
      ids.push((await walk(field, 200))[0] ?? '')
    const { data } = await api.ask('query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids: [...ids, 'x', ids[0]] })
    expect(data.nodes.map((node: Payload) => node?.id ?? null)).toEqual([...ids, null, ids[0]])
    expect(data.nodes.map((node: Payload) => node?.__typename)).toEqual([
      'Cluster',
      'Application',
      'ApplicationSet',
      'Rollout',
      'Project',
      'Repository',
      undefined,
      'Cluster',
    ])
  })

  it('and things by name are null when there is none', async () => {
    expect(
      (
        await api.ask(
          '{ cluster(name: "x") { id } application(name: "x") { id } applicationSet(name: "x") { id } project(name: "x") { id } }',
        )
      ).data,
    ).toEqual({
      cluster: null,
      application: null,
      applicationSet: null,
      project: null,
    })
  })
})

describe('a list', () => {
  afterEach(() => vi.restoreAllMocks())

  it('reads what its rows refer to together, each once', async () => {
    const { clusters, applications, applicationSets } = api.db.store
    const spies = {
      many: vi.spyOn(clusters, 'many'),
      get: vi.spyOn(clusters, 'get'),
      counts: vi.spyOn(applications, 'countByStatusOf'),
      sets: vi.spyOn(applicationSets, 'get'),
    }
    const { data, errors } = await api.ask(
      '{ applications(first: 100) { edges { node { name cluster { name applicationCounts { total } } applicationSet { name } } } } }',
    )
    expect(errors).toEqual([])
    expect(data.applications.edges).toHaveLength(8)
    expect(data.applications.edges.find((edge: Payload) => edge.node.name === 'web-3').node).toEqual({
      name: 'web-3',
      cluster: { name: 'cluster-3', applicationCounts: { total: 1 } },
      applicationSet: { name: 'storefront' },
    })
    expect(spies.many).toHaveBeenCalledTimes(1)
    expect(spies.counts).toHaveBeenCalledTimes(1)
    expect(spies.sets).toHaveBeenCalledTimes(1)
    expect(spies.get).not.toHaveBeenCalled()
  })
})
