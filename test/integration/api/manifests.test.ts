import { describe, expect, it } from 'vitest'
import { parseManifests } from '../../../manifests/parse.ts'
import { newSet, unique } from '../store/store-fixture.ts'
import { type Payload, unreachable, useApi } from './api-fixture.ts'

const api = useApi()
const canary = 'canary-9be2-must-not-come-back'
const apply = `mutation($input: ApplyManifestInput!) { applyManifest(input: $input) { results { kind name outcome nodeId } userErrors { code message field } } }`

function applied(manifest: string, token?: string): Promise<Payload> {
  return api.wish(apply, { input: { manifest } }, token)
}

function set(name: string, extra = ''): string {
  return `
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: ${name} }
spec:
  goTemplate: true
  generators: [{ clusters: {} }]
  template:
    metadata: { name: '${name}-{{.name}}' }
    spec:
      project: default
      source: { repoURL: https://git.example.com/team/fleet.git, path: apps/web, targetRevision: main }
      destination: { server: '{{.server}}', namespace: web }
${extra}`
}

function application(name: string, { project = 'default', destination = '{ name: nowhere, namespace: web }' } = {}): string {
  return `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  project: ${project}
  source: { repoURL: https://git.example.com/team/fleet.git, path: apps/web, targetRevision: main }
  destination: ${destination}
`
}

function project(name: string, repository = '*'): string {
  return `
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: { name: ${name} }
spec: { sourceRepos: ['${repository}'], destinations: [{ server: '*', namespace: '*' }] }
`
}

function secret(name: string, { token = canary, labels = '' } = {}): string {
  return `
apiVersion: v1
kind: Secret
metadata: { name: ${name}-secret, labels: { argocd.argoproj.io/secret-type: cluster${labels} } }
stringData:
  name: ${name}
  server: https://${name}.example.com:6443
  config: '{"bearerToken": "${token}"}'
`
}

describe('applyManifest', () => {
  it('creates, then configures, then leaves alone', async () => {
    const name = unique('web')
    expect(await applied(set(name))).toMatchObject({ results: [{ kind: 'ApplicationSet', name, outcome: 'CREATED' }], userErrors: [] })
    expect(api.hinted).toEqual(['applicationSetsChanged'])
    expect(await applied(set(name))).toMatchObject({ results: [{ outcome: 'UNCHANGED' }] })
    expect(api.hinted).toEqual(['applicationSetsChanged'])
    expect(await applied(set(name, '  syncPolicy: { preserveResourcesOnDeletion: true }'))).toMatchObject({
      results: [{ outcome: 'CONFIGURED' }],
    })
    expect((await api.db.store.applicationSets.getByName(name))?.lastChangedBy).toBe('ann')
  })

  it('applies all documents, what others refer to first, and answers in their order', async () => {
    const [app, team, web, eu] = [unique('app'), unique('team'), unique('web'), unique('eu')]
    const text = [
      application(app, { project: team, destination: `{ name: ${eu}, namespace: web }` }),
      set(web),
      project(team),
      secret(eu),
    ].join('---')
    const { results, userErrors } = await applied(text)
    expect(userErrors).toEqual([])
    expect(results.map(({ kind, name, outcome }: Payload) => [kind, name, outcome])).toEqual([
      ['Application', app, 'CREATED'],
      ['ApplicationSet', web, 'CREATED'],
      ['Project', team, 'CREATED'],
      ['Cluster', eu, 'CREATED'],
    ])
    const { data } = await api.ask(
      'query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Application { name cluster { name } conditions { type } } } }',
      {
        ids: results.map((result: Payload) => result.nodeId),
      },
    )
    expect(data.nodes).toMatchObject([
      { __typename: 'Application', cluster: { name: eu }, conditions: [] },
      { __typename: 'ApplicationSet' },
      { __typename: 'Project' },
      { __typename: 'Cluster' },
    ])
  })

  it('writes nothing when one document is wrong, and names every problem with its document', async () => {
    const [web, team] = [unique('web'), unique('team')]
    const { results, userErrors } = await applied(
      [set(web), project(team), application('Bad_Name').replace('project:', 'projekt:')].join('---'),
    )
    expect(results).toEqual([])
    expect(userErrors.map((error: Payload) => error.field)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^documents\[2\]\.spec\.projekt/)]),
    )
    expect(userErrors[0].message).toMatch(/line \d+/)
    expect(await api.db.store.applicationSets.getByName(web)).toBeNull()
    expect(await api.db.store.projects.getByName(team)).toBeNull()
    expect(api.hinted).toEqual([])
  })

  it('refuses what it cannot do yet, by name', async () => {
    const text = set(unique('web')).replace('source: {', 'source: { helm: { releaseName: x },')
    expect((await applied(text)).userErrors).toMatchObject([{ code: 'UNSUPPORTED', field: 'spec.template.spec.source.helm' }])
  })

  it('refuses the same thing twice in a text', async () => {
    const name = unique('web')
    expect((await applied(`${set(name)}---${set(name)}`)).userErrors).toMatchObject([
      { code: 'INVALID_INPUT', field: 'documents[1].metadata.name' },
    ])
  })

  it('refuses a text that is no YAML, and an empty one', async () => {
    expect((await applied('a: [')).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }])
    expect((await applied('')).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }])
  })
})

