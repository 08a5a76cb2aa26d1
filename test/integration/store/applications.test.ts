import { describe, expect, it } from 'vitest'
import type { Condition, ResourceStatus } from '../../../fleet/application.ts'
import {
  allPages,
  applied,
  changesOf,
  newApplication,
  newSet,
  newVersion,
  registered,
  rolloutState,
  started,
  unique,
  useStore,
} from './store-fixture.ts'

const fixture = useStore()

const invalid: Condition = {
  type: 'InvalidSpecError',
  status: 'True',
  reason: 'InvalidSpecError',
  message: 'no such cluster',
  lastTransitionAtMs: 5,
}
const deployment: ResourceStatus = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespace: 'web',
  name: 'web',
  sync: 'Synced',
  health: 'Healthy',
  message: '',
}

describe('applying applications', () => {
  it('creates, configures and leaves alone, and says which, in the order of the input', async () => {
    const { applications } = fixture.store
    const set = await newSet(fixture.store)
    const [a, b, c] = [unique('z'), unique('y'), unique('x')].map((name) => newApplication({ name, applicationSetId: set.id }))
    if (a === undefined || b === undefined || c === undefined) throw new Error('three')
    expect((await applications.applyAll([a, b])).map((result) => result.outcome)).toEqual(['created', 'created'])
    const moved = { ...b, manifest: { ...b.manifest, spec: { ...b.manifest.spec, destination: { name: 'us-east-1' } } } }
    const results = await applications.applyAll([c, moved, a])
    expect(results.map((result) => [result.application.name, result.outcome, result.application.generation])).toEqual([
      [c.name, 'created', 1],
      [b.name, 'configured', 2],
      [a.name, 'unchanged', 1],
    ])
    expect(await applications.ofSet(set.id)).toEqual(results.map((result) => result.application))
    expect(await applications.getByName(b.name)).toMatchObject({
      manifest: moved.manifest,
      deletion: null,
      pinGeneration: 0,
      wantedVersionId: null,
      syncRequest: null,
    })
  })

  it('makes a feed entry for each that changed', async () => {
    const [one, two] = [newApplication(), newApplication()]
    await fixture.store.applications.applyAll([one])
    expect(await changesOf(fixture.store, () => fixture.store.applications.applyAll([one, two]))).toEqual([
      `Application ${two.name} created`,
    ])
  })

  it('stores conditions without raising the generation, and keeps since when they say the same', async () => {
    const input = newApplication({ conditions: [invalid] })
    const first = await applied(fixture.store, input)
    expect(first.status.conditions).toEqual([invalid])
    const again = () => fixture.store.applications.applyAll([{ ...input, conditions: [{ ...invalid, lastTransitionAtMs: 99 }] }])
    expect(await changesOf(fixture.store, again)).toEqual([])
    expect((await fixture.store.applications.get(first.id))?.status.conditions).toEqual([invalid])
    const cleared = await fixture.store.applications.applyAll([{ ...input, conditions: [] }])
    expect(cleared).toMatchObject([{ outcome: 'unchanged', application: { generation: 1, status: { conditions: [] } } }])
  })

  it('takes no application over from another set, and then writes nothing', async () => {
    const mine = await newSet(fixture.store)
    const other = await newSet(fixture.store)
    const taken = await applied(fixture.store, { applicationSetId: other.id })
    const alone = await applied(fixture.store)
    const fresh = newApplication({ applicationSetId: mine.id })
    const input = [
      fresh,
      newApplication({ name: taken.name, applicationSetId: mine.id }),
      newApplication({ name: alone.name, applicationSetId: mine.id }),
    ]
    await expect(fixture.store.applications.applyAll(input)).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { names: expect.arrayContaining([taken.name, alone.name]) },
    })
    expect(await fixture.store.applications.getByName(fresh.name)).toBeNull()
    expect(await fixture.store.applications.getByName(taken.name)).toEqual(taken)
  })

  it('gives a name to one of two sets that want it at the same time', async () => {
    const [left, right] = [await newSet(fixture.store), await newSet(fixture.store)]
    for (let round = 0; round < 5; round += 1) {
      const name = unique('contested')
      const results = await Promise.allSettled(
        [left, right].map((set) => fixture.store.applications.applyAll([newApplication({ name, applicationSetId: set.id })])),
      )
      expect(results.map((result) => result.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    }
  })

  it('refuses a name that occurs twice, a set that is gone and a cluster that was removed', async () => {
    const gone = '11111111-1111-4111-8111-111111111111'
    const twice = newApplication()
    await expect(fixture.store.applications.applyAll([twice, twice])).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(twice.name),
    })
    await expect(applied(fixture.store, { applicationSetId: gone })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(applied(fixture.store, { clusterId: gone })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('expand again'),
    })
  })

  it('leaves one that is being deleted as it is', async () => {
    const application = await applied(fixture.store)
    await fixture.store.applications.markDeleted([application.id], 'cascade')
    const results = await fixture.store.applications.applyAll([
      { ...newApplication({ name: application.name }), manifest: { ...application.manifest, metadata: { name: 'other' } } },
    ])
    expect(results).toMatchObject([
      { outcome: 'unchanged', application: { deletion: 'cascade', manifest: application.manifest, generation: 2 } },
    ])
  })

  it('writes a fleet of 1,000 and its versions and status in bulk', { timeout: 20_000 }, async () => {
    const { applications } = fixture.store
    const set = await newSet(fixture.store)
    const input = Array.from({ length: 1_000 }, (_, index) => newApplication({ name: `fleet-${index}`, applicationSetId: set.id }))
    const made = await applications.applyAll(input)
    expect(new Set(made.map((result) => result.outcome))).toEqual(new Set(['created']))
    expect((await applications.applyAll(input)).every((result) => result.outcome === 'unchanged')).toBe(true)
    const ids = made.map((result) => result.application.id)
    await applications.putVersions(
      made.map(({ application }) => ({
        id: `v-${application.id}`,
        applicationId: application.id,
        spec: application.manifest.spec,
        revision: 'r',
        contentKey: 'k',
      })),
    )
    await applications.setWanted(ids.map((applicationId) => ({ applicationId, versionId: `v-${applicationId}`, observedGeneration: 1 })))
    await applications.recordStatus(
      ids.map((applicationId) => ({
        applicationId,
        status: { sync: 'Synced', health: 'Healthy', message: '', resources: [deployment], observedAtMs: 1 },
      })),
    )
    expect(await applications.countByStatus({ applicationSetId: set.id })).toEqual([{ sync: 'Synced', health: 'Healthy', count: 1_000 }])
  })
})

