import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClusterGateway } from '../../../clusters/create-gateway.ts'
import type { ApplyResult, ClusterGateway } from '../../../clusters/gateway.ts'
import type { KubeObject } from '../../../fleet/application.ts'
import { accessOf, configMap, crd, deployment, type GatewayFixture, inputOf, service, startGatewayFixture } from './gateway-fixture.ts'

let fixture: GatewayFixture
let gateway: ClusterGateway
beforeAll(async () => {
  fixture = await startGatewayFixture({ controllers: true })
  gateway = fixture.gateway
})
afterAll(() => fixture.stop())

const outcomes = (result: ApplyResult) =>
  Object.fromEntries(result.resources.map(({ kind, name, outcome }) => [`${kind}/${name}`, outcome]))
const messageOf = (result: ApplyResult, name: string) => result.resources.find((resource) => resource.name === name)?.message ?? ''
const read = async (path: string) => (await fixture.cluster.request('GET', path)).body
const configMapPath = (namespace: string, name: string) => `/api/v1/namespaces/${namespace}/configmaps/${name}`

describe('apply', () => {
  it('creates everything and its namespace at first, and changes nothing the second time', async () => {
    const input = inputOf('first', 'first', [deployment('web'), service('web'), configMap('web')])
    const first = await gateway.apply(fixture.access, input, {})
    expect(first).toMatchObject({ complete: true, changed: 4 })
    expect(outcomes(first)).toEqual({
      'Namespace/first': 'created',
      'ConfigMap/web': 'created',
      'Service/web': 'created',
      'Deployment/web': 'created',
    })
    const before = await read(configMapPath('first', 'web'))
    fixture.requests()
    const second = await gateway.apply(fixture.access, input, {})
    expect(second).toMatchObject({ complete: true, changed: 0 })
    expect(fixture.requests()).toEqual(['GET', 'GET', 'GET'])
    expect((await read(configMapPath('first', 'web'))).metadata.resourceVersion).toBe(before.metadata.resourceVersion)
  })

  it('applies a new application of three objects in a handful of requests', async () => {
    fixture.requests()
    await gateway.apply(fixture.access, inputOf('handful', 'handful', [deployment('web'), service('web'), configMap('web')]), {})
    expect(fixture.requests()).toEqual(['PATCH', 'PATCH', 'PATCH', 'PATCH'])
  })

  it('says that it changed something exactly when the server did', async () => {
    // its controller writes the status meanwhile, which isn't ours: the generation is what counts
    const generation = async () =>
      ((await read('/apis/apps/v1/namespaces/exact/deployments/web')).metadata as { generation?: number }).generation
    await gateway.apply(fixture.access, inputOf('exact', 'exact', [deployment('web')]), {})
    const changes: number[] = []
    for (const [image, replicas] of [
      ['example/web:2', 2],
      ['example/web:2', 2],
      ['example/web:2', 3],
      ['example/web:1', 3],
    ] as const) {
      const before = await generation()
      const result = await gateway.apply(fixture.access, inputOf('exact', 'exact', [deployment('web', image, replicas)]), {})
      expect(result.changed).toBe((await generation()) === before ? 0 : 1)
      changes.push(result.changed)
    }
    expect(changes).toEqual([1, 0, 1, 1])
  })

  it('heals what somebody changed and what somebody deleted', async () => {
    const input = inputOf('drift', 'drift', [configMap('a', { key: 'value' }), configMap('b')])
    await gateway.apply(fixture.access, input, {})
    await fixture.cluster.request(
      'PATCH',
      configMapPath('drift', 'a'),
      { data: { key: 'changed', other: 'theirs' } },
      'application/merge-patch+json',
    )
    await fixture.cluster.request('DELETE', configMapPath('drift', 'b'))
    const seen = await gateway.observe(fixture.access, input, {})
    expect(seen.sync).toBe('OutOfSync')
    expect(seen.resources.find(({ name }) => name === 'a')).toMatchObject({
      sync: 'OutOfSync',
      message: 'data.key is "changed", wanted "value"',
    })
    expect(seen.resources.find(({ name }) => name === 'b')).toMatchObject({ sync: 'OutOfSync', health: 'Missing' })
    const healed = await gateway.apply(fixture.access, input, {})
    expect(outcomes(healed)).toEqual({ 'ConfigMap/a': 'configured', 'ConfigMap/b': 'created' })
    expect((await read(configMapPath('drift', 'a'))).data).toEqual({ key: 'value', other: 'theirs' })
    expect(await gateway.observe(fixture.access, input, {})).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })

  it('heals a field inside a list that the server treats as one value', async () => {
    const ingress: KubeObject = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'web' },
      spec: {
        rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] } }],
      },
    }
    const input = inputOf('atomic', 'atomic', [ingress])
    await gateway.apply(fixture.access, input, {})
    await fixture.cluster.request(
      'PATCH',
      '/apis/networking.k8s.io/v1/namespaces/atomic/ingresses/web',
      [{ op: 'add', path: '/spec/rules/0/host', value: 'stolen.example.com' }],
      'application/json-patch+json',
    )
    expect((await gateway.observe(fixture.access, input, {})).sync).toBe('OutOfSync')
    expect((await gateway.apply(fixture.access, input, {})).changed).toBe(1)
    expect(JSON.stringify(await read('/apis/networking.k8s.io/v1/namespaces/atomic/ingresses/web'))).not.toContain('stolen')
  })

  it('removes a field that left the manifest, and keeps the fields of others', async () => {
    await gateway.apply(fixture.access, inputOf('fields', 'fields', [configMap('c', { a: '1', b: '2' })]), {})
    await fixture.cluster.request('PATCH', configMapPath('fields', 'c'), { data: { theirs: '3' } }, 'application/merge-patch+json')
    const input = inputOf('fields', 'fields', [configMap('c', { a: '1' })])
    expect(await gateway.observe(fixture.access, input, {})).toMatchObject({
      sync: 'OutOfSync',
      resources: [{ message: 'it has fields that are no longer wanted' }],
    })
    expect((await gateway.apply(fixture.access, input, {})).changed).toBe(1)
    expect((await read(configMapPath('fields', 'c'))).data).toEqual({ a: '1', theirs: '3' })
  })

  it('marks what it applies with Argo CD’s tracking id and the label that lists select on', async () => {
    await gateway.apply(fixture.access, inputOf('marked', 'marked', [configMap('web')]), {})
    const { metadata } = await read(configMapPath('marked', 'web'))
    expect(metadata.annotations?.['argocd.argoproj.io/tracking-id']).toBe('marked:/ConfigMap:marked/web')
    expect(metadata.labels?.['roadstead.dev/application']).toBe('marked')
  })

  it('writes stringData as data, so that a key that is removed is removed', async () => {
    const secret = (stringData: Record<string, string>): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      stringData,
    })
    await gateway.apply(fixture.access, inputOf('secret', 'secret', [secret({ a: 'one', b: 'two' })]), {})
    await gateway.apply(fixture.access, inputOf('secret', 'secret', [secret({ a: 'one' })]), {})
    expect((await read('/api/v1/namespaces/secret/secrets/s')).data).toEqual({ a: Buffer.from('one').toString('base64') })
  })

  it('applies a CRD and an object of it at once, and names a kind that nobody brought', async () => {
    const boat: KubeObject = { apiVersion: 'boats.example.com/v1', kind: 'Boat', metadata: { name: 'ada' }, spec: { masts: 2 } }
    const unknown: KubeObject = { apiVersion: 'boats.example.com/v1', kind: 'Raft', metadata: { name: 'r' } }
    const result = await gateway.apply(fixture.access, inputOf('crds', 'crds', [boat, unknown, crd('boats', 'Boat')]), {})
    expect(outcomes(result)).toEqual({
      'Namespace/crds': 'created',
      'CustomResourceDefinition/boats.boats.example.com': 'created',
      'Boat/ada': 'created',
      'Raft/r': 'failed',
    })
    expect(messageOf(result, 'r')).toBe('no such kind on this cluster; is its CRD installed?')
    expect(result.complete).toBe(false)
    expect(await gateway.apply(fixture.access, inputOf('crds', 'crds', [boat, crd('boats', 'Boat')]), {})).toMatchObject({
      complete: true,
      changed: 0,
    })
  })

  it('finds a kind whose CRD came after it last looked', async () => {
    await fixture.cluster.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd('rafts', 'Raft'))
    await expect.poll(async () => (await fixture.cluster.request('GET', '/apis/boats.example.com/v1/rafts')).status).toBe(200)
    const raft: KubeObject = { apiVersion: 'boats.example.com/v1', kind: 'Raft', metadata: { name: 'r' }, spec: { masts: 1 } }
    await expect.poll(async () => (await gateway.apply(fixture.access, inputOf('rafts', 'rafts', [raft]), {})).complete).toBe(true)
  })

  it('says that a namespace is missing and how to have it made', async () => {
    const result = await gateway.apply(fixture.access, inputOf('homeless', 'nowhere', [configMap('c')], { syncOptions: [] }), {})
    expect(result).toMatchObject({ complete: false, changed: 0 })
    expect(messageOf(result, 'c')).toContain("namespace nowhere doesn't exist: add CreateNamespace=true")
  })

  it('keeps labels and annotations of a namespace that it creates as managedNamespaceMetadata says', async () => {
    const wanted = (team: string) => inputOf('managed', 'managed', [configMap('c')], { managedNamespaceMetadata: { labels: { team } } })
    expect((await gateway.apply(fixture.access, wanted('a'), {})).changed).toBe(2)
    expect((await gateway.apply(fixture.access, wanted('a'), {})).changed).toBe(0)
    expect((await gateway.apply(fixture.access, wanted('b'), {})).changed).toBe(1)
    expect((await read('/api/v1/namespaces/managed')).metadata.labels).toMatchObject({ team: 'b' })
  })

  it('reports an immutable field of one object and applies the others', async () => {
    await gateway.apply(fixture.access, inputOf('immutable', 'immutable', [deployment('web')]), {})
    const other = deployment('web')
    const changed = { ...other, spec: { ...(other['spec'] as object), selector: { matchLabels: { app: 'other' } } } } as KubeObject
    const result = await gateway.apply(fixture.access, inputOf('immutable', 'immutable', [changed, configMap('c')]), {})
    expect(outcomes(result)).toEqual({ 'ConfigMap/c': 'created', 'Deployment/web': 'failed' })
    expect(messageOf(result, 'web')).toMatch(/^a field that can't be changed would change: .*spec\.selector/)
  })

  it('keeps later waves back when an earlier one failed', async () => {
    const later = configMap('later', {}, { name: 'later', annotations: { 'argocd.argoproj.io/sync-wave': '1' } })
    const bad: KubeObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'bad' }, spec: { ports: [{ port: 99_999_999 }] } }
    const result = await gateway.apply(fixture.access, inputOf('waves', 'waves', [later, bad]), {})
    expect(outcomes(result)).toMatchObject({ 'Service/bad': 'failed', 'ConfigMap/later': 'failed' })
    expect(messageOf(result, 'later')).toBe('not tried: Sync wave 0 failed before')
  })

  it('refuses the same object twice, an object without a name, and nothing at all', async () => {
    const apply = (manifests: KubeObject[]) => gateway.apply(fixture.access, inputOf('odd', 'odd', manifests), {})
    await expect(apply([configMap('c'), configMap('c')])).rejects.toThrow('odd has ConfigMap odd/c twice')
    await expect(apply([configMap('')])).rejects.toThrow('has no metadata.name')
    await expect(apply([configMap('../secrets')])).rejects.toThrow('Not a name in Kubernetes')
    await expect(apply([])).rejects.toMatchObject({ code: 'ILLEGAL_STATE' })
  })

  it('flattens lists', async () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      metadata: { name: '' },
      items: [configMap('a'), { apiVersion: 'v1', kind: 'List', metadata: {}, items: [configMap('b')] }],
    } as KubeObject
    expect(outcomes(await gateway.apply(fixture.access, inputOf('lists', 'lists', [list]), {}))).toMatchObject({
      'ConfigMap/a': 'created',
      'ConfigMap/b': 'created',
    })
  })

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    const many = Array.from({ length: 40 }, (_, index) => configMap(`c${index}`))
    const applying = gateway.apply(fixture.access, inputOf('stopped', 'stopped', many), {
      signal: stop.signal,
      onProgress: (done) => done === 3 && stop.abort(),
    })
    await expect(applying).rejects.toMatchObject({ name: 'AbortError' })
    expect((await read('/api/v1/namespaces/stopped/configmaps')).items?.length).toBeLessThan(40)
  })
})