describe('an application by itself', () => {
  it('is written down without a cluster, and says why', async () => {
    const name = unique('app')
    expect(await applied(application(name))).toMatchObject({ results: [{ outcome: 'CREATED' }] })
    const { data } = await api.ask(
      'query($name: String!) { application(name: $name) { cluster { name } applicationSet { name } conditions { type message } } }',
      { name },
    )
    expect(data.application).toMatchObject({
      cluster: null,
      applicationSet: null,
      conditions: [{ type: 'InvalidSpecError', message: expect.stringContaining('nowhere') }],
    })
  })

  it('finds its cluster when that is registered, and wakes', async () => {
    const [name, eu] = [unique('app'), unique('eu')]
    await applied(application(name, { destination: `{ name: ${eu}, namespace: web }` }))
    api.hinted.length = 0
    await applied(secret(eu))
    expect(api.hinted).toContain('applicationChanged')
    const row = await api.db.store.applications.getByName(name)
    expect(row?.clusterId).toBe((await api.db.store.clusters.getByName(eu))?.id)
    expect(row?.status.conditions).toEqual([])
  })

  it('is refused where its project does not permit it, by projects of the same text too', async () => {
    const [name, team] = [unique('app'), unique('team')]
    const { userErrors } = await applied(
      [project(team, 'https://git.example.com/other/*'), application(name, { project: team })].join('---'),
    )
    const faults = userErrors.map(({ code, field }: Payload) => [code, field])
    // The destination, which alone would be a condition, is named with the rest.
    expect(faults).toEqual([
      ['INVALID_INPUT', 'documents[1].spec.source.repoURL'],
      ['INVALID_INPUT', 'documents[1].spec.destination'],
    ])
    expect(userErrors[0].message).toContain('not permitted')
    expect(await api.db.store.projects.getByName(team)).toBeNull()
    expect((await applied(application(name, { project: unique('none') }))).userErrors[0]).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'spec.project',
    })
  })

  it('is refused when a set makes one of that name', async () => {
    const owner = await newSet(api.db.store)
    const name = unique('app')
    await api.db.store.applications.applyAll([
      {
        name,
        applicationSetId: owner.id,
        clusterId: null,
        conditions: [],
        manifest: { metadata: { name }, spec: { project: 'default', destination: { name: 'x' } } },
      },
    ])
    expect((await applied(application(name))).userErrors).toMatchObject([
      { code: 'CONFLICT', message: expect.stringContaining(owner.name) },
    ])
  })
})

