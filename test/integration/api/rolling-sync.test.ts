import { MockActivityEnvironment } from '@temporalio/testing'
import { describe, expect, it } from 'vitest'
import type { ActivityDependencies } from '../../../activities/dependencies.ts'
import type { ReconcileResult } from '../../../activities/entity-activities.ts'
import { reconcileActivities } from '../../../activities/reconcile-application-set.ts'
import type { ApplicationSetSpec } from '../../../fleet/application-set.ts'
import { planRollout } from '../../../fleet/rollout/plan-rollout.ts'
import { startRollout } from '../../../fleet/rollout/start.ts'
import { applied, newRollout, newVersion, registered, unique } from '../store/store-fixture.ts'
import { useApi } from './api-fixture.ts'

const api = useApi()

const step = (env: string) => ({ matchExpressions: [{ key: 'env', operator: 'In', values: [env] }] })
const rolling = { type: 'RollingSync', rollingSync: { steps: [step('dev'), step('prod')] } } as const

async function newSet(strategy?: ApplicationSetSpec['strategy']) {
  const spec = { generators: [], template: {}, ...(strategy === undefined ? {} : { strategy }) }
  return (await api.db.store.applicationSets.apply({ name: unique('set') }, spec, 'ann')).set
}

async function newApplication(applicationSetId: string, env: string) {
  const name = unique(`web-${env}`)
  const cluster = await registered(api.db.store, { name: unique('cluster') })
  const spec = { project: 'default', destination: { name: cluster.name } }
  return applied(api.db.store, {
    name,
    applicationSetId,
    clusterId: cluster.id,
    manifest: { metadata: { name, labels: { env } }, spec },
  })
}

describe('applicationStatuses', () => {
  const query = `query($name: String!, $first: Int) { applicationSet(name: $name) { applicationStatuses(first: $first) {
    totalCount pageInfo { hasNextPage } edges { node { application step status message targetRevisions } } } } }`

  it('says in the terms of Argo CD where the applications of a rollout stand', async () => {
    const { store } = api.db
    const set = await newSet(rolling)
    const applications = [await newApplication(set.id, 'dev'), await newApplication(set.id, 'prod'), await newApplication(set.id, 'other')]
    const targets = []
    for (const application of applications) {
      const versionId = await newVersion(store, application, 'c'.repeat(40))
      await store.applications.setWanted([{ applicationId: application.id, versionId, observedGeneration: 1 }])
      targets.push({
        applicationId: application.id,
        applicationName: application.name,
        clusterId: 'c',
        clusterName: 'c',
        clusterLabels: {},
        applicationLabels: application.manifest.metadata.labels ?? {},
        fromVersionId: null,
        toVersionId: versionId,
      })
    }
    const { value: plan } = planRollout({ strategy: rolling, targets, allClusters: [], digest: () => 'digest' })
    if (plan === null) throw new Error('no plan')
    await store.rollouts.create({ ...newRollout(set.id), plan, state: startRollout(plan, 1) })
    const { data } = await api.ask(query, { name: set.name, first: 50 })
    const { edges, totalCount } = data.applicationSet.applicationStatuses
    expect(totalCount).toBe(3)
    const revision = 'c'.repeat(40)
    const [dev, prod, other] = applications.map(({ name }) => name)
    expect(edges.map((edge: { node: object }) => edge.node)).toEqual([
      { application: dev, step: '1', status: 'Waiting', message: 'waits for its turn', targetRevisions: [revision] },
      { application: other, step: '-1', status: 'Waiting', message: 'no step selects it', targetRevisions: [revision] },
      { application: prod, step: '2', status: 'Waiting', message: 'waits for its turn', targetRevisions: [revision] },
    ])
    const status = `query($name: String!, $max: Int!) { applicationSet(name: $name) { status(maxResources: $max) health { status message } } }`
    const whole = (await api.ask(status, { name: set.name, max: 2 })).data.applicationSet
    expect(whole.health).toEqual({ status: 'Unknown', message: 'No status conditions found for ApplicationSet' })
    const typed = { group: 'argoproj.io', version: 'v1alpha1', kind: 'Application', status: 'OutOfSync', health: { status: 'Unknown' } }
    expect(whole.status).toMatchObject({
      conditions: [],
      health: whole.health,
      resourcesCount: 3,
      resources: [
        { ...typed, name: dev },
        { ...typed, name: other },
      ],
      applicationStatus: [
        { application: dev, step: '1', status: 'Waiting', targetRevisions: [revision] },
        { application: other, step: '-1', status: 'Waiting' },
      ],
    })
    expect((await api.ask(status, { name: set.name, max: 5_001 })).errors?.[0]?.message).toMatch(/maxResources must be from 1 to 5000/)
    const first = await api.ask(query, { name: set.name, first: 1 })
    expect(first.data.applicationSet.applicationStatuses).toMatchObject({
      pageInfo: { hasNextPage: true },
      edges: [{ node: { step: '1' } }],
    })
  })

  it('is null for a set without steps', async () => {
    const set = await newSet()
    expect((await api.ask(query, { name: set.name })).data.applicationSet.applicationStatuses).toBeNull()
  })
})

describe('a deleted set', () => {
  const pass = (applicationSetId: string): Promise<ReconcileResult> => {
    const { reconcileApplicationSet } = reconcileActivities({ store: api.db.store } as ActivityDependencies)
    return new MockActivityEnvironment().run(reconcileApplicationSet, { applicationSetId })
  }

  it('with deletionOrder Reverse lets its applications go step by step, the last step first', async () => {
    const { store } = api.db
    const set = await newSet({ ...rolling, deletionOrder: 'Reverse' })
    const applications = [await newApplication(set.id, 'other'), await newApplication(set.id, 'dev'), await newApplication(set.id, 'prod')]
    await store.applicationSets.markDeleted(set.id, 'cascade')
    for (const application of applications.toReversed()) {
      const { gone, removals } = await pass(set.id)
      expect(gone).toBe(false)
      expect(removals.map(({ applicationId }) => applicationId)).toEqual([application.id])
      const left = await store.applications.ofSet(set.id)
      expect(left.filter(({ deletion }) => deletion !== null).map(({ id }) => id)).toEqual([application.id])
      await store.applications.remove(application.id)
    }
    expect((await pass(set.id)).gone).toBe(true)
  })

  it('without it lets all go at once', async () => {
    const set = await newSet(rolling)
    const ids = [(await newApplication(set.id, 'dev')).id, (await newApplication(set.id, 'prod')).id]
    await api.db.store.applicationSets.markDeleted(set.id, 'orphan')
    expect((await pass(set.id)).removals.map(({ applicationId }) => applicationId).toSorted()).toEqual(ids.toSorted())
  })
})