describe('ownership', () => {
  it('adopts an object that nobody owns', async () => {
    await fixture.cluster.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'adopted' } })
    await fixture.cluster.request('POST', '/api/v1/namespaces/adopted/configmaps', configMap('c', { theirs: '1' }))
    expect(outcomes(await gateway.apply(fixture.access, inputOf('adopted', 'adopted', [configMap('c', { ours: '2' })]), {}))).toEqual({
      'ConfigMap/c': 'configured',
    })
  })

  it('adopts an object, takes over what it wants to set, and reports nothing as changed the next time', async () => {
    await fixture.cluster.request('POST', '/api/v1/namespaces/adopted/configmaps', configMap('d', { key: 'theirs' }))
    const input = inputOf('adopting', 'adopted', [configMap('d', { key: 'ours' })])
    expect(outcomes(await gateway.apply(fixture.access, input, {}))).toEqual({ 'ConfigMap/d': 'configured' })
    expect((await read(configMapPath('adopted', 'd'))).data).toEqual({ key: 'ours' })
    expect((await gateway.apply(fixture.access, input, {})).changed).toBe(0)
  })

  it('leaves an object of another application alone, and prunes nothing that another owns', async () => {
    await gateway.apply(fixture.access, inputOf('owner', 'shared', [configMap('c', { by: 'owner' })]), {})
    const result = await gateway.apply(fixture.access, inputOf('thief', 'shared', [configMap('c', { by: 'thief' }), configMap('mine')]), {})
    expect(outcomes(result)).toEqual({ 'ConfigMap/c': 'failed', 'ConfigMap/mine': 'created' })
    expect(messageOf(result, 'c')).toContain('belongs to the application owner')
    expect((await read(configMapPath('shared', 'c'))).data).toEqual({ by: 'owner' })
    expect((await gateway.observe(fixture.access, inputOf('thief', 'shared', [configMap('c', { by: 'thief' })]), {})).sync).toBe(
      'OutOfSync',
    )
    // the label alone makes nobody an owner
    await fixture.cluster.request(
      'PATCH',
      configMapPath('shared', 'c'),
      { metadata: { labels: { 'roadstead.dev/application': 'thief' } } },
      'application/merge-patch+json',
    )
    expect(outcomes(await gateway.apply(fixture.access, inputOf('thief', 'shared', [configMap('other')]), {}))).toEqual({
      'ConfigMap/other': 'created',
      'ConfigMap/mine': 'pruned',
    })
    expect((await read(configMapPath('shared', 'c'))).data).toEqual({ by: 'owner' })
  })

  it('never prunes children, nor copies of an owned object', async () => {
    await gateway.apply(fixture.access, inputOf('parent', 'children', [configMap('parent')]), {})
    const parent = await read(configMapPath('children', 'parent'))
    const { labels = {}, annotations = {}, uid = '' } = parent.metadata
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'parent', uid, controller: true }
    await fixture.cluster.request('POST', '/api/v1/namespaces/children/configmaps', {
      ...configMap('copy'),
      metadata: { name: 'copy', labels, annotations },
    })
    const own = { ...annotations, 'argocd.argoproj.io/tracking-id': 'parent:/ConfigMap:children/child' }
    await fixture.cluster.request('POST', '/api/v1/namespaces/children/configmaps', {
      ...configMap('child'),
      metadata: { name: 'child', labels, annotations: own, ownerReferences: [owner] },
    })
    const result = await gateway.apply(fixture.access, inputOf('parent', 'children', [configMap('parent')]), {})
    expect(outcomes(result)).toEqual({ 'ConfigMap/parent': 'unchanged' })
  })
})

