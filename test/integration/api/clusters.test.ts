import { describe, expect, it } from 'vitest'
import { encodeGlobalId } from '../../../schema/global-id.ts'
import { applied, newSet, unique } from '../store/store-fixture.ts'
import { denied, type Payload, unreachable, useApi } from './api-fixture.ts'

const api = useApi()
const canary = 'canary-4f1d0c-must-not-come-back'

const register = `mutation($input: RegisterClusterInput!) { registerCluster(input: $input) {
  cluster { id name server version uid generation labels { key value } region: label(key: "region") annotations { key value }
    connection { status message ageSeconds } applicationCounts { total } }
  userErrors { code message field } } }`

function input(overrides: object = {}) {
  const name = unique('eu')
  return { name, server: `https://${name}.example.com:6443`, credentials: { bearerToken: { token: canary } }, ...overrides }
}

async function registered(overrides: object = {}): Promise<Payload> {
  const payload = await api.wish(register, { input: input(overrides) })
  expect(payload.userErrors).toEqual([])
  return payload.cluster
}

describe('registerCluster', () => {
  it('registers what answers, wakes what depends on it, and shows it', async () => {
    const set = await newSet(api.db.store)
    const before = await api.db.store.applicationSets.pass(set.id)
    const labels = [
      { key: 'region', value: 'eu-west' },
      { key: 'environment', value: 'production' },
    ]
    const cluster = await registered({ labels, annotations: [{ key: 'note', value: 'by hand' }] })
    expect(cluster).toMatchObject({
      version: 'v1.36.3',
      uid: `uid of ${cluster.server}`,
      region: 'eu-west',
      labels: [...labels].reverse(),
      annotations: [{ key: 'note', value: 'by hand' }],
      connection: { status: 'Successful', message: '', ageSeconds: 0 },
      applicationCounts: { total: 0 },
    })
    expect(api.hinted).toEqual(expect.arrayContaining(['clusterChanged', 'applicationSetsChanged']))
    expect((await api.db.store.applicationSets.pass(set.id)).wantedPass).toBeGreaterThan(before.wantedPass)
    expect(api.gateway.probed).toHaveLength(1)
    expect(api.gateway.forgotten).toEqual([api.gateway.probed[0]?.clusterId])
  })

  it('stores the credentials so that activities can use them', async () => {
    const cluster = await registered()
    const row = await api.db.store.clusters.getByName(cluster.name)
    expect(JSON.parse((await api.db.store.clusters.access(row?.id ?? '')).credentials)).toEqual({ kind: 'bearerToken', token: canary })
  })

  it('names every problem of the input at once, and asks no cluster', async () => {
    const payload = await api.wish(register, {
      input: {
        name: 'no blanks',
        server: 'http://10.0.0.1',
        caData: 'not a certificate',
        project: 'Not A Project',
        labels: [
          { key: 'bad key!', value: 'ok' },
          { key: 'ok', value: 'bad value!' },
        ],
        credentials: { bearerToken: { token: `${canary} with blanks` } },
      },
    })
    expect(payload.cluster).toBeNull()
    expect(payload.userErrors.map((error: Payload) => error.field)).toEqual(
      expect.arrayContaining(['name', 'server', 'caData', 'project', 'labels.bad key!', 'labels.ok', 'credentials.bearerToken.token']),
    )
    expect(new Set(payload.userErrors.map((error: Payload) => error.code))).toEqual(new Set(['INVALID_INPUT']))
    expect(JSON.stringify(payload)).not.toContain(canary)
    expect(api.gateway.probed).toEqual([])
  })

  it('refuses a label that stands twice', async () => {
    const payload = await api.wish(register, {
      input: input({
        labels: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
      }),
    })
    expect(payload.userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: 'labels[1].key' }])
  })

  it('refuses names, servers and clusters that are registered, the first two before asking them', async () => {
    const { name, server, uid } = await registered()
    api.gateway.probed = []
    expect((await api.wish(register, { input: input({ name }) })).userErrors).toMatchObject([{ code: 'CONFLICT', field: 'name' }])
    expect((await api.wish(register, { input: input({ server }) })).userErrors).toMatchObject([{ code: 'CONFLICT', field: 'server' }])
    expect(api.gateway.probed).toEqual([])
    api.gateway.answer = () => ({ version: 'v1.36.3', uid })
    expect((await api.wish(register, { input: input() })).userErrors).toMatchObject([
      { code: 'CONFLICT', message: expect.stringContaining(name) },
    ])
  })

  it('refuses a cluster that cannot be reached, unless told otherwise', async () => {
    api.gateway.answer = unreachable
    const refused = await api.wish(register, { input: input() })
    expect(refused).toMatchObject({
      cluster: null,
      userErrors: [{ code: 'CLUSTER_UNREACHABLE', field: 'server', message: expect.stringContaining('allowUnreachable') }],
    })
    const cluster = await registered({ allowUnreachable: true })
    expect(cluster).toMatchObject({ version: null, uid: null, connection: { status: 'Failed', ageSeconds: null } })
  })

  it('always refuses credentials that a cluster refuses', async () => {
    api.gateway.answer = denied
    const payload = await api.wish(register, { input: input({ allowUnreachable: true }) })
    expect(payload).toMatchObject({ cluster: null, userErrors: [{ code: 'CLUSTER_DENIED', field: 'credentials' }] })
  })

  it('takes exactly one kind of credentials', async () => {
    const both = { bearerToken: { token: canary }, clientCertificate: { certificate: canary, key: canary } }
    for (const credentials of [{}, both, { bearerToken: null }]) {
      const answer = await api.ask(register, { input: input({ credentials }) })
      expect(answer.errors[0]?.message, answer.text).toMatch(/exactly one|oneOf/i)
      expect(answer.text).not.toContain(canary)
    }
  })

  it('gives no credential back in any refusal, whatever is wrong with it', async () => {
    const attempts: object[] = [
      { clientCertificate: { certificate: canary, key: canary } },
      { clientCertificate: { certificate: `-----BEGIN CERTIFICATE-----\n${canary}\n-----END CERTIFICATE-----`, key: canary } },
      { bearerToken: { token: [canary] } },
      { bearerToken: { token: { secret: canary } } },
      { bearerToken: { tokn: canary } },
      { bearerToken: canary },
      { kubeconfig: { yaml: `users:\n- name: ${canary}` } },
      { kubeconfig: { yaml: `{${canary}` } },
    ]
    for (const credentials of attempts) {
      const { text } = await api.ask(register, { input: input({ credentials }) })
      expect(text, JSON.stringify(credentials)).not.toContain(canary)
    }
    const literal = `mutation { registerCluster(input: { name: "x", credentials: { bearerToken: { tokn: "${canary}" } } }) { userErrors { message } } }`
    expect((await api.ask(literal)).text).not.toContain(canary)
    expect(api.logged.join('\n')).not.toContain(canary)
  })
})

