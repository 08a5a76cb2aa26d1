import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../fleet/application.ts'
import { isHook, isHookToRun, phaseOf, syncGroups, waveOf } from '../../../fleet/sync-order.ts'

function object(
  kind: string,
  name: string,
  rest: { wave?: string; namespace?: string; hook?: string; apiVersion?: string; spec?: KubeObject['spec'] } = {},
): KubeObject {
  const annotations = {
    ...(rest.wave === undefined ? {} : { 'argocd.argoproj.io/sync-wave': rest.wave }),
    ...(rest.hook === undefined ? {} : { 'argocd.argoproj.io/hook': rest.hook }),
  }
  const metadata = { name, annotations, ...(rest.namespace === undefined ? {} : { namespace: rest.namespace }) }
  return { apiVersion: rest.apiVersion ?? 'v1', kind, metadata, ...(rest.spec === undefined ? {} : { spec: rest.spec }) }
}

const order = (...objects: KubeObject[]) =>
  syncGroups(objects, (one) => one).flatMap(({ members }) => members.map(({ kind, metadata }) => `${kind}/${metadata.name}`))

describe('sync order', () => {
  it('goes by phase, then wave, then kind, then name', () => {
    expect(
      order(
        object('Deployment', 'b'),
        object('Deployment', 'a'),
        object('ConfigMap', 'c'),
        object('Boat', 'custom-comes-last'),
        object('Secret', 'late', { wave: '2' }),
        object('Job', 'early', { wave: '-3' }),
        object('Job', 'before', { hook: 'PreSync', wave: '9' }),
        object('Job', 'after', { hook: 'PostSync', wave: '-9' }),
        object('APIService', 'last-known'),
      ),
    ).toEqual([
      'Job/before',
      'Job/early',
      'ConfigMap/c',
      'Deployment/a',
      'Deployment/b',
      'APIService/last-known',
      'Boat/custom-comes-last',
      'Secret/late',
      'Job/after',
    ])
  })

  it('has a namespace before what lives in it, whatever the waves say', () => {
    expect(
      order(
        object('Namespace', 'web', { wave: '5' }),
        object('ConfigMap', 'a', { namespace: 'web', wave: '-1' }),
        object('ConfigMap', 'b', { wave: '-2' }),
      ),
    ).toEqual(['ConfigMap/b', 'Namespace/web', 'ConfigMap/a'])
  })

  it('has a CRD before objects of its kind, whatever the waves say', () => {
    const spec = { group: 'example.com', names: { kind: 'Boat' } }
    const crd = object('CustomResourceDefinition', 'boats.example.com', { apiVersion: 'apiextensions.k8s.io/v1', wave: '1', spec })
    const boat = object('Boat', 'ada', { apiVersion: 'example.com/v1' })
    const groups = syncGroups([crd, boat], (one) => one)
    expect(groups.map(({ kind, wave }) => [kind, wave])).toEqual([
      ['CustomResourceDefinition', 0],
      ['Boat', 0],
    ])
  })

  it('puts into one group only what has the same phase, wave and kind', () => {
    const groups = syncGroups(
      [object('ConfigMap', 'a'), object('ConfigMap', 'b'), object('ConfigMap', 'c', { wave: '1' }), object('Secret', 'd')],
      (one) => one,
    )
    expect(groups.map(({ kind, wave, members }) => `${kind} ${wave} ${members.length}`)).toEqual([
      'Secret 0 1',
      'ConfigMap 0 2',
      'ConfigMap 1 1',
    ])
  })

  const anyObject = fc
    .record({
      kind: fc.constantFrom('Namespace', 'ConfigMap', 'Deployment', 'Boat', 'Secret'),
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      wave: fc.integer({ min: -3, max: 3 }).map(String),
      namespace: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
    })
    .map(({ kind, name, wave, namespace }) =>
      object(kind, name, { wave, ...(namespace === undefined || kind === 'Namespace' ? {} : { namespace }) }),
    )

  it('loses and invents nothing, and does not depend on the order of the manifests', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyObject, {
          selector: (one) => JSON.stringify([one.kind, one.metadata.name, one.metadata.namespace]),
          maxLength: 12,
        }),
        fc.nat(),
        (objects, seed) => {
          const shuffled = objects.map((one, index) => ({ one, at: (index * 7919 + seed) % 31 })).sort((a, b) => a.at - b.at)
          const sorted = order(...objects)
          expect(sorted.length).toBe(objects.length)
          expect(order(...shuffled.map(({ one }) => one))).toEqual(sorted)
        },
      ),
    )
  })

  it('never has an object before its namespace', () => {
    fc.assert(
      fc.property(fc.array(anyObject, { maxLength: 12 }), (objects) => {
        const sorted = syncGroups(objects, (one) => one).flatMap(({ members }) => members)
        for (const [index, { metadata }] of sorted.entries()) {
          if (metadata.namespace === undefined) continue
          const own = sorted.findIndex(({ kind, metadata: { name } }) => kind === 'Namespace' && name === metadata.namespace)
          expect(own).toBeLessThan(index)
        }
      }),
    )
  })
})

describe('annotations', () => {
  it('reads waves as whole numbers, and Helm weights where there is none', () => {
    const annotated = (annotations: Record<string, string>) => waveOf({ metadata: { annotations } })
    expect(annotated({ 'argocd.argoproj.io/sync-wave': '-12' })).toBe(-12)
    expect(annotated({ 'argocd.argoproj.io/sync-wave': '1.5' })).toBe(0)
    expect(annotated({ 'argocd.argoproj.io/sync-wave': 'first', 'helm.sh/hook-weight': '7' })).toBe(7)
    expect(annotated({})).toBe(0)
  })

  it('knows hooks from what is merely skipped, and Helm’s CRDs from Helm’s hooks', () => {
    const annotated = (annotations: Record<string, string>) => ({ metadata: { annotations } })
    expect(isHook(annotated({ 'argocd.argoproj.io/hook': 'Skip' }))).toBe(true)
    expect(isHookToRun(annotated({ 'argocd.argoproj.io/hook': 'Skip' }))).toBe(false)
    expect(isHookToRun(annotated({ 'argocd.argoproj.io/hook': 'PreSync' }))).toBe(true)
    expect(isHook(annotated({ 'helm.sh/hook': 'crd-install' }))).toBe(false)
    expect(isHook(annotated({ 'helm.sh/hook': 'pre-install,post-upgrade' }))).toBe(true)
    expect(phaseOf(annotated({ 'helm.sh/hook': 'post-install' }))).toBe('PostSync')
    expect(isHook(annotated({}))).toBe(false)
  })
})