describe('versions', () => {
  it('are immutable, and those of removed applications are dropped', async () => {
    const { applications } = fixture.store
    const application = await applied(fixture.store)
    const version = {
      id: unique('version'),
      applicationId: application.id,
      spec: application.manifest.spec,
      revision: 'a',
      contentKey: 'k',
    }
    await applications.putVersions([version])
    await applications.putVersions([
      { ...version, revision: 'b' },
      { ...version, id: unique('version'), applicationId: '11111111-1111-4111-8111-111111111111' },
    ])
    expect(await applications.versions([version.id, 'unknown'])).toEqual([version])
  })

  it('that are wanted are remembered with the generation, and show OutOfSync until they are pinned', async () => {
    const { applications } = fixture.store
    const application = await applied(fixture.store)
    const version = await newVersion(fixture.store, application, 'a')
    await applications.recordStatus([
      { applicationId: application.id, status: { sync: 'Synced', health: 'Healthy', message: '', resources: [], observedAtMs: 1 } },
    ])
    const want = () => applications.setWanted([{ applicationId: application.id, versionId: version, observedGeneration: 1 }])
    expect(await changesOf(fixture.store, want)).toEqual([`Application ${application.name} updated`])
    expect(await applications.get(application.id)).toMatchObject({
      wantedVersionId: version,
      observedGeneration: 1,
      status: { sync: 'OutOfSync', health: 'Healthy' },
    })
    expect(await changesOf(fixture.store, want)).toEqual([])

    await applications.pin(application.id, version, null)
    await applications.recordStatus([
      { applicationId: application.id, status: { sync: 'Synced', health: 'Healthy', message: '', resources: [], observedAtMs: 2 } },
    ])
    await want()
    expect(await applications.get(application.id)).toMatchObject({ status: { sync: 'Synced' } })
  })

  it('stay when resolution failed; the condition says so', async () => {
    const { applications } = fixture.store
    const application = await applied(fixture.store)
    const version = await newVersion(fixture.store, application, 'a')
    await applications.setWanted([{ applicationId: application.id, versionId: version, observedGeneration: 1 }])
    const fail = () => applications.setConditions(application.id, [invalid], 1)
    expect(await changesOf(fixture.store, fail)).toHaveLength(1)
    expect(await changesOf(fixture.store, fail)).toEqual([])
    expect(await applications.get(application.id)).toMatchObject({ wantedVersionId: version, status: { conditions: [invalid] } })
  })
})

