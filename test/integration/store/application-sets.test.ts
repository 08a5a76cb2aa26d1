import { describe, expect, it } from 'vitest'
import type { Condition } from '../../../fleet/application.ts'
import type { HeldDeletion } from '../../../fleet/application-set.ts'
import { allPages, applied, changesOf, newRollout, newSet, registered, started, unique, useStore } from './store-fixture.ts'

const fixture = useStore()

const upToDate: Condition = {
  type: 'ResourcesUpToDate',
  status: 'True',
  reason: 'ApplicationSetUpToDate',
  message: '',
  lastTransitionAtMs: 5,
}
const held: HeldDeletion = { digest: 'digest-1', applicationNames: ['a', 'b'], reason: 'more than 10 %', heldAtMs: 1 }
const seen = { generation: 1, conditions: [upToDate], heldDeletion: null, expandedAtMs: null }

describe('applying an ApplicationSet', () => {
  it('creates it, replaces what changed, and keeps the generation of unchanged content', async () => {
    const { applicationSets } = fixture.store
    const name = unique('set')
    const spec = { generators: [{ list: { elements: [{ b: 1, a: 2 }] } }], template: { metadata: { name: '{{a}}' } } }
    const created = await applicationSets.apply({ name, labels: { team: 'web' } }, spec, 'ann')
    expect(created).toMatchObject({
      outcome: 'created',
      set: { name, spec, generation: 1, observedGeneration: 0, lastChangedBy: 'ann', deletion: null },
    })
    expect(await applicationSets.get(created.set.id)).toEqual(created.set)
    expect(await applicationSets.getByName(name)).toEqual(created.set)

    const reordered = { template: spec.template, generators: [{ list: { elements: [{ a: 2, b: 1 }] } }] }
    expect(await changesOf(fixture.store, () => applicationSets.apply({ name, labels: { team: 'web' } }, reordered, 'bob'))).toEqual([])
    expect(await applicationSets.apply({ name, labels: { team: 'web' } }, reordered, 'bob')).toEqual({
      outcome: 'unchanged',
      set: created.set,
    })

    const changed = await applicationSets.apply({ name, labels: { team: 'api' } }, spec, 'bob')
    expect(changed).toMatchObject({
      outcome: 'configured',
      set: { id: created.set.id, generation: 2, lastChangedBy: 'bob', metadata: { labels: { team: 'api' } } },
    })
    expect(await applicationSets.pass(created.set.id)).toEqual({ wantedPass: 2, observedPass: 0 })
  })

  it('writes what changes nothing for its applications without a new generation', async () => {
    const { applicationSets } = fixture.store
    const name = unique('set')
    const spec = { generators: [], template: {} }
    const annotations = { 'argocd.argoproj.io/application-set-refresh': 'true' }
    const { set } = await applicationSets.apply({ name, annotations }, spec, 'ann')
    expect(await applicationSets.apply({ name }, spec, 'bob')).toMatchObject({
      outcome: 'configured',
      set: { generation: 1, metadata: { name }, lastChangedBy: 'bob' },
    })
    expect(await applicationSets.pass(set.id)).toEqual({ wantedPass: 1, observedPass: 0 })
  })

  it('is refused while it is being deleted', async () => {
    const set = await newSet(fixture.store)
    expect(await fixture.store.applicationSets.markDeleted(set.id, 'cascade')).toMatchObject({ deletion: 'cascade', generation: 2 })
    await expect(newSet(fixture.store, set.name)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('is being deleted'),
    })
  })
})

describe('passes of the reconciler', () => {
  it('lag until the wanted one and the generation were seen', async () => {
    const { applicationSets } = fixture.store
    const set = await newSet(fixture.store)
    expect(await applicationSets.lagging()).toContain(set.id)
    await applicationSets.recordPass(set.id, { ...seen, pass: 1 })
    expect(await applicationSets.lagging()).not.toContain(set.id)
    expect(await applicationSets.touch([set.id, 'no-uuid', '11111111-1111-4111-8111-111111111111'])).toEqual([set.id])
    expect(await applicationSets.lagging()).toContain(set.id)
    await applicationSets.recordPass(set.id, { ...seen, pass: 2 })
    await applicationSets.apply({ name: set.name }, { generators: [{ clusters: {} }], template: {} }, 'ann')
    await applicationSets.recordPass(set.id, { ...seen, pass: 3 })
    expect(await applicationSets.lagging()).toContain(set.id)
  })

  it('are asked for of all sets when something changed that any may read', async () => {
    const [one, two] = [await newSet(fixture.store), await newSet(fixture.store)]
    expect(await fixture.store.applicationSets.touch(null)).toEqual(expect.arrayContaining([one.id, two.id]))
    expect(await fixture.store.applicationSets.pass(two.id)).toEqual({ wantedPass: 2, observedPass: 0 })
  })

  it('lose no wish when many touch at the same time', async () => {
    const sets = await Promise.all(Array.from({ length: 5 }, () => newSet(fixture.store)))
    const ids = sets.map((set) => set.id)
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => fixture.store.applicationSets.touch(index % 2 === 0 ? ids : ids.toReversed())),
    )
    for (const id of ids) expect((await fixture.store.applicationSets.pass(id)).wantedPass).toBe(11)
  })

  it('store what they saw; an older one changes nothing', async () => {
    const { applicationSets } = fixture.store
    const set = await newSet(fixture.store)
    await applicationSets.recordPass(set.id, { ...seen, pass: 5, heldDeletion: held, expandedAtMs: 50 })
    expect(await applicationSets.get(set.id)).toMatchObject({
      observedGeneration: 1,
      conditions: [upToDate],
      heldDeletion: held,
      expandedAtMs: 50,
    })
    await applicationSets.recordPass(set.id, { ...seen, pass: 4, conditions: [] })
    expect(await applicationSets.get(set.id)).toMatchObject({ conditions: [upToDate], heldDeletion: held })
  })

  it('that failed keep when the last complete expansion was made', async () => {
    const set = await newSet(fixture.store)
    await fixture.store.applicationSets.recordPass(set.id, { ...seen, pass: 1, expandedAtMs: 50 })
    await fixture.store.applicationSets.recordPass(set.id, { ...seen, pass: 2, expandedAtMs: null })
    expect((await fixture.store.applicationSets.get(set.id))?.expandedAtMs).toBe(50)
  })

  it('make a feed entry when they saw something new', async () => {
    const { applicationSets } = fixture.store
    const set = await newSet(fixture.store)
    const pass = (n: number, change: object) =>
      changesOf(fixture.store, () => applicationSets.recordPass(set.id, { ...seen, pass: n, ...change }))
    expect(await pass(1, {})).toEqual([`ApplicationSet ${set.name} updated`])
    expect(await pass(2, { conditions: [{ ...upToDate, lastTransitionAtMs: 99 }], expandedAtMs: 7 })).toEqual([])
    expect((await applicationSets.get(set.id))?.conditions).toEqual([upToDate])
    expect(await pass(3, { conditions: [{ ...upToDate, status: 'False', message: 'x' }] })).toHaveLength(1)
  })
})