describe('prune', () => {
  const two = [configMap('a'), service('b')]

  it('deletes what is no longer wanted, also when another worker applied it', async () => {
    await gateway.apply(fixture.access, inputOf('pruned', 'pruned', two), {})
    const other = createClusterGateway({ allowLoopback: true })
    const result = await other.apply(fixture.access, inputOf('pruned', 'pruned', [configMap('a')]), {})
    await other.close()
    expect(outcomes(result)).toEqual({ 'ConfigMap/a': 'unchanged', 'Service/b': 'pruned' })
    expect((await fixture.cluster.request('GET', '/api/v1/namespaces/pruned/services/b')).status).toBe(404)
    expect(await gateway.observe(fixture.access, inputOf('pruned', 'pruned', [configMap('a')]), {})).toMatchObject({ sync: 'Synced' })
  })

  it('finds what another worker has applied since it last looked, where the stored status names it', async () => {
    const other = createClusterGateway({ allowLoopback: true })
    await gateway.apply(fixture.access, inputOf('moved', 'moved', [configMap('a')]), {})
    await other.apply(fixture.access, inputOf('moved', 'moved', [configMap('a'), service('b')]), {})
    await other.close()
    const knownResources = [{ group: '', version: 'v1', kind: 'Service', namespace: 'moved', name: 'b' }]
    expect(
      outcomes(await gateway.apply(fixture.access, inputOf('moved', 'moved', [configMap('a')], { knownResources }), {})),
    ).toMatchObject({ 'Service/b': 'pruned' })
  })

  it('reports and keeps it when pruning is off, and when something failed', async () => {
    await gateway.apply(fixture.access, inputOf('kept', 'kept', two), {})
    const off = inputOf('kept', 'kept', [configMap('a')], { prune: false })
    expect(outcomes(await gateway.apply(fixture.access, off, {}))).toEqual({ 'ConfigMap/a': 'unchanged', 'Service/b': 'pruneSkipped' })
    expect(await gateway.observe(fixture.access, off, {})).toMatchObject({
      sync: 'OutOfSync',
      resources: [{ sync: 'Synced' }, { name: 'b', sync: 'OutOfSync', message: 'no longer wanted' }],
    })
    const bad: KubeObject = { apiVersion: 'example.com/v1', kind: 'Nothing', metadata: { name: 'n' } }
    expect(outcomes(await gateway.apply(fixture.access, inputOf('kept', 'kept', [configMap('a'), bad]), {}))).toMatchObject({
      'Service/b': 'pruneSkipped',
      'Nothing/n': 'failed',
    })
  })

  it('holds namespaces, CRDs, volume claims and what is annotated', async () => {
    const claim: KubeObject = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }
    const annotated = (name: string, option: string) =>
      configMap(name, {}, { name, annotations: { 'argocd.argoproj.io/sync-options': option } })
    const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'held-too' } }
    const all = [claim, namespace, crd('canoes', 'Canoe'), annotated('never', 'Prune=false'), annotated('ask', 'Prune=confirm')]
    await gateway.apply(fixture.access, inputOf('held', 'held', [...all, configMap('a')]), {})
    expect(outcomes(await gateway.apply(fixture.access, inputOf('held', 'held', [configMap('a')]), {}))).toEqual({
      'ConfigMap/a': 'unchanged',
      'PersistentVolumeClaim/data': 'pruneHeld',
      'Namespace/held-too': 'pruneHeld',
      'CustomResourceDefinition/canoes.boats.example.com': 'pruneHeld',
      'ConfigMap/never': 'pruneHeld',
      'ConfigMap/ask': 'pruneHeld',
    })
  })

  it('takes everything away when nothing is wanted and that is allowed', async () => {
    await gateway.apply(fixture.access, inputOf('emptied', 'emptied', two), {})
    expect(outcomes(await gateway.apply(fixture.access, inputOf('emptied', 'emptied', [], { allowEmpty: true }), {}))).toEqual({
      'ConfigMap/a': 'pruned',
      'Service/b': 'pruned',
    })
  })
})

