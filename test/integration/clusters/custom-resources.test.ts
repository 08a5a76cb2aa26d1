import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Connection, connect } from '../../../clusters/connection.ts'
import { listCustomResources } from '../../../clusters/custom-resources.ts'
import type { ClusterAccess, CustomResourceQuery } from '../../../clusters/gateway.ts'
import { defaultLimits } from '../../../clusters/limits.ts'
import { mapBounded } from '../../../fleet/map-bounded.ts'
import { apiVersion, decide, resource, serveDecisions, tokenWith } from './decisions.ts'
import { accessOf, type GatewayFixture, startGatewayFixture } from './gateway-fixture.ts'

const pageSize = 20
const count = 2 * pageSize + 5
const nameOf = (n: number) => `placement-${String(n).padStart(3, '0')}`

let fixture: GatewayFixture
beforeAll(async () => {
  fixture = await startGatewayFixture({ controllers: false, limits: { pageSize } })
  await serveDecisions(fixture.cluster)
  await serveDecisions(fixture.cluster, 'elsewhere')
  const numbers = Array.from({ length: count }, (_, n) => n)
  await mapBounded(numbers, 8, (n) =>
    decide(fixture.cluster, { name: nameOf(n), labels: { placement: 'all', odd: String(n % 2 === 1) }, clusters: [`cluster-${n}`] }),
  )
  await decide(fixture.cluster, { name: 'undecided', labels: { placement: 'none' } })
  await decide(fixture.cluster, { name: 'foreign', namespace: 'elsewhere', labels: { placement: 'all' }, clusters: ['foreign'] })
})
afterAll(() => fixture.stop())

const list = (select: CustomResourceQuery['select'], change: Partial<CustomResourceQuery> = {}, access: ClusterAccess = fixture.access) =>
  fixture.gateway.listCustomResources(access, { apiVersion, resource, namespace: 'argocd', select, ...change }, {})
const labelled = (labels: Readonly<Record<string, string>>) => ({ labelSelector: { matchLabels: labels } })

