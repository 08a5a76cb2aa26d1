import { describe, expect, it } from 'vitest'
import { welcomeNewcomers } from '../../../activities/newcomers.ts'
import type { Condition } from '../../../fleet/application.ts'
import type { ApplicationSetSpec } from '../../../fleet/application-set.ts'
import { generatorEnvironment } from '../../../server/generator-environment.ts'
import { registered, unique, useStore } from './store-fixture.ts'

const db = useStore()

const template = (name: string, project = 'default') => ({
  metadata: { name },
  spec: {
    project,
    source: { repoURL: 'https://git.example.com/web', path: 'web' },
    destination: { server: '{{ .server }}', namespace: 'web' },
  },
})

/** A set over the clusters of one fleet that was gone through a moment ago. */
async function passed(fleet: string, change: Partial<ApplicationSetSpec> = {}, conditions: readonly Condition[] = []) {
  const { store } = db
  const spec: ApplicationSetSpec = {
    goTemplate: true,
    generators: [{ clusters: { selector: { matchLabels: { fleet } } } }],
    template: template('web-{{ .name }}'),
    ...change,
  }
  const { set } = await store.applicationSets.apply({ name: unique('set') }, spec, 'ann')
  const { wantedPass } = await store.applicationSets.pass(set.id)
  const seen = { pass: wantedPass, generation: set.generation, conditions, heldDeletion: null, expandedAtMs: db.nowMs }
  await store.applicationSets.recordPass(set.id, seen)
  db.nowMs += 1_000
  return set.id
}

async function welcome(setId: string, store = db.store) {
  const { nowMs } = db
  const set = await store.applicationSets.get(setId)
  if (set === null) throw new Error('no set')
  const nobody = {} as never
  const sources = {
    scm: nobody,
    readConfigMap: nobody,
    hub: nobody,
    scmPolicy: { enabled: true, allowedApis: [] },
    gitFileGlobbing: 'pathspec',
  } as const
  const deps = { store, gateway: nobody, repositories: nobody, hints: nobody, sources, nowMs: () => nowMs }
  await welcomeNewcomers({ ...deps, generatorEnvironment: generatorEnvironment() }, set)
  return (await store.applications.ofSet(setId)).map(({ name, clusterId }) => ({ name, clusterId }))
}

const joining = (fleet: string) => registered(db.store, { name: unique('cluster'), labels: { fleet } })

describe('a cluster that joins', () => {
  it('has its application before the whole set is gone through', async () => {
    const fleet = unique('fleet')
    const setId = await passed(fleet)
    const cluster = await joining(fleet)
    await joining('another')
    const one = { name: `web-${cluster.name}`, clusterId: cluster.id }
    expect(await welcome(setId)).toEqual([one])
    expect(await welcome(setId)).toEqual([one])
  })

  it('has it as the whole pass writes it, without what says nothing', async () => {
    const fleet = unique('fleet')
    const { metadata, spec } = template('web-{{ .name }}')
    const setId = await passed(fleet, { template: { metadata, spec: { ...spec, syncPolicy: {} } } })
    await joining(fleet)
    await welcome(setId)
    const [application] = await db.store.applications.ofSet(setId)
    expect(application?.manifest.spec).not.toHaveProperty('syncPolicy')
  })

  it('takes no name that somebody has, and changes nothing there', async () => {
    const fleet = unique('fleet')
    const name = unique('web')
    const first = await passed(fleet, { template: template(name) })
    const older = await joining(fleet)
    expect(await welcome(first)).toEqual([{ name, clusterId: older.id }])
    await joining(fleet)
    expect(await welcome(first)).toEqual([{ name, clusterId: older.id }])
    expect(await welcome(await passed(fleet, { template: template(name) }))).toEqual([])
  })

  it('leaves it to the whole pass when another set takes the name at that moment', async () => {
    const fleet = unique('fleet')
    const [first, second] = [await passed(fleet), await passed(fleet)]
    await joining(fleet)
    const { applications } = db.store
    let taken: unknown
    const manyByName: typeof applications.manyByName = async (names) => {
      const before = await applications.manyByName(names)
      taken = await welcome(first)
      return before
    }
    expect(await welcome(second, { ...db.store, applications: { ...applications, manyByName } })).toEqual([])
    expect(taken).toHaveLength(1)
  })

  it('waits for the whole pass where two of them would have the same name', async () => {
    const fleet = unique('fleet')
    const setId = await passed(fleet, { template: template(unique('web')) })
    await joining(fleet)
    await joining(fleet)
    expect(await welcome(setId)).toEqual([])
  })

  it.each([
    ['its project does not permit it', { template: template('web-{{ .name }}', 'nowhere') }],
    ['all clusters count together', { generators: [{ clusters: { flatList: true } }] }],
    ['its template fails', { template: template('web-{{ .name | nothing }}') }],
  ])('waits for the whole pass when %s', async (_, change) => {
    const fleet = unique('fleet')
    const setId = await passed(fleet, change)
    await joining(fleet)
    expect(await welcome(setId)).toEqual([])
  })

  it('waits for the whole pass when the last one could not see everything: too many applications, it may be', async () => {
    const fleet = unique('fleet')
    const stale = {
      type: 'ExpansionStale',
      status: 'True',
      reason: 'GeneratorsIncomplete',
      message: 'too many',
      lastTransitionAtMs: 1,
    } as const
    const setId = await passed(fleet, {}, [stale])
    await joining(fleet)
    expect(await welcome(setId)).toEqual([])
  })

  it('waits for the whole pass when the set has changed, or never was gone through', async () => {
    const fleet = unique('fleet')
    const setId = await passed(fleet)
    const set = await db.store.applicationSets.get(setId)
    await joining(fleet)
    await db.store.applicationSets.apply(
      { name: set?.name ?? '' },
      { ...(set?.spec as ApplicationSetSpec), template: template('b-{{ .name }}') },
      'ann',
    )
    expect(await welcome(setId)).toEqual([])
    const { set: fresh } = await db.store.applicationSets.apply({ name: unique('set') }, set?.spec as ApplicationSetSpec, 'ann')
    expect(await welcome(fresh.id)).toEqual([])
  })
})