describe('a transaction that writes applications', () => {
  it('holds up neither touches of their set nor observations of their cluster', async () => {
    const set = await newSet(fixture.store)
    const cluster = await registered(fixture.store)
    await fixture.query('begin')
    await fixture.query(
      `insert into applications (name, application_set_id, cluster_id, manifest, conditions, created_at_ms) values ($1, $2, $3, '{}', '[]', 1)`,
      [unique('app'), set.id, cluster.id],
    )
    await fixture.store.applicationSets.touch([set.id])
    await fixture.store.applicationSets.recordPass(set.id, { ...seen, pass: 1 })
    await fixture.store.clusters.recordConnection(cluster.id, { ...cluster.connection, attemptedAtMs: 2_000 }, 1)
    await fixture.store.rollouts.create(newRollout(set.id))
    await fixture.query('rollback')
  })
})

describe('confirming a held deletion', () => {
  it('asks for a pass, stays while that deletion is held, and is used up with it', async () => {
    const { applicationSets } = fixture.store
    const set = await newSet(fixture.store)
    await applicationSets.recordPass(set.id, { ...seen, pass: 1, heldDeletion: held })
    await applicationSets.confirmDeletion(set.id, held.digest, 'ann')
    expect(await applicationSets.confirmedDeletion(set.id)).toBe(held.digest)
    expect(await applicationSets.lagging()).toContain(set.id)
    // A pass that had begun before still holds it.
    await applicationSets.recordPass(set.id, { ...seen, pass: 1, heldDeletion: held })
    expect(await applicationSets.confirmedDeletion(set.id)).toBe(held.digest)
    await applicationSets.recordPass(set.id, { ...seen, pass: 2 })
    expect(await applicationSets.confirmedDeletion(set.id)).toBeNull()
  })

  it('is void when by then another deletion is held', async () => {
    const set = await newSet(fixture.store)
    await fixture.store.applicationSets.confirmDeletion(set.id, 'digest-1', 'ann')
    await fixture.store.applicationSets.recordPass(set.id, { ...seen, pass: 2, heldDeletion: { ...held, digest: 'digest-2' } })
    expect(await fixture.store.applicationSets.confirmedDeletion(set.id)).toBeNull()
  })
})

describe('unblocking an ApplicationSet', () => {
  it('remembers which rollout, and asks for a pass', async () => {
    const { applicationSets } = fixture.store
    const set = await newSet(fixture.store)
    const rollout = await started(fixture.store, set.id)
    expect(await applicationSets.unblock(set.id, rollout.id, 'ann')).toMatchObject({ unblockedRolloutId: rollout.id })
    expect((await applicationSets.pass(set.id)).wantedPass).toBe(2)
  })

  it('refuses the rollout of another set', async () => {
    const [set, other] = [await newSet(fixture.store), await newSet(fixture.store)]
    const rollout = await started(fixture.store, other.id)
    await expect(fixture.store.applicationSets.unblock(set.id, rollout.id, 'ann')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('removing an ApplicationSet', () => {
  it('waits for its applications, and keeps its rollouts for whoever asks later', async () => {
    const { applicationSets, applications, rollouts } = fixture.store
    const set = await newSet(fixture.store)
    const application = await applied(fixture.store, { applicationSetId: set.id })
    const rollout = await started(fixture.store, set.id)
    await expect(applicationSets.remove(set.id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('1 application'),
    })
    await applications.remove(application.id)
    expect(await changesOf(fixture.store, () => applicationSets.remove(set.id))).toEqual([`ApplicationSet ${set.name} deleted`])
    await applicationSets.remove(set.id)
    expect(await applicationSets.get(set.id)).toBeNull()
    expect(await rollouts.get(rollout.id)).toMatchObject({ applicationSetName: set.name })
  })
})

describe('pages of ApplicationSets', () => {
  it('hold each once, in the order of names', async () => {
    const all = (await fixture.store.applicationSets.all()).map((set) => set.id)
    const paged = await allPages(2, (request) => fixture.store.applicationSets.page(request))
    expect(paged.map((set) => set.id)).toEqual(all)
    expect((await fixture.store.applicationSets.page({ first: 1 })).totalCount).toBe(all.length)
  })
})