describe('the pin', () => {
  it('raises its generation when it moves, and only then', async () => {
    const { applications } = fixture.store
    const application = await applied(fixture.store)
    const [a, b] = [await newVersion(fixture.store, application, 'a'), await newVersion(fixture.store, application, 'b')]
    expect(await applications.pin(application.id, a, null)).toBe(1)
    expect(await changesOf(fixture.store, () => applications.pin(application.id, a, null))).toEqual([])
    expect(await applications.pin(application.id, b, null)).toBe(2)
    expect(await applications.get(application.id)).toMatchObject({ pinnedVersionId: b, pinGeneration: 2 })
  })

  it('is moved by the rollout that holds the set, and by no other', async () => {
    const { applications, rollouts } = fixture.store
    const [set, other] = [await newSet(fixture.store), await newSet(fixture.store)]
    const application = await applied(fixture.store, { applicationSetId: set.id })
    const [a, b] = [await newVersion(fixture.store, application, 'a'), await newVersion(fixture.store, application, 'b')]
    const [holder, stranger] = [await started(fixture.store, set.id), await started(fixture.store, other.id)]
    expect(await applications.pin(application.id, a, holder.id)).toBe(1)
    await expect(applications.pin(application.id, b, stranger.id)).rejects.toMatchObject({ code: 'FENCED' })
    await rollouts.save(holder.id, 1, rolloutState('Paused'), [])
    expect(await applications.pin(application.id, b, holder.id)).toBe(2)
    await rollouts.save(holder.id, 2, rolloutState('Aborted'), [])
    await expect(applications.pin(application.id, a, holder.id)).rejects.toMatchObject({ code: 'FENCED' })
    expect(await applications.get(application.id)).toMatchObject({ pinnedVersionId: b, pinGeneration: 2 })
  })

  it('of an application by itself is not moved by any rollout', async () => {
    const set = await newSet(fixture.store)
    const application = await applied(fixture.store)
    const version = await newVersion(fixture.store, application, 'a')
    const rollout = await started(fixture.store, set.id)
    await expect(fixture.store.applications.pin(application.id, version, rollout.id)).rejects.toMatchObject({ code: 'FENCED' })
  })

  it('stays when the application is being deleted', async () => {
    const application = await applied(fixture.store)
    const version = await newVersion(fixture.store, application, 'a')
    await fixture.store.applications.markDeleted([application.id], 'cascade')
    await expect(fixture.store.applications.pin(application.id, version, null)).rejects.toMatchObject({ code: 'FENCED' })
  })

  it('goes to versions of its own application only', async () => {
    const [one, two] = [await applied(fixture.store), await applied(fixture.store)]
    const version = await newVersion(fixture.store, one, 'a')
    await expect(fixture.store.applications.pin(two.id, version, null)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('counts every move when many move it at the same time', async () => {
    const { applications } = fixture.store
    const application = await applied(fixture.store)
    const versions = await Promise.all(Array.from({ length: 10 }, (_, index) => newVersion(fixture.store, application, `r${index}`)))
    const generations = await Promise.all(versions.map((version) => applications.pin(application.id, version, null)))
    expect(generations.toSorted((a, b) => a - b)).toEqual(versions.map((_, index) => index + 1))
  })

  it('fences what was synced for an earlier one', async () => {
    const { applications } = fixture.store
    const application = await applied(fixture.store)
    const [a, b] = [await newVersion(fixture.store, application, 'a'), await newVersion(fixture.store, application, 'b')]
    const first = await applications.pin(application.id, a, null)
    const second = await applications.pin(application.id, b, null)
    await expect(applications.recordSynced(application.id, first, { versionId: a, revision: 'a', atMs: 1 })).rejects.toMatchObject({
      code: 'FENCED',
    })
    await applications.recordSynced(application.id, second, { versionId: b, revision: 'b', atMs: 2 })
    expect(await applications.get(application.id)).toMatchObject({ syncedVersionId: b, status: { revision: 'b', syncedAtMs: 2 } })
  })
})

describe('a sync by hand', () => {
  it('is open until something was synced after it was asked for', async () => {
    const { applications } = fixture.store
    const application = await applied(fixture.store)
    const version = await newVersion(fixture.store, application, 'a')
    const generation = await applications.pin(application.id, version, null)
    expect((await applications.requestSync(application.id, 'ann', 100)).syncRequest).toEqual({ by: 'ann', atMs: 100 })
    await applications.recordSynced(application.id, generation, { versionId: version, revision: 'a', atMs: 99 })
    expect((await applications.get(application.id))?.syncRequest).not.toBeNull()
    expect(
      await changesOf(fixture.store, () =>
        applications.recordSynced(application.id, generation, { versionId: version, revision: 'a', atMs: 101 }),
      ),
    ).toHaveLength(1)
    expect((await applications.get(application.id))?.syncRequest).toBeNull()
  })

  it('makes an application lag, as does a spec of its own that nobody has looked at', async () => {
    const { applications } = fixture.store
    const set = await newSet(fixture.store)
    const [alone, ofSet, asked] = [
      await applied(fixture.store),
      await applied(fixture.store, { applicationSetId: set.id }),
      await applied(fixture.store, { applicationSetId: set.id }),
    ]
    await applications.requestSync(asked.id, 'ann', 1)
    const lagging = async () => (await applications.lagging()).map((application) => application.id)
    expect(await lagging()).toEqual(expect.arrayContaining([alone.id, asked.id]))
    expect(await lagging()).not.toContain(ofSet.id)
    await applications.setConditions(alone.id, [], 1)
    expect(await lagging()).not.toContain(alone.id)
  })
})

describe('what was observed of applications', () => {
  const status = { sync: 'Synced', health: 'Healthy', message: '', resources: [deployment], observedAtMs: 100 } as const

  it('makes a feed entry when it differs, not because time passed', async () => {
    const { applications } = fixture.store
    const { id: applicationId, name } = await applied(fixture.store)
    const record = (change: object) =>
      changesOf(fixture.store, () => applications.recordStatus([{ applicationId, status: { ...status, ...change } }]))
    expect(await record({})).toEqual([`Application ${name} updated`])
    expect(await record({ observedAtMs: 200 })).toEqual([])
    expect((await applications.get(applicationId))?.status).toMatchObject({ ...status, observedAtMs: 200 })
    expect(await record({ observedAtMs: 300, resources: [{ ...deployment, health: 'Degraded' }] })).toHaveLength(1)
  })

  it('is not replaced by something older, from the same batch or an earlier one', async () => {
    const { applications } = fixture.store
    const { id: applicationId } = await applied(fixture.store)
    await applications.recordStatus([
      { applicationId, status: { ...status, message: 'new', observedAtMs: 200 } },
      { applicationId, status: { ...status, message: 'old', observedAtMs: 100 } },
    ])
    await applications.recordStatus([{ applicationId, status: { ...status, message: 'late', observedAtMs: 199 } }])
    expect((await applications.get(applicationId))?.status).toMatchObject({ message: 'new', observedAtMs: 200 })
  })

  it('may hold characters that PostgreSQL does not store', async () => {
    const { applications } = fixture.store
    const { id: applicationId } = await applied(fixture.store)
    const odd = 'a\0b\ud800c\\u0000'
    await applications.recordStatus([{ applicationId, status: { ...status, message: odd, resources: [{ ...deployment, message: odd }] } }])
    const shown = 'a\ufffdb\ufffdc\\u0000'
    expect((await applications.get(applicationId))?.status).toMatchObject({ message: shown, resources: [{ message: shown }] })
  })

  it('of applications that are gone is dropped', async () => {
    await fixture.store.applications.recordStatus([{ applicationId: '11111111-1111-4111-8111-111111111111', status }])
  })

  it('does not deadlock when batches overlap', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, async () => (await applied(fixture.store)).id))
    const batch = (order: readonly string[], atMs: number) =>
      fixture.store.applications.recordStatus(
        order.map((applicationId) => ({ applicationId, status: { ...status, message: `${atMs}`, observedAtMs: atMs } })),
      )
    await Promise.all(Array.from({ length: 10 }, (_, index) => batch(index % 2 === 0 ? ids : ids.toReversed(), index)))
    for (const id of ids) expect((await fixture.store.applications.get(id))?.status.message).toBe('9')
  })
})

