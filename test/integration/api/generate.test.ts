import { describe, expect, it } from 'vitest'
import { registered, unique } from '../store/store-fixture.ts'
import { useApi } from './api-fixture.ts'

const api = useApi()

const query = `query($manifest: String!, $changes: [PreviewedChange!]) { generate(manifest: $manifest) {
  complete problems { path message } proofs deletionsHeld
  origins { path template parameters }
  counts { change count }
  applications(changes: $changes) { name change clusterName origin parameters manifest differences { path before after } }
} }`

function manifestOf(name: string, { group, path = 'apps/web' }: { readonly group: string; readonly path?: string }): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: ${name} }
spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
    - clusters: { selector: { matchLabels: { group: ${group} } } }
  template:
    metadata: { name: '${name}-{{.name}}' }
    spec:
      project: default
      source: { repoURL: 'https://git.example.com/shop', targetRevision: main, path: ${path} }
      destination: { server: '{{.server}}', namespace: shop }
`
}

/** A set with an application on each of the clusters, as a pass of the reconciler leaves it. */
async function applied(name: string, manifest: string) {
  const { store } = api.db
  const { data } = await api.ask(query, { manifest })
  await api.wish('mutation($input: ApplyManifestInput!) { applyManifest(input: $input) { userErrors { message } } }', {
    input: { manifest },
  })
  const set = await store.applicationSets.getByName(name)
  const clusters = await store.clusters.all()
  const rows = data.generate.applications.map((node: { manifest: never; clusterName: string }) => ({
    name: (node.manifest as { metadata: { name: string } }).metadata.name,
    applicationSetId: set?.id ?? null,
    clusterId: clusters.find((cluster) => cluster.name === node.clusterName)?.id ?? null,
    manifest: node.manifest,
    conditions: [],
  }))
  await store.applications.applyAll(rows)
  return rows.length as number
}

describe('generate', () => {
  it('gives the applications of a set that is not there yet, with the parameters and the fields that use them', async () => {
    const group = unique('group')
    const cluster = await registered(api.db.store, { labels: { group } })
    const name = unique('shop')
    const { data, errors } = await api.ask(query, { manifest: manifestOf(name, { group }) })
    expect(errors).toEqual([])
    expect(data.generate).toMatchObject({
      complete: true,
      problems: [],
      deletionsHeld: null,
      origins: [
        { path: 'spec.template.metadata.name', template: `${name}-{{.name}}`, parameters: ['name'] },
        { path: 'spec.template.spec.destination.server', template: '{{.server}}', parameters: ['server'] },
      ],
      counts: [{ change: 'CREATE', count: 1 }],
      applications: [
        {
          name: `${name}-${cluster.name}`,
          change: 'CREATE',
          clusterName: cluster.name,
          origin: 'generators[0].clusters element 0',
          parameters: { name: cluster.name, server: cluster.server },
          manifest: { spec: { destination: { server: cluster.server, namespace: 'shop' } } },
          differences: [],
        },
      ],
    })
    expect(await api.db.store.applicationSets.getByName(name)).toBeNull()
    expect(await api.db.store.applications.getByName(`${name}-${cluster.name}`)).toBeNull()
    expect(await api.db.store.repositories.getByUrl('https://git.example.com/shop')).toBeNull()
  })

  it('says what would be updated, field by field, and what deleted, against what is there', async () => {
    const group = unique('group')
    const [stays, leaves] = [await registered(api.db.store, { labels: { group } }), await registered(api.db.store, { labels: { group } })]
    const name = unique('shop')
    expect(await applied(name, manifestOf(name, { group }))).toBe(2)
    await api.db.store.clusters.update(leaves.id, { labels: {} })

    const { data } = await api.ask(query, { manifest: manifestOf(name, { group, path: 'apps/next' }) })
    expect(data.generate.deletionsHeld).toContain('1 of 2 applications would be deleted')
    expect(data.generate.applications).toMatchObject([
      {
        name: `${name}-${stays.name}`,
        change: 'UPDATE',
        differences: [{ path: 'spec.source.path', before: 'apps/web', after: 'apps/next' }],
      },
      { name: `${name}-${leaves.name}`, change: 'DELETE', origin: null, parameters: null, differences: [] },
    ])
    const deletions = await api.ask(query, { manifest: manifestOf(name, { group }), changes: ['DELETE'] })
    expect(deletions.data.generate.applications).toHaveLength(1)
    expect((await api.db.store.applications.getByName(`${name}-${leaves.name}`))?.deletion).toBeNull()
  })

  it('leaves fields that the set ignores as they are, also where the application goes', async () => {
    const group = unique('group')
    const cluster = await registered(api.db.store, { labels: { group } })
    const name = unique('shop')
    await applied(name, manifestOf(name, { group }))
    const changed = manifestOf(name, { group, path: 'apps/next' }).replace('targetRevision: main', 'targetRevision: next')
    const ignoring = (rule: string) =>
      `${changed.replace('{{.server}}', 'https://elsewhere.example')}  ignoreApplicationDifferences: [${rule}]\n`

    const { data } = await api.ask(query, {
      manifest: ignoring('{jsonPointers: [/spec/source/path], jqPathExpressions: [.spec.destination]}'),
    })
    expect(data.generate.applications).toMatchObject([
      {
        change: 'UPDATE',
        clusterName: cluster.name,
        differences: [{ path: 'spec.source.targetRevision', before: 'main', after: 'next' }],
      },
    ])
    const other = await api.ask(query, { manifest: ignoring('{name: other, jsonPointers: [/spec]}') })
    expect(other.data.generate.problems).toMatchObject([{ message: expect.stringContaining('elsewhere') }])
  })

  it('names what is wrong with the manifest, and asks for one set', async () => {
    const manifest = manifestOf('web', { group: 'x' })
    const wrong = await api.ask(query, { manifest: manifest.replace('goTemplate: true', 'goTemplates: true') })
    expect(wrong.errors).toMatchObject([{ message: expect.stringContaining('goTemplates'), extensions: { code: 'INVALID_INPUT' } }])
    const two = await api.ask(query, { manifest: `${manifest}---\n${manifest.replace('name: web }', 'name: two }')}` })
    expect(two.errors).toMatchObject([{ message: expect.stringContaining('exactly one ApplicationSet') }])
  })

  it('is for those who may apply it: it asks with the credentials of the fleet', async () => {
    const { errors } = await api.ask(query, { manifest: manifestOf('web', { group: 'x' }) }, api.tokens.readonly)
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})
