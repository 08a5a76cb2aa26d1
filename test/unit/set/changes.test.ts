import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ApplicationsSync, type ChangeInput, type CurrentApplication, planChanges } from '../../../fleet/set/changes.ts'
import { invalidSpec } from '../../../fleet/set/validate.ts'
import { current, manifest, valid } from './examples.ts'

function plan(more: Partial<ChangeInput<CurrentApplication>>) {
  return planChanges({ current: [], generated: [], wantedNames: [], incomplete: false, policy: 'sync', ...more })
}

function names(changes: ReturnType<typeof plan>) {
  return {
    create: changes.create.map((one) => one.manifest.metadata.name),
    update: changes.update.map((one) => one.manifest.metadata.name),
    unchanged: changes.unchanged.map((one) => one.name),
    remove: changes.remove.map((one) => one.name),
    withheld: changes.withheld.map((one) => one.name),
  }
}

const before = [current(manifest('same')), current(manifest('other')), current(manifest('gone'))]
const after = [
  valid(manifest('same')),
  valid(manifest('other', { destination: { name: 'eu-1', namespace: 'new' } })),
  valid(manifest('new')),
]

describe('changes', () => {
  it.each<[ApplicationsSync, object]>([
    ['sync', { create: ['new'], update: ['other'], unchanged: ['same'], remove: ['gone'], withheld: [] }],
    ['create-only', { create: ['new'], update: [], unchanged: ['same', 'other'], remove: [], withheld: [] }],
    ['create-update', { create: ['new'], update: ['other'], unchanged: ['same'], remove: [], withheld: [] }],
    ['create-delete', { create: ['new'], update: [], unchanged: ['same', 'other'], remove: ['gone'], withheld: [] }],
  ])('under %s', (policy, expected) => {
    expect(names(plan({ current: before, generated: after, policy }))).toEqual(expected)
  })

  it('what is wanted but not valid right now is not removed', () => {
    expect(names(plan({ current: before, wantedNames: ['gone', 'other'] })).remove).toEqual(['same'])
  })

  it('nothing is removed when elements were left out, whose names nobody knows', () => {
    expect(names(plan({ current: before, generated: after, incomplete: true }))).toMatchObject({
      remove: [],
      withheld: ['gone'],
      create: ['new'],
    })
  })

  it('an application that is being deleted is left alone', () => {
    const dying = current(manifest('other'), { deletion: 'cascade' })
    expect(names(plan({ current: [dying], generated: after.slice(1, 2) }))).toMatchObject({ update: [], unchanged: ['other'] })
  })

  it('the order of keys is no change', () => {
    const shuffled = {
      spec: {
        destination: { namespace: 'shop', name: 'eu-1' },
        source: { path: 'deploy', repoURL: 'https://git.example/shop' },
        project: 'default',
      },
      metadata: { namespace: 'argocd', name: 'same' },
    }
    expect(names(plan({ current: before.slice(0, 1), generated: [valid(shuffled)] })).unchanged).toEqual(['same'])
  })
})

describe('parts of a spec that say nothing', () => {
  it.each<[string, object]>([
    ['Helm values that are false, 0 or empty', { helm: { valuesObject: { enabled: false, replicas: 0, name: '' } } }],
    ['Helm values without any', { helm: { valuesObject: {} } }],
    ['a common label without a text', { kustomize: { commonLabels: { team: '' } } }],
  ])('%s are none of them', (_, tool) => {
    const source = { repoURL: 'https://git.example/shop', path: 'deploy', ...tool }
    expect(plan({ generated: [valid(manifest('web', { source }))] }).create[0]?.manifest.spec.source).toEqual(source)
  })

  const source = { repoURL: 'https://git.example/shop', path: 'deploy' }
  const empty = {
    source: { ...source, directory: { recurse: false }, helm: { parameters: [] }, kustomize: {} },
    syncPolicy: { syncOptions: [] },
  }

  it('are no change, and are not written', () => {
    expect(names(plan({ current: [current(manifest('a', empty))], generated: [valid(manifest('a'))] })).unchanged).toEqual(['a'])
    expect(names(plan({ current: [current(manifest('a'))], generated: [valid(manifest('a', empty))] })).unchanged).toEqual(['a'])
    expect(plan({ generated: [valid(manifest('a', empty))] }).create).toEqual([valid(manifest('a'))])
    const sources = [source, { ...source, directory: {} }]
    expect(plan({ generated: [valid(manifest('a', { sources }))] }).create[0]?.manifest.spec.sources).toEqual([source, source])
  })

  it('are others than those that say that something is there', () => {
    const automated = manifest('a', { syncPolicy: { automated: {} }, source: { ...source, plugin: {} } })
    expect(plan({ generated: [valid(automated)] }).create).toEqual([valid(automated)])
    expect(names(plan({ current: [current(manifest('a'))], generated: [valid(automated)] })).update).toEqual(['a'])
  })
})

