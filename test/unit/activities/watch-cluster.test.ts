import { MockActivityEnvironment } from '@temporalio/testing'
import { describe, expect, it } from 'vitest'
import { clusterActivities } from '../../../activities/watch-cluster.ts'
import { application, createFixture, type World } from './fixture.ts'

const cluster = {
  id: 'c-1',
  name: 'eu-1',
  server: 'https://eu-1.example',
  generation: 1,
  observedGeneration: 1,
  connection: { status: 'Successful', message: '', version: null, uid: 'uid-1', attemptedAtMs: null, seenAtMs: null },
}

/** One round: the cluster is gone at the second. */
async function watchOnce(world: World, clusters: object = {}) {
  let looks = 0
  const fixture = createFixture({
    ...world,
    store: {
      clusters: {
        get: async () => (looks++ === 0 ? cluster : null),
        access: async () => ({ credentials: '{}' }),
        recordConnection: async () => undefined,
        ...clusters,
      },
      ...world.store,
    },
  })
  await new MockActivityEnvironment().run(clusterActivities(fixture.deps).watchCluster, { clusterId: 'c-1' })
  return fixture
}

describe('the watch of a cluster', () => {
  it('applies what the cluster missed while it was away', async () => {
    const { log } = await watchOnce({ applications: [application('shop', { pinnedVersionId: 'v2', pinGeneration: 2 })] })
    expect(log).toEqual(['apply shop commit-v2', 'synced shop v2'])
  })

  it('applies the pin as it is when its turn comes, not as it was when the round began', async () => {
    const behind = { syncedVersionId: null }
    const names = ['a', 'b', 'c', 'd', 'late']
    let rendered = 0
    const applications = names.map((name) => application(name, behind))
    const rows = createFixture({ applications })
    const watched = await watchOnce({
      applications,
      onRender: () => {
        // A rollout moves the last one on while the first are at work.
        rendered += 1
        if (rendered === 1) rows.change('late', { pinnedVersionId: 'v2', pinGeneration: 2 })
      },
      store: { applications: rows.deps.store.applications },
    })
    expect(watched.log.filter((line) => line.startsWith('apply late'))).toEqual(['apply late commit-v2'])
  })

  it('leaves alone what began to be deleted since the round began', async () => {
    const applications = ['a', 'b', 'c', 'd', 'late'].map((name) => application(name, { syncedVersionId: null }))
    const rows = createFixture({ applications })
    const { log } = await watchOnce({
      applications,
      onRender: () => rows.change('late', { deletion: 'cascade' }),
      store: { applications: rows.deps.store.applications },
    })
    expect(log.filter((line) => line.startsWith('apply late'))).toEqual([])
  })

  it('begins with those that nobody looked at for longest, whatever watch it was that did', async () => {
    const looked = (name: string, observedAtMs: number) =>
      application(name, { syncedVersionId: null, status: { ...application(name).status, observedAtMs } })
    const { log } = await watchOnce({ applications: [looked('new', 3), looked('middle', 2), looked('old', 1)] })
    expect(log.filter((line) => line.startsWith('apply')).map((line) => line.split(' ')[1])).toEqual(['old', 'middle', 'new'])
  })
})
