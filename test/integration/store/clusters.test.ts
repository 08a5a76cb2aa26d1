import { describe, expect, it } from 'vitest'
import { allPages, applied, changesOf, connected, newCluster, registered, unique, useStore } from './store-fixture.ts'

const fixture = useStore()
const bearer = '{"kind":"bearerToken","token":"secret"}'

describe('registering a cluster', () => {
  it('gives it back by id, name and server', async () => {
    const { clusters } = fixture.store
    const input = newCluster({
      labels: { region: 'eu-west' },
      annotations: { note: 'x' },
      project: 'team',
      caData: 'PEM',
      tlsServerName: 'api',
    })
    const cluster = await clusters.register(input, bearer)
    expect(cluster).toMatchObject({
      name: input.name,
      server: input.server,
      labels: input.labels,
      annotations: input.annotations,
      project: 'team',
    })
    expect(cluster).toMatchObject({
      generation: 1,
      observedGeneration: 0,
      connection: input.connection,
      removing: false,
      createdAtMs: fixture.nowMs,
    })
    expect(await clusters.get(cluster.id)).toEqual(cluster)
    expect(await clusters.getByName(input.name)).toEqual(cluster)
    expect(await clusters.getByServer(input.server)).toEqual(cluster)
    expect(await clusters.access(cluster.id)).toEqual({
      generation: 1,
      server: input.server,
      caData: 'PEM',
      tlsServerName: 'api',
      credentials: bearer,
    })
  })

  it('names what is taken: the name, the server, or the cluster itself', async () => {
    const { clusters } = fixture.store
    const first = newCluster()
    await clusters.register(first, bearer)
    await expect(clusters.register(newCluster({ name: first.name }), bearer)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`name ${first.name} is taken`),
      details: { field: 'name' },
    })
    await expect(clusters.register(newCluster({ server: first.server }), bearer)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`as the cluster ${first.name}`),
      details: { field: 'server' },
    })
    await expect(clusters.register(newCluster({ connection: first.connection }), bearer)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`same Kubernetes cluster as ${first.name}`),
      details: { field: 'uid' },
    })
  })

  it('lets one of two win who register the same cluster at the same time', async () => {
    const input = newCluster()
    const results = await Promise.allSettled([
      fixture.store.clusters.register({ ...input, name: unique('left'), server: 'https://left' }, bearer),
      fixture.store.clusters.register({ ...input, name: unique('right'), server: 'https://right' }, bearer),
    ])
    expect(results.map((result) => result.status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  it('lets clusters that were never reached have no uid', async () => {
    await registered(fixture.store, { connection: { ...connected, uid: null } })
    await registered(fixture.store, { connection: { ...connected, uid: null } })
  })

  it('finds nothing under text that is no id', async () => {
    expect(await fixture.store.clusters.get('no-uuid')).toBeNull()
    await expect(fixture.store.clusters.access('no-uuid')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('changing a cluster', () => {
  it('raises the generation when something changed, and only then', async () => {
    const { clusters } = fixture.store
    const cluster = await registered(fixture.store, { labels: { region: 'eu-west' }, annotations: { kept: 'yes' } })
    expect(await changesOf(fixture.store, () => clusters.update(cluster.id, { labels: { region: 'us-east' } }))).toEqual([
      `Cluster ${cluster.name} updated`,
    ])
    expect(await clusters.get(cluster.id)).toMatchObject({ generation: 2, labels: { region: 'us-east' }, annotations: { kept: 'yes' } })
    expect(await changesOf(fixture.store, () => clusters.update(cluster.id, { labels: { region: 'us-east' } }))).toEqual([])
    expect(await clusters.get(cluster.id)).toMatchObject({ generation: 2 })
  })

  it('refuses a change made from an old generation', async () => {
    const cluster = await registered(fixture.store)
    await fixture.store.clusters.update(cluster.id, { labels: { a: '1' } }, 1)
    await expect(fixture.store.clusters.update(cluster.id, { labels: { a: '2' } }, 1)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('at generation 2, not 1'),
    })
  })

  it('rotates credentials: the access generation rises, and labels do not raise it', async () => {
    const { clusters } = fixture.store
    const cluster = await registered(fixture.store, { caData: 'OLD' })
    await clusters.update(cluster.id, { labels: { a: '1' } })
    expect(await clusters.access(cluster.id)).toMatchObject({ generation: 1 })
    const rotated = await clusters.rotate(cluster.id, { server: `https://${unique('moved')}` }, '{"kind":"bearerToken","token":"new"}', {
      ...connected,
      version: 'v1.37.0',
    })
    expect(rotated).toMatchObject({ generation: 3, connection: { version: 'v1.37.0' } })
    expect(await clusters.access(cluster.id)).toMatchObject({
      generation: 2,
      server: rotated.server,
      caData: 'OLD',
      credentials: '{"kind":"bearerToken","token":"new"}',
    })
  })

  it('refuses a rotation onto the server or the uid of another cluster, and keeps the old credentials then', async () => {
    const other = await registered(fixture.store)
    const cluster = await registered(fixture.store)
    const before = await fixture.store.clusters.access(cluster.id)
    await expect(fixture.store.clusters.rotate(cluster.id, { server: other.server }, bearer, connected)).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await expect(fixture.store.clusters.rotate(cluster.id, {}, bearer, other.connection)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await fixture.store.clusters.access(cluster.id)).toEqual(before)
  })
})

describe('what was observed of a cluster', () => {
  it('makes a feed entry when the state changed, not at each look', async () => {
    const { clusters } = fixture.store
    const cluster = await registered(fixture.store)
    const look = (atMs: number, change = {}) =>
      clusters.recordConnection(cluster.id, { ...cluster.connection, attemptedAtMs: atMs, seenAtMs: atMs, ...change }, 1)
    expect(await changesOf(fixture.store, () => look(2_000))).toHaveLength(1)
    expect(await changesOf(fixture.store, () => look(3_000))).toEqual([])
    expect(await clusters.get(cluster.id)).toMatchObject({ observedGeneration: 1, connection: { attemptedAtMs: 3_000, seenAtMs: 3_000 } })
    expect(await changesOf(fixture.store, () => look(4_000, { status: 'Failed', message: 'refused' }))).toEqual([
      `Cluster ${cluster.name} updated`,
    ])
  })

  it('keeps what was last seen when an attempt failed', async () => {
    const cluster = await registered(fixture.store)
    await fixture.store.clusters.recordConnection(
      cluster.id,
      { status: 'Failed', message: 'timeout', version: null, uid: null, attemptedAtMs: 9_000, seenAtMs: null },
      1,
    )
    expect((await fixture.store.clusters.get(cluster.id))?.connection).toEqual({
      ...cluster.connection,
      status: 'Failed',
      message: 'timeout',
      attemptedAtMs: 9_000,
    })
  })

  it('ignores an attempt that is older than the stored one', async () => {
    const cluster = await registered(fixture.store)
    await fixture.store.clusters.recordConnection(cluster.id, { ...cluster.connection, status: 'Failed', attemptedAtMs: 999 }, 1)
    expect((await fixture.store.clusters.get(cluster.id))?.connection.status).toBe('Successful')
  })

  it('never takes the observed generation back', async () => {
    const cluster = await registered(fixture.store)
    await fixture.store.clusters.recordConnection(cluster.id, { ...cluster.connection, attemptedAtMs: 2_000 }, 1)
    await fixture.store.clusters.recordConnection(cluster.id, { ...cluster.connection, attemptedAtMs: 3_000 }, 0)
    expect((await fixture.store.clusters.get(cluster.id))?.observedGeneration).toBe(1)
  })
})

describe('removing a cluster', () => {
  it('is refused while applications target it', async () => {
    const cluster = await registered(fixture.store)
    const application = await applied(fixture.store, { clusterId: cluster.id })
    await expect(fixture.store.clusters.remove(cluster.id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('still has 1 application:'),
    })
    await fixture.store.applications.markDeleted([application.id], 'orphan')
    await fixture.store.clusters.remove(cluster.id)
    expect(await fixture.store.clusters.get(cluster.id)).toBeNull()
    expect(await fixture.store.applications.get(application.id)).toMatchObject({ clusterId: null })
  })

  it('takes the credentials along, and may be done twice', async () => {
    const cluster = await registered(fixture.store)
    await fixture.store.clusters.remove(cluster.id)
    await fixture.store.clusters.remove(cluster.id)
    expect(await fixture.query('select from cluster_credentials where cluster_id = $1', [cluster.id])).toEqual([])
  })

  it('can be wished: the generation rises once', async () => {
    const cluster = await registered(fixture.store)
    await fixture.store.clusters.markRemoving(cluster.id)
    await fixture.store.clusters.markRemoving(cluster.id)
    expect(await fixture.store.clusters.get(cluster.id)).toMatchObject({ removing: true, generation: 2 })
  })
})

describe('pages of clusters', () => {
  it('give each cluster that has the labels once, in the order of names', async () => {
    const wave = unique('wave')
    const names: string[] = []
    for (const suffix of ['b', 'C', 'a', 'é', 'b1']) {
      const cluster = await registered(fixture.store, { name: `${wave}-${suffix}`, labels: { wave, region: suffix } })
      names.push(cluster.name)
    }
    const nodes = await allPages(2, (request) => fixture.store.clusters.page({ labels: { wave } }, request))
    expect(nodes.map((cluster) => cluster.name)).toEqual(names.toSorted())
    const [first] = (await fixture.store.clusters.page({ labels: { wave, region: 'a' } }, { first: 5 })).items
    expect(first?.node.name).toBe(`${wave}-a`)
    const { totalCount, hasNextPage, items } = await fixture.store.clusters.page({ labels: { wave } }, { first: 0 })
    expect({ totalCount, hasNextPage, items }).toEqual({ totalCount: 5, hasNextPage: true, items: [] })
  })

  it('refuse a cursor that no page gave, and a count that is none', async () => {
    const other = Buffer.from('["x","y"]').toString('base64url')
    for (const after of ['', 'rubbish', other, Buffer.from('[1,"00000000-0000-0000-0000-000000000000"]').toString('base64url')]) {
      await expect(fixture.store.clusters.page({}, { first: 1, after })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    }
    await expect(fixture.store.clusters.page({}, { first: -1 })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

describe('a change of the fleet', () => {
  it.each([
    ['every set, but of labels none that does not read them', []],
    ['every set, also of labels one that reads them', [{ clusters: {} }]],
  ])('asks in the same transaction, so that a crash after it loses nothing: %s', async (_, generators) => {
    const { clusters, applicationSets } = fixture.store
    const { set } = await applicationSets.apply({ name: unique('set') }, { generators, template: {} }, 'ada')
    const readsLabels = generators.length > 0
    const wanted = async () => (await applicationSets.pass(set.id)).wantedPass
    let before = await wanted()
    const raised = async () => {
      const now = await wanted()
      const more = now > before
      before = now
      return more
    }
    const cluster = await clusters.register(newCluster(), bearer)
    expect(await raised()).toBe(true)
    await clusters.update(cluster.id, { labels: { region: 'elsewhere' } })
    expect(await raised()).toBe(readsLabels)
    await clusters.update(cluster.id, { labels: { region: 'elsewhere' } })
    expect(await raised()).toBe(false)
    await clusters.markRemoving(cluster.id)
    expect(await raised()).toBe(true)
    await clusters.remove(cluster.id)
    expect(await raised()).toBe(true)
  })
})