describe('observe', () => {
  it('says Synced in as many requests as there are kinds, whatever way quantities are written', async () => {
    const input = inputOf('healthy', 'healthy', [deployment('web'), service('web'), configMap('web')])
    await gateway.apply(fixture.access, input, {})
    await expect.poll(async () => (await gateway.observe(fixture.access, input, {})).health, { timeout: 20_000 }).toBe('Healthy')
    fixture.requests()
    expect(await gateway.observe(fixture.access, input, {})).toMatchObject({ sync: 'Synced', health: 'Healthy', message: '' })
    expect(fixture.requests()).toEqual(['GET', 'GET', 'GET'])
  })

  it('asks the server with a dry run when somebody took a field over, and sees that the value is as wanted', async () => {
    const input = inputOf('takeover', 'takeover', [configMap('c', { key: 'value' })])
    await gateway.apply(fixture.access, input, {})
    for (const key of ['other', 'value'])
      await fixture.cluster.request('PATCH', configMapPath('takeover', 'c'), { data: { key } }, 'application/merge-patch+json')
    fixture.requests()
    expect((await gateway.observe(fixture.access, input, {})).sync).toBe('Synced')
    expect(fixture.requests()).toContain('PATCH')
    expect((await read(configMapPath('takeover', 'c'))).data).toEqual({ key: 'value' })
  })

  it('compares an object in the version in which it is wanted, not in the one that the server prefers', async () => {
    const path = '/apis/autoscaling/v1/namespaces/versions/horizontalpodautoscalers/web'
    const spec = {
      minReplicas: 1,
      maxReplicas: 3,
      targetCPUUtilizationPercentage: 60,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    }
    const input = inputOf('versions', 'versions', [
      { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web' }, spec },
    ])
    await gateway.apply(fixture.access, input, {})
    expect((await gateway.observe(fixture.access, input, {})).sync).toBe('Synced')
    for (const maxReplicas of [9, 3]) {
      await fixture.cluster.request('PATCH', path, { spec: { maxReplicas } }, 'application/merge-patch+json')
      expect((await gateway.observe(fixture.access, input, {})).sync).toBe(maxReplicas === 3 ? 'Synced' : 'OutOfSync')
    }
  })

  it('sees a broken image as Progressing first and Degraded when its deadline has passed', async () => {
    const input = inputOf('broken', 'broken', [deployment('web', 'example/broken:1')])
    await gateway.apply(fixture.access, input, {})
    expect((await gateway.observe(fixture.access, input, {})).health).toBe('Progressing')
    await expect.poll(async () => (await gateway.observe(fixture.access, input, {})).health, { timeout: 20_000 }).toBe('Degraded')
    expect((await gateway.observe(fixture.access, input, {})).message).toBe('Caused by apps/Deployment:broken/web')
  })

  it('says Missing when nothing is there', async () => {
    expect(await gateway.observe(fixture.access, inputOf('absent', 'absent', [configMap('c')]), {})).toMatchObject({
      sync: 'OutOfSync',
      health: 'Missing',
    })
  })

  it('never quotes the values of a Secret', async () => {
    const secret = (value: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      stringData: { password: value },
    })
    await gateway.apply(fixture.access, inputOf('quiet', 'quiet', [secret('canary-one')]), {})
    const seen = JSON.stringify(await gateway.observe(fixture.access, inputOf('quiet', 'quiet', [secret('canary-two')]), {}))
    expect(seen).toContain('data.password differs')
    for (const canary of ['canary-one', 'canary-two']) {
      expect(seen).not.toContain(canary)
      expect(seen).not.toContain(Buffer.from(canary).toString('base64'))
    }
  })
})

