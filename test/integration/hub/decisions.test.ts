import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ActivityDependencies } from '../../../activities/dependencies.ts'
import type { ReconcileResult } from '../../../activities/entity-activities.ts'
import { previewSet } from '../../../activities/preview-set.ts'
import { reconcileActivities } from '../../../activities/reconcile-application-set.ts'
import type { ApplicationSet } from '../../../fleet/application-set.ts'
import type { Cluster } from '../../../fleet/cluster.ts'
import { parseManifests } from '../../../manifests/parse.ts'
import { type GitServer, startGitServer } from '../../../sandbox/git-server.ts'
import { reconcileDependencies } from '../../support/reconcile-dependencies.ts'
import { sandboxDirectory } from '../../support/sandbox-directory.ts'
import { apiVersion, decide, resource, serveDecisions, tokenWith } from '../clusters/decisions.ts'
import { type GatewayFixture, startGatewayFixture } from '../clusters/gateway-fixture.ts'
import { connected, newCluster, registered, useStore } from '../store/store-fixture.ts'

// From decisions on a real API server to applications in a real database: the reconciler as the worker runs it.

const hubName = 'in-cluster'
const db = useStore()
let fixture: GatewayFixture
let git: GitServer
let deps: ActivityDependencies
let hub: Cluster
let token: string

const configMaps: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  placements: { apiVersion, kind: resource, statusListKey: 'decisions', matchKey: 'clusterName' },
  misspelt: { apiVersion, kind: 'placementdecision', statusListKey: 'decisions', matchKey: 'clusterName' },
  greedy: { apiVersion: 'v1', kind: 'secrets', matchKey: 'name' },
  sly: { apiVersion: 'core/../../api/v1', kind: 'secrets', matchKey: 'name' },
}

beforeAll(async () => {
  const dir = await sandboxDirectory()
  fixture = await startGatewayFixture({ controllers: false, limits: { pageSize: 2 } })
  await serveDecisions(fixture.cluster)
  git = await startGitServer({ dir: join(dir, 'git') })
  await git.createRepository('shop', { 'deploy/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n' })
  deps = await reconcileDependencies(dir, {
    store: db.store,
    gateway: fixture.gateway,
    nowMs: () => db.nowMs,
    sources: {
      scm: {} as never,
      readConfigMap: async (name) => configMaps[name] ?? null,
      scmPolicy: { enabled: true, allowedApis: [] },
      gitFileGlobbing: 'pathspec',
      hub: { cluster: hubName, namespace: 'argocd' },
    },
  })
  for (const name of ['eu-1', 'eu-2', 'us-1', 'us-2']) await registered(db.store, { name })
  await db.store.projects.apply('default', { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] })
})
afterAll(async () => {
  await git?.stop()
  await fixture?.stop()
})

const setOf = (name: string, generator: object) => {
  const source = { repoURL: git.repositoryUrl('shop'), path: 'deploy', targetRevision: 'main' }
  const manifest = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name },
    spec: {
      goTemplate: true,
      generators: [{ clusterDecisionResource: { configMapRef: 'placements', ...generator } }],
      template: {
        metadata: { name: `${name}-{{.name}}`, labels: { score: '{{.score}}' } },
        spec: { project: 'default', source, destination: { server: '{{.server}}', namespace: 'web' }, syncPolicy: { automated: {} } },
      },
    },
  }
  const { value, problems } = parseManifests(JSON.stringify(manifest))
  const [found] = value ?? []
  if (found?.kind !== 'ApplicationSet') throw new Error(JSON.stringify(problems))
  return found
}
async function apply(name: string, generator: object): Promise<ApplicationSet> {
  const { metadata, spec } = setOf(name, generator)
  return (await db.store.applicationSets.apply(metadata, spec, 'ann')).set
}
const reconcile = (set: ApplicationSet): Promise<ReconcileResult> =>
  new MockActivityEnvironment().run(reconcileActivities(deps).reconcileApplicationSet, { applicationSetId: set.id })