const update = `mutation($input: UpdateClusterInput!) { updateCluster(input: $input) { cluster { generation labels { key value } } userErrors { code message field } } }`

describe('updateCluster', () => {
  it('replaces labels, and wakes the sets that may select by them', async () => {
    const { id, generation } = await registered({ labels: [{ key: 'a', value: '1' }] })
    api.hinted.length = 0
    const payload = await api.wish(update, { input: { id, labels: [{ key: 'b', value: '2' }], expectedGeneration: generation } })
    expect(payload).toEqual({ cluster: { generation: generation + 1, labels: [{ key: 'b', value: '2' }] }, userErrors: [] })
    expect(api.hinted).toEqual(['clusterChanged', 'applicationSetsChanged'])
  })

  it('does nothing when nothing changes', async () => {
    const { id, generation } = await registered({ labels: [{ key: 'a', value: '1' }] })
    api.hinted.length = 0
    expect(await api.wish(update, { input: { id, labels: [{ key: 'a', value: '1' }] } })).toMatchObject({ cluster: { generation } })
    expect(api.hinted).toEqual([])
  })

  it('refuses when the generation has moved on', async () => {
    const { id, generation } = await registered()
    const payload = await api.wish(update, { input: { id, labels: [{ key: 'b', value: '2' }], expectedGeneration: generation + 1 } })
    expect(payload).toMatchObject({ cluster: null, userErrors: [{ code: 'CONFLICT' }] })
  })

  it('refuses labels that Kubernetes would refuse', async () => {
    const { id } = await registered()
    const payload = await api.wish(update, { input: { id, labels: [{ key: 'b', value: 'x'.repeat(64) }] } })
    expect(payload.userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: 'labels.b' }])
  })
})

const rotate = `mutation($input: RotateClusterCredentialsInput!) { rotateClusterCredentials(input: $input) { cluster { server version uid generation } userErrors { code message field } } }`