describe('remove', () => {
  it('removes what the application owns, and nothing else', async () => {
    await gateway.apply(fixture.access, inputOf('removed', 'removed', [deployment('web'), service('web'), configMap('web')]), {})
    await fixture.cluster.request('POST', '/api/v1/namespaces/removed/configmaps', configMap('theirs'))
    await expect.poll(async () => (await gateway.remove(fixture.access, 'removed', {})).remaining, { timeout: 20_000 }).toEqual([])
    expect((await read('/apis/apps/v1/namespaces/removed/deployments')).items).toEqual([])
    expect((await read('/api/v1/namespaces/removed/configmaps')).items?.map(({ metadata }) => metadata.name)).toEqual(['theirs'])
    expect((await fixture.cluster.request('GET', '/api/v1/namespaces/removed')).status).toBe(200)
  })

  it('reports what a finalizer holds back, and says so when somebody applies meanwhile', async () => {
    const held = configMap('held', {}, { name: 'held', finalizers: ['example.com/wait'] })
    const last = configMap('last', {}, { name: 'last', annotations: { 'argocd.argoproj.io/sync-wave': '-1' } })
    await gateway.apply(fixture.access, inputOf('finalized', 'finalized', [held, last]), {})
    const { remaining } = await gateway.remove(fixture.access, 'finalized', {})
    expect(remaining.map(({ name }) => name).sort()).toEqual(['held', 'last'])
    const result = await gateway.apply(fixture.access, inputOf('finalized', 'finalized', [held, last]), {})
    expect(messageOf(result, 'held')).toContain('is being deleted')
    await fixture.cluster.request(
      'PATCH',
      configMapPath('finalized', 'held'),
      { metadata: { finalizers: null } },
      'application/merge-patch+json',
    )
    expect(await gateway.remove(fixture.access, 'finalized', {})).toEqual({ remaining: [] })
  })

  it('says that a namespace is terminating', async () => {
    await gateway.apply(
      fixture.access,
      inputOf('ending', 'ending', [configMap('held', {}, { name: 'held', finalizers: ['example.com/wait'] })]),
      {},
    )
    await fixture.cluster.request('DELETE', '/api/v1/namespaces/ending')
    const result = await gateway.apply(fixture.access, inputOf('ending-too', 'ending', [configMap('c')]), {})
    expect(messageOf(result, 'c')).toContain('namespace ending is terminating')
    const without = await gateway.apply(fixture.access, inputOf('ending-three', 'ending', [configMap('c')], { syncOptions: [] }), {})
    expect(messageOf(without, 'c')).toContain('namespace ending is terminating')
    await fixture.cluster.request(
      'PATCH',
      configMapPath('ending', 'held'),
      { metadata: { finalizers: null } },
      'application/merge-patch+json',
    )
  })
})