describe('an Argo CD cluster Secret', () => {
  it('registers, then changes, then leaves alone', async () => {
    const name = unique('eu')
    expect(await applied(secret(name))).toMatchObject({ results: [{ kind: 'Cluster', name, outcome: 'CREATED' }], userErrors: [] })
    expect(await applied(secret(name))).toMatchObject({ results: [{ outcome: 'UNCHANGED' }] })
    expect(await applied(secret(name, { labels: ', region: eu-west' }))).toMatchObject({ results: [{ outcome: 'CONFIGURED' }] })
    expect((await api.db.store.clusters.getByName(name))?.labels).toEqual({ region: 'eu-west' })
    expect(await applied(secret(name, { token: 'newer', labels: ', region: eu-west' }))).toMatchObject({
      results: [{ outcome: 'CONFIGURED' }],
    })
    const row = await api.db.store.clusters.getByName(name)
    expect((await api.db.store.clusters.access(row?.id ?? '')).credentials).toContain('newer')
  })

  it('is refused with the others of its text when its cluster does not answer, before anything is written', async () => {
    api.gateway.answer = unreachable
    const [eu, web] = [unique('eu'), unique('web')]
    expect((await applied(`${set(web)}---${secret(eu)}`)).userErrors).toMatchObject([{ code: 'CLUSTER_UNREACHABLE' }])
    expect(await api.db.store.applicationSets.getByName(web)).toBeNull()
  })

  it('is not registered when another of its text does not answer', async () => {
    const [good, bad] = [unique('eu'), unique('eu')]
    api.gateway.answer = ({ server }) => (server.includes(bad) ? unreachable() : { version: 'v1.36.3', uid: server })
    expect((await applied(`${secret(good)}---${secret(bad)}`)).userErrors).toMatchObject([{ code: 'CLUSTER_UNREACHABLE' }])
    expect(await api.db.store.clusters.getByName(good)).toBeNull()
  })

  it('never shows its credentials, whatever is wrong with it', async () => {
    for (const text of [
      secret('x').replace('bearerToken', 'bearerTokn'),
      secret('x').replace('{"bearer', '{bearer'),
      secret('x').replace('https://', 'http://'),
      secret('x', { token: `${canary} with blanks` }),
      secret('x').replace('stringData', 'data'),
      `${secret('x')}\n  x: [${canary}`,
    ]) {
      const answer = await api.ask(apply, { input: { manifest: text } })
      expect(answer.data.applyManifest.userErrors.length, text).toBeGreaterThan(0)
      expect(answer.text, text).not.toContain(canary)
    }
    expect(api.logged.join('\n')).not.toContain(canary)
  })
})

describe('an application that a set makes', () => {
  it('can be changed where its set ignores differences, and nowhere else; the set looks again', async () => {
    const { store } = api.db
    const name = unique('owned')
    const rules = "  ignoreApplicationDifferences: [{ jsonPointers: ['/spec/source/targetRevision'] }]\n"
    await applied(set(name, rules))
    const owner = await store.applicationSets.getByName(name)
    const app = `${name}-one`
    const parsed = parseManifests(application(app)).value?.[0]
    if (owner === null || parsed?.kind !== 'Application') throw new Error('nothing to begin with')
    const { metadata, spec } = parsed
    await store.applications.applyAll([
      { name: app, applicationSetId: owner.id, clusterId: null, manifest: { metadata, spec }, conditions: [] },
    ])
    api.hinted.length = 0

    const pinned = application(app).replace('targetRevision: main', 'targetRevision: v1.2.3')
    expect(await applied(pinned)).toMatchObject({ results: [{ outcome: 'CONFIGURED' }], userErrors: [] })
    expect(await store.applications.getByName(app)).toMatchObject({
      applicationSetId: owner.id,
      manifest: { spec: { source: { targetRevision: 'v1.2.3' } } },
    })
    expect(api.hinted).toEqual(['applicationSetsChanged'])

    expect((await applied(pinned.replace('apps/web', 'apps/other'))).userErrors).toMatchObject([
      { code: 'CONFLICT', message: expect.stringContaining('spec.source.path') },
    ])
  })
})