describe('rotateClusterCredentials', () => {
  it('tries the new credentials, then stores them and drops old connections', async () => {
    const { id, generation } = await registered()
    api.gateway.probed = []
    const payload = await api.wish(rotate, { input: { id, credentials: { bearerToken: { token: 'newer' } } } })
    expect(payload).toMatchObject({ cluster: { generation: generation + 1 }, userErrors: [] })
    expect(api.gateway.probed.map((access) => access.credentials)).toEqual([{ kind: 'bearerToken', token: 'newer' }])
    expect(api.gateway.forgotten).toContain(rowOf(id))
    expect(JSON.parse((await api.db.store.clusters.access(rowOf(id))).credentials)).toEqual({ kind: 'bearerToken', token: 'newer' })
  })

  it('keeps the old ones when the new ones do not work', async () => {
    const { id } = await registered()
    for (const answer of [denied, unreachable]) {
      api.gateway.answer = answer
      const payload = await api.wish(rotate, { input: { id, credentials: { bearerToken: { token: 'newer' } } } })
      expect(payload.cluster).toBeNull()
      expect((await api.db.store.clusters.access(rowOf(id))).credentials).toContain(canary)
    }
  })

  it('refuses another cluster at the address, unless it was rebuilt', async () => {
    const { id } = await registered()
    api.gateway.answer = () => ({ version: 'v1.37.0', uid: `another ${id}` })
    const credentials = { bearerToken: { token: 'newer' } }
    expect((await api.wish(rotate, { input: { id, credentials } })).userErrors).toMatchObject([
      { code: 'ILLEGAL_STATE', message: expect.stringContaining('allowDifferentCluster') },
    ])
    expect(await api.wish(rotate, { input: { id, credentials, allowDifferentCluster: true } })).toMatchObject({
      cluster: { uid: `another ${id}`, version: 'v1.37.0' },
    })
  })

  it('never sends the stored credentials to a new address', async () => {
    const { id, uid } = await registered()
    api.gateway.probed = []
    api.gateway.answer = () => ({ version: 'v1.36.3', uid })
    const server = `https://${unique('moved')}.example.com`
    await api.wish(rotate, { input: { id, server, credentials: { bearerToken: { token: 'newer' } } } })
    expect(api.gateway.probed.map((access) => [access.server, access.credentials])).toEqual([
      [server, { kind: 'bearerToken', token: 'newer' }],
    ])
    expect((await api.db.store.clusters.access(rowOf(id))).server).toBe(server)
  })

  it('keeps what was known of a cluster that it may not reach', async () => {
    const { id, uid } = await registered()
    api.gateway.answer = unreachable
    const payload = await api.wish(rotate, { input: { id, credentials: { bearerToken: { token: 'newer' } }, allowUnreachable: true } })
    expect(payload).toMatchObject({ cluster: { uid, version: 'v1.36.3' }, userErrors: [] })
  })
})

const remove = `mutation($input: RemoveClusterInput!) { removeCluster(input: $input) { removedId cluster { name } userErrors { code message field } } }`

describe('removeCluster', () => {
  it('removes one that nothing targets', async () => {
    const { id } = await registered()
    expect(await api.wish(remove, { input: { id } })).toEqual({ removedId: id, cluster: null, userErrors: [] })
    expect((await api.ask('query($id: ID!) { node(id: $id) { id } }', { id })).data).toEqual({ node: null })
    expect(api.gateway.forgotten).toContain(rowOf(id))
  })

  it('refuses while applications target it, and names some', async () => {
    const { id, name } = await registered()
    for (let i = 0; i < 7; i += 1) await applied(api.db.store, { name: unique('web'), clusterId: rowOf(id) })
    const payload = await api.wish(remove, { input: { id } })
    expect(payload.userErrors).toMatchObject([{ code: 'ILLEGAL_STATE', field: 'applications' }])
    expect(payload.userErrors[0].message).toMatch(new RegExp(`7 applications target ${name}: web-.* and 2 more`))
  })

  it.each([
    ['DELETE', 'cascade'],
    ['ORPHAN', 'orphan'],
  ])('told %s it hides the cluster and marks its applications, which go by themselves', async (applications, mode) => {
    const { id } = await registered()
    const application = await applied(api.db.store, { name: unique('web'), clusterId: rowOf(id) })
    api.hinted.length = 0
    expect(await api.wish(remove, { input: { id, applications } })).toMatchObject({ removedId: null, cluster: {}, userErrors: [] })
    expect((await api.db.store.clusters.get(rowOf(id)))?.removing).toBe(true)
    expect((await api.db.store.applications.get(application.id))?.deletion).toBe(mode)
    expect(api.hinted).toContain('applicationChanged')
    expect((await api.wish(update, { input: { id, labels: [] } })).userErrors).toMatchObject([{ code: 'ILLEGAL_STATE' }])
  })
})

describe('ids that are nobody', () => {
  it('all give the same answer', async () => {
    const { id } = await registered()
    const ids = [
      '',
      'x',
      encodeGlobalId('Cluster', '11111111-1111-4111-8111-111111111111'),
      encodeGlobalId('Application', rowOf(id)),
      `${id}x`,
    ]
    const answers = []
    for (const other of ids) {
      answers.push((await api.wish(update, { input: { id: other } })).userErrors)
      expect((await api.ask('query($id: ID!) { node(id: $id) { id } }', { id: other })).data).toEqual({ node: null })
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject([{ code: 'NOT_FOUND' }])
  })
})

describe('a cluster that was not seen for long', () => {
  it('is Unknown, with an age', async () => {
    const { id } = await registered()
    api.db.nowMs += 90_000
    const { data } = await api.ask(
      'query($id: ID!) { node(id: $id) { ... on Cluster { version connection { status message ageSeconds } } } }',
      { id },
    )
    expect(data.node).toEqual({ version: 'v1.36.3', connection: { status: 'Unknown', message: 'last seen 90 s ago', ageSeconds: 90 } })
  })
})

function rowOf(globalId: string): string {
  return Buffer.from(globalId, 'base64').toString().split(':')[1] ?? ''
}