describe('lists of applications', () => {
  it('are filtered by set, cluster, cluster labels, status and name', async () => {
    const { applications } = fixture.store
    const wave = unique('wave')
    const set = await newSet(fixture.store)
    const eu = await registered(fixture.store, { labels: { wave, region: 'eu-west' } })
    const us = await registered(fixture.store, { labels: { wave, region: 'us-east' } })
    const inEu = await applied(fixture.store, { name: unique('eu_app'), clusterId: eu.id, applicationSetId: set.id })
    const inUs = await applied(fixture.store, { name: unique('us-app'), clusterId: us.id, applicationSetId: set.id })
    await applications.recordStatus([
      { applicationId: inUs.id, status: { sync: 'OutOfSync', health: 'Degraded', message: '', resources: [], observedAtMs: 1 } },
    ])
    const names = async (filter: Parameters<typeof applications.page>[0]) =>
      (await applications.page(filter, { first: 10 })).items.map((item) => item.node.name)
    expect(await names({ applicationSetId: set.id })).toEqual([inEu.name, inUs.name])
    expect(await names({ clusterId: eu.id })).toEqual([inEu.name])
    expect(await names({ clusterLabels: { wave, region: 'us-east' } })).toEqual([inUs.name])
    expect(await names({ clusterLabels: { wave, region: 'ap-south' } })).toEqual([])
    expect(await names({ applicationSetId: set.id, health: 'Degraded', sync: 'OutOfSync' })).toEqual([inUs.name])
    expect(await names({ applicationSetId: set.id, nameContains: 'US-' })).toEqual([inUs.name])
    expect(await names({ applicationSetId: set.id, nameContains: '_' })).toEqual([inEu.name])
    expect(await names({ applicationSetId: 'no-uuid' })).toEqual([])
    expect(await applications.countByStatus({ clusterLabels: { wave } })).toEqual([
      { sync: 'OutOfSync', health: 'Degraded', count: 1 },
      { sync: 'Unknown', health: 'Unknown', count: 1 },
    ])
  })

  it('come in pages that hold each once', async () => {
    const set = await newSet(fixture.store)
    const input = Array.from({ length: 7 }, () => newApplication({ applicationSetId: set.id }))
    await fixture.store.applications.applyAll(input)
    const filter = { applicationSetId: set.id }
    const nodes = await allPages(3, (request) => fixture.store.applications.page(filter, request))
    expect(nodes.map((application) => application.name)).toEqual(input.map((application) => application.name))
    expect((await fixture.store.applications.page(filter, { first: 3 })).totalCount).toBe(7)
  })
})