describe('fields that others own', () => {
  const live = current(
    manifest(
      'a',
      {},
      {
        annotations: { 'argocd.argoproj.io/refresh': 'hard', 'notified.notifications.argoproj.io': 'x', team: 'blue', other: 'x' },
        labels: { tier: 'gold', other: 'x' },
        finalizers: ['post-delete-finalizer.argocd.argoproj.io/cleanup', 'gone.example/x'],
      },
    ),
  )

  it('Argo CD keeps are kept, others go', () => {
    const [update] = plan({ current: [live], generated: [valid(manifest('a', {}, { finalizers: ['f'] }))] }).update
    expect(update?.manifest.metadata).toEqual({
      name: 'a',
      namespace: 'argocd',
      annotations: { 'argocd.argoproj.io/refresh': 'hard', 'notified.notifications.argoproj.io': 'x' },
      finalizers: ['f', 'post-delete-finalizer.argocd.argoproj.io/cleanup'],
    })
  })

  it('preservedFields names are kept at what they are', () => {
    const generated = [valid(manifest('a', {}, { annotations: { team: 'red' }, labels: { tier: 'silver', env: 'prod' } }))]
    const [update] = plan({
      current: [live],
      generated,
      preservedFields: { annotations: ['team', 'absent', 'constructor'], labels: ['tier'] },
    }).update
    expect(update?.manifest.metadata).toMatchObject({ annotations: { team: 'blue' }, labels: { tier: 'gold', env: 'prod' } })
    expect(Object.keys(update?.manifest.metadata.annotations ?? {}).toSorted()).toEqual([
      'argocd.argoproj.io/refresh',
      'notified.notifications.argoproj.io',
      'team',
    ])
  })
})

describe('clusters that come and go', () => {
  const invalid = { type: invalidSpec, status: 'True', reason: invalidSpec, message: 'no cluster', lastTransitionAtMs: 1 } as const
  const other = { type: 'ComparisonError', status: 'True', reason: 'x', message: 'y', lastTransitionAtMs: 1 } as const

  it('a cluster that was registered since is taken up, the condition goes, those of others stay', () => {
    const waiting = current(manifest('a'), { clusterId: null, status: { conditions: [invalid, other] } })
    expect(plan({ current: [waiting], generated: [valid(manifest('a'))] }).update).toEqual([
      { manifest: manifest('a'), clusterId: 'c-eu', conditions: [other] },
    ])
    expect(names(plan({ current: [waiting], generated: [valid(manifest('a'))], policy: 'create-only' })).update).toEqual(['a'])
  })

  it('the same condition at another time is no change', () => {
    const waiting = current(manifest('a'), { clusterId: null, status: { conditions: [invalid] } })
    const again = { manifest: manifest('a'), clusterId: null, conditions: [{ ...invalid, lastTransitionAtMs: 9 }] }
    expect(names(plan({ current: [waiting], generated: [again] })).unchanged).toEqual(['a'])
  })

  it('an application stays where it is while its new destination is no cluster', () => {
    const moved = { manifest: manifest('a', { destination: { name: 'typo' } }), clusterId: null, conditions: [invalid] }
    expect(names(plan({ current: [current(manifest('a'))], generated: [moved] }))).toMatchObject({ update: [], unchanged: ['a'] })
  })

  it('an application whose cluster was removed says so', () => {
    const orphan = { manifest: manifest('a'), clusterId: null, conditions: [invalid] }
    expect(plan({ current: [current(manifest('a'))], generated: [orphan] }).update).toEqual([orphan])
  })
})

describe('whatever there is', () => {
  const name = fc.constantFrom<string>('a', 'b', 'c', 'd', 'e')
  const make = (names_: readonly string[], namespace: string) =>
    names_.map((one) => manifest(one, { destination: { name: 'eu-1', namespace } }))
  const policy = fc.constantFrom<ApplicationsSync>('sync', 'create-only', 'create-update', 'create-delete')

  it('each application is in one list only, and doing it again changes nothing', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.uniqueArray(name), fc.constantFrom('x', 'y'), policy, (old, wanted, namespace, how) => {
        const generated = make(wanted, namespace).map((one) => valid(one))
        const input = { current: make(old, 'x').map((one) => current(one)), generated, policy: how }
        const changes = names(plan(input))
        const all = [...changes.create, ...changes.update, ...changes.unchanged, ...changes.remove]
        expect(new Set(all).size).toBe(all.length)
        expect(changes.remove.some((one) => wanted.includes(one))).toBe(false)
        const done = plan(input)
        const next = [...done.unchanged, ...done.apply.map((one) => current(one.manifest))]
        expect(plan({ ...input, current: next })).toMatchObject({ apply: [], remove: [] })
      }),
    )
  })
})