describe('custom resources of a cluster', () => {
  it('are all of those that a selector matches, over several pages, with name and status', async () => {
    fixture.requests()
    const found = await list(labelled({ placement: 'all' }))
    expect(found.map(({ name }) => name)).toEqual(Array.from({ length: count }, (_, n) => nameOf(n)))
    expect(found[7]).toEqual({ name: nameOf(7), status: { decisions: [{ clusterName: 'cluster-7', score: 0 }] } })
    expect(fixture.requests()).toEqual(['GET', 'GET', 'GET'])
  })

  it('are selected by every operator as Kubernetes has it', async () => {
    const matching = async (key: string, operator: string, ...values: string[]) =>
      (await list({ labelSelector: { matchLabels: {}, matchExpressions: [{ key, operator, values }] } })).length
    expect(await matching('odd', 'In', 'true', 'perhaps')).toBe(Math.floor(count / 2))
    expect(await matching('odd', 'NotIn', 'true')).toBe(Math.ceil(count / 2) + 1)
    expect(await matching('odd', 'Exists')).toBe(count)
    expect(await matching('odd', 'DoesNotExist')).toBe(1)
  })

  it('are one by its name, with or without a status, and none when it is not there', async () => {
    expect(await list({ name: nameOf(3) })).toHaveLength(1)
    expect(await list({ name: 'undecided' })).toEqual([{ name: 'undecided', status: null }])
    expect(await list({ name: 'foreign' })).toEqual([])
    expect(await list({ name: 'nobody' })).toEqual([])
    expect(await list(labelled({ placement: 'nowhere' }))).toEqual([])
  })

  it('of a type or version that is not there are an error that names it, not none', async () => {
    for (const change of [{ resource: 'placements' }, { apiVersion: 'placements.example.io/v2' }, { apiVersion: 'nobody.example.io/v1' }]) {
      const wanted = { apiVersion, resource, ...change }
      await expect(list({ name: 'x' }, change)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining(`${wanted.resource} in ${wanted.apiVersion}`),
      })
    }
  })

  it('that have no namespace are not read', async () => {
    const cluster = { apiVersion: 'apiextensions.k8s.io/v1', resource: 'customresourcedefinitions' }
    await expect(list({ name: 'x' }, cluster)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('are read with no more than the right to list them in their namespace', async () => {
    const rule = { apiGroups: ['placements.example.io'], resources: [resource], verbs: ['list'] }
    const token = await tokenWith(fixture.cluster, 'reader', rule)
    const access = accessOf(fixture.cluster, { clusterId: 'reader', credentials: { kind: 'bearerToken', token } })
    expect(await list({ name: nameOf(1) }, {}, access)).toHaveLength(1)
    expect(await list(labelled({ placement: 'all' }), {}, access)).toHaveLength(count)
    await expect(list({ name: 'foreign' }, { namespace: 'elsewhere' }, access)).rejects.toMatchObject({ code: 'CLUSTER_DENIED' })
  })

  it('that may not be listed are an error that names them, without the token', async () => {
    const rule = { apiGroups: [''], resources: ['secrets'], verbs: ['list'] }
    const token = await tokenWith(fixture.cluster, 'stranger', rule)
    const access = accessOf(fixture.cluster, { clusterId: 'stranger', credentials: { kind: 'bearerToken', token } })
    const denied = await list({ name: nameOf(1) }, {}, access).catch((error: unknown) => error)
    expect(denied).toMatchObject({ code: 'CLUSTER_DENIED', message: expect.stringContaining(resource) })
    expect(JSON.stringify(denied) + String(denied)).not.toContain(token)
  })

  it('are all that is read: secrets are refused, whatever the credentials allow', async () => {
    fixture.requests()
    for (const core of ['v1', '/v1']) {
      await expect(list({ name: 'x' }, { apiVersion: core, resource: 'secrets' })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringContaining('only custom resources'),
      })
    }
    expect(fixture.requests()).toEqual([])
  })

  it('are as they were at the first page, when one comes and one goes before the second', async () => {
    const found = await listWith(async () => {
      await decide(fixture.cluster, { name: 'placement-late', labels: { placement: 'all' }, clusters: ['late'] })
      await fixture.cluster.request('DELETE', `/apis/${apiVersion}/namespaces/argocd/${resource}/${nameOf(count - 1)}`)
    })
    expect(found).toEqual({ names: Array.from({ length: count }, (_, n) => nameOf(n)), failures: [] })
  })

  it('are read again from their start when the server has forgotten the first page', async () => {
    const { request, restart } = fixture.cluster
    const found = await listWith(async () => {
      await decide(fixture.cluster, { name: 'placement-later', labels: { placement: 'all' }, clusters: ['later'] })
      const { body } = await request('GET', `/apis/${apiVersion}/namespaces/argocd/${resource}?limit=1`)
      const compaction = JSON.stringify({ revision: body.metadata.resourceVersion, physical: true })
      expect((await fetch(`${fixture.etcdUrl}/v3/kv/compaction`, { method: 'POST', body: compaction })).status).toBe(200)
      // what etcd has dropped the API server may still have in memory
      await restart()
    })
    expect(found.names).toContain('placement-later')
    expect(new Set(found.names).size).toBe(found.names.length)
    expect(found.failures).toEqual([expect.objectContaining({ status: 410 })])
  })
})

/** A list that waits after its first page until `meanwhile` is done. */
async function listWith(meanwhile: () => Promise<void>) {
  const limits = { ...defaultLimits, pageSize }
  const connection = connect(fixture.access, { limits, policy: { allowLoopback: true } })
  const failures: unknown[] = []
  let answers = 0
  const paused: Connection = {
    ...connection,
    send: async (request) => {
      const answer = await connection.send(request).catch((error: unknown) => {
        failures.push(error)
        throw error
      })
      answers += 1
      if (answers === 1) await meanwhile()
      return answer
    },
  }
  const query = { apiVersion, resource, namespace: 'argocd', select: labelled({ placement: 'all' }) }
  const found = await listCustomResources({ connection: paused, limits }, query, undefined)
  await connection.close()
  return { names: found.map(({ name }) => name), failures }
}