describe('deleting applications', () => {
  it('is a wish first: the generation rises once for each mode', async () => {
    const { applications } = fixture.store
    const [one, two] = [await applied(fixture.store), await applied(fixture.store)]
    const mark = () => applications.markDeleted([one.id, 'no-uuid'], 'cascade')
    expect(await changesOf(fixture.store, mark)).toEqual([`Application ${one.name} updated`])
    expect(await changesOf(fixture.store, mark)).toEqual([])
    expect(await applications.get(one.id)).toMatchObject({ deletion: 'cascade', generation: 2 })
    const deleted = (await applications.deleted()).map((application) => application.id)
    expect(deleted).toContain(one.id)
    expect(deleted).not.toContain(two.id)
  })

  it('takes the row and its versions away, and may be done twice', async () => {
    const application = await applied(fixture.store)
    const version = await newVersion(fixture.store, application, 'a')
    expect(await changesOf(fixture.store, () => fixture.store.applications.remove(application.id))).toEqual([
      `Application ${application.name} deleted`,
    ])
    await fixture.store.applications.remove(application.id)
    expect(await fixture.store.applications.get(application.id)).toBeNull()
    expect(await fixture.store.applications.versions([version])).toEqual([])
  })
})

describe('reading many applications at once', () => {
  const source = (repoURL: string, targetRevision?: string) => ({
    project: 'default',
    source: { repoURL, path: '.', ...(targetRevision === undefined ? {} : { targetRevision }) },
    destination: { name: 'eu-west-1' },
  })
  const reading = (repoURL: string, applicationSetId: string | null, targetRevision?: string) => {
    const name = unique('reads')
    return newApplication({ name, applicationSetId, manifest: { metadata: { name }, spec: source(repoURL, targetRevision) } })
  }

  it('by name gives those that there are, whoever they belong to', async () => {
    const { applications } = fixture.store
    const set = await newSet(fixture.store)
    const made = [await applied(fixture.store), await applied(fixture.store, { applicationSetId: set.id })]
    const found = await applications.manyByName([...made.map(({ name }) => name), unique('nobody'), "'; drop"])
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(made.map(({ id }) => id)))
    expect(await applications.manyByName([])).toEqual([])
  })

  it('says which repositories sets and applications by themselves read: each set, spelling and revision once', async () => {
    const { applications } = fixture.store
    const set = await newSet(fixture.store)
    const urls = [unique('https://git.example/a'), unique('https://git.example/b')] as const
    const results = await applications.applyAll([
      reading(urls[0], set.id),
      reading(urls[0], set.id),
      reading(urls[1], set.id, 'v1'),
      reading(urls[0], null),
      newApplication({ applicationSetId: set.id }),
    ])
    const alone = results[3]?.application.id ?? null
    const uses = (await applications.repositoryUses()).filter(({ repoUrl }) => urls.some((url) => url === repoUrl))
    expect(uses).toHaveLength(3)
    expect(uses).toEqual(
      expect.arrayContaining([
        { applicationSetId: set.id, applicationId: null, repoUrl: urls[0], revision: '' },
        { applicationSetId: set.id, applicationId: null, repoUrl: urls[1], revision: 'v1' },
        { applicationSetId: null, applicationId: alone, repoUrl: urls[0], revision: '' },
      ]),
    )
  })
})