const applicationsOf = async (set: ApplicationSet) =>
  (await db.store.applications.ofSet(set.id)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
const namesOf = async (set: ApplicationSet) => (await applicationsOf(set)).map(({ name }) => name)
const seen = async (set: ApplicationSet) => {
  const found = await db.store.applicationSets.get(set.id)
  if (found === null) throw new Error('the set is gone')
  return found
}
const errorOf = async (set: ApplicationSet) =>
  (await seen(set)).conditions.find(({ type, status }) => type === 'ErrorOccurred' && status === 'True')?.message ?? ''
const gold = { labelSelector: { matchLabels: { placement: 'gold' } } }

describe('an application set with a clusterDecisionResource generator', () => {
  let set: ApplicationSet

  it('has an error that says what to register while there is no hub, and no applications', async () => {
    set = await apply('gold', { ...gold, requeueAfterSeconds: 60 })
    expect((await reconcile(set)).requeueAfterMs).toBe(180_000)
    expect(await errorOf(set)).toMatch(/no cluster "in-cluster" is registered.*ROADSTEAD_HUB_CLUSTER/)
    expect(await namesOf(set)).toEqual([])
  })

  it('gives an application for each decision that names a registered cluster, once the hub is registered', async () => {
    // every type of the group, so that one that isn't there is told apart from one that is forbidden
    const rule = { apiGroups: ['placements.example.io'], resources: ['*'], verbs: ['list'] }
    token = await tokenWith(fixture.cluster, 'roadstead', rule)
    const { server, caData } = fixture.cluster
    const input = newCluster({ name: hubName, server, caData, connection: { ...connected, uid: 'uid-of-hub' } })
    hub = await db.store.clusters.register(input, JSON.stringify({ kind: 'bearerToken', token }))
    await decide(fixture.cluster, { name: 'gold-1', labels: { placement: 'gold' }, clusters: ['eu-1', 'nobody'] })
    await decide(fixture.cluster, { name: 'gold-2', labels: { placement: 'gold' }, clusters: ['us-1'] })
    await decide(fixture.cluster, { name: 'gold-3', labels: { placement: 'gold' } })
    await decide(fixture.cluster, { name: 'gold-4', labels: { placement: 'gold' }, clusters: [hubName] })
    await decide(fixture.cluster, { name: 'tin-1', labels: { placement: 'tin' }, clusters: ['us-2'] })

    const result = await reconcile(set)
    expect(await errorOf(set)).toBe('')
    expect(result).toMatchObject({ requeueAfterMs: 60_000, rolloutId: expect.any(String) })
    expect(await namesOf(set)).toEqual(['gold-eu-1', 'gold-in-cluster', 'gold-us-1'])
    const [first, second] = await applicationsOf(set)
    expect(first?.manifest.spec.destination.server).toBe('https://eu-1.example.com:6443')
    expect(first?.manifest.metadata.labels).toEqual({ score: '0' })
    expect(first?.wantedVersionId).not.toBeNull()
    expect(second?.clusterId).toBe(hub.id)
  })

  it('gives one more when one more is decided, and holds the deletion of one that is decided no more', async () => {
    await decide(fixture.cluster, { name: 'gold-1', clusters: ['eu-1', 'eu-2'] })
    await reconcile(set)
    expect(await namesOf(set)).toEqual(['gold-eu-1', 'gold-eu-2', 'gold-in-cluster', 'gold-us-1'])
    await decide(fixture.cluster, { name: 'gold-1', clusters: ['eu-1'] })
    await reconcile(set)
    expect((await seen(set)).heldDeletion?.applicationNames).toEqual(['gold-eu-2'])
  })

  it('reads one resource by its name, and looks again after 3 minutes unless it says otherwise', async () => {
    const one = await apply('tin', { name: 'tin-1' })
    expect((await reconcile(one)).requeueAfterMs).toBe(180_000)
    expect(await namesOf(one)).toEqual(['tin-us-2'])
  })

  it('is previewed with what it read, and nothing is written', async () => {
    const { metadata, spec } = setOf('planned', gold)
    const preview = await previewSet(deps, { metadata, spec }, new AbortController().signal)
    expect(preview).toMatchObject({ complete: true, problems: [] })
    expect(preview.proofs.join()).toContain('4 placementdecisions of the hub in-cluster in argocd')
    expect(preview.applications.map(({ name, change }) => `${change} ${name}`)).toEqual([
      'create planned-eu-1',
      'create planned-in-cluster',
      'create planned-us-1',
    ])
    expect(await db.store.applicationSets.getByName('planned')).toBeNull()
  })

  it.each([
    ['a resource that is not there', { name: 'nobody' }, 'there is no placementdecisions'],
    [
      'a type that is not there',
      { configMapRef: 'misspelt', name: 'tin-1' },
      'no namespaced placementdecision in placements.example.io/v1beta1',
    ],
    ['secrets', { configMapRef: 'greedy', name: 'x' }, 'needs apiVersion (group/version)'],
    ['secrets by a way up', { configMapRef: 'sly', name: 'x' }, 'only custom resources can be read'],
    ['a name that is a path', { name: '../../secrets/x' }, 'is no name of an object'],
    ['no ConfigMap', { configMapRef: 'nowhere', name: 'x' }, 'there is no ConfigMap "nowhere"'],
  ])('has an error for %s', async (_, generator, message) => {
    const bad = await apply('bad', generator)
    await reconcile(bad)
    expect(await errorOf(bad)).toContain(message)
    expect(await namesOf(bad)).toEqual([])
  })

  it('keeps its applications when the hub forbids to read them, and says who was forbidden what', async () => {
    const bare = await tokenWith(fixture.cluster, 'bare', { apiGroups: [''], resources: ['configmaps'], verbs: ['list'] })
    const change = async (clear: string) =>
      db.store.clusters.rotate(hub.id, {}, JSON.stringify({ kind: 'bearerToken', token: clear }), { ...connected, uid: 'uid-of-hub' })
    await change(bare)
    await keeps(/hub in-cluster: The cluster forbids list placementdecisions.*system:serviceaccount:argocd:bare/)
    expect(JSON.stringify(await seen(set))).not.toContain(bare)
    await change(token)
    await reconcile(set)
    expect(await errorOf(set)).toBe('')
  })

  it('keeps its applications while the hub is away, says so and since when, and goes on when it is back', async () => {
    await fixture.cluster.kill()
    await keeps(/hub in-cluster: .*can't be reached: nothing listens there/)
    expect(JSON.stringify(await seen(set))).not.toContain(token)
    const preview = await previewSet(deps, setOf('gold', gold), new AbortController().signal)
    expect(preview).toMatchObject({ complete: false, applications: [] })
    await fixture.cluster.restart()
    await reconcile(set)
    expect(await errorOf(set)).toBe('')
    expect((await seen(set)).conditions.map(({ type }) => type)).not.toContain('ExpansionStale')
  })

  async function keeps(why: RegExp): Promise<void> {
    const before = await applicationsOf(set)
    const { expandedAtMs } = await seen(set)
    expect(before.length).toBeGreaterThan(0)
    db.nowMs += 60_000
    expect(await reconcile(set)).toMatchObject({ rolloutId: null, removals: [], requeueAfterMs: 180_000 })
    expect(await applicationsOf(set)).toEqual(before)
    expect(await errorOf(set)).toMatch(why)
    const after = await seen(set)
    expect(after.conditions).toContainEqual(expect.objectContaining({ type: 'ExpansionStale', status: 'True' }))
    expect(after.expandedAtMs).toBe(expandedAtMs)
  }
})