describe('access', () => {
  it('does with a token of its own rights what they allow, and names what they don’t', async () => {
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/limited'
    await fixture.cluster.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'limited' } })
    await fixture.cluster.request('POST', '/api/v1/namespaces/limited/serviceaccounts', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'deployer' },
    })
    await fixture.cluster.request('POST', `${rbac}/roles`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'deployer' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }],
    })
    await fixture.cluster.request('POST', `${rbac}/rolebindings`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'deployer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' },
      subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'limited' }],
    })
    const { body } = await fixture.cluster.request<{ status: { token: string } }>(
      'POST',
      '/api/v1/namespaces/limited/serviceaccounts/deployer/token',
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {},
      },
    )
    const { token } = body.status
    const access = accessOf(fixture.cluster, { clusterId: 'limited', credentials: { kind: 'bearerToken', token } })
    const input = (...manifests: KubeObject[]) => inputOf('limited', 'limited', manifests, { syncOptions: [] })
    expect(await gateway.apply(access, input(configMap('a'), configMap('b')), {})).toMatchObject({ complete: true, changed: 2 })
    expect(outcomes(await gateway.apply(access, input(configMap('a')), {}))).toEqual({
      'ConfigMap/a': 'unchanged',
      'ConfigMap/b': 'pruned',
    })
    const denied = await gateway.apply(access, input(configMap('a'), service('s')), {}).catch((error: unknown) => error)
    expect(denied).toMatchObject({ code: 'CLUSTER_DENIED' })
    expect(String(denied)).toContain('services')
    expect(JSON.stringify(denied) + String(denied)).not.toContain(token)
  })
})
