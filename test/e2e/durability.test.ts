import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  applyManifest,
  type Fleet,
  latestRollout,
  liveWeb,
  phaseOf,
  type RolloutSeen,
  setManifest,
  startFleet,
  until,
  webFiles,
} from './fleet.ts'

/** Three clusters in two regions; the second region is approved by hand. */
const strategy = `type: Staged
staged:
  unreachable: { policy: Defer }
  stages:
    - { name: eu, selector: { matchLabels: { region: eu } }, progressDeadline: 60s }
    - { name: us, selector: { matchLabels: { region: us } }, progressDeadline: 60s, approval: { required: 1 } }`

let fleet: Fleet
beforeAll(async () => {
  fleet = await startFleet([
    { name: 'eu-1', region: 'eu' },
    { name: 'eu-2', region: 'eu' },
    { name: 'us-1', region: 'us' },
  ])
  await fleet.git.createRepository('web', webFiles('web:1'))
}, 300_000)
afterAll(() => fleet?.stop(), 60_000)

const commit = (image: string) =>
  fleet.git.commit('web', 'main', { files: { 'web/deployment.yaml': webFiles(image)['web/deployment.yaml'] ?? '' }, message: image })
const seen = () => latestRollout(fleet.api())
const cluster = (name: string) => {
  const found = fleet.clusters.find((c) => c.name === name)
  if (found === undefined) throw new Error(`no cluster ${name}`)
  return found
}

async function approve(rollout: RolloutSeen, stage: string): Promise<void> {
  await fleet
    .api()
    .request('mutation($input: ApproveStageInput!) { approveStage(input: $input) { commandId userErrors { code message } } }', {
      input: { id: rollout.id, stage, planDigest: rollout.planDigest },
    })
}

const stagePhase = (rollout: RolloutSeen, name: string) => rollout.stages.find((stage) => stage.name === name)?.phase

/** No target of the second stage was touched before every one of the first was healthy. */
function expectOrderKept(rollout: RolloutSeen): void {
  const times = (name: string) => rollout.stages.find((stage) => stage.name === name)?.targets.edges.map(({ node }) => node) ?? []
  const euDone = times('eu').map(({ healthyAt }) => healthyAt ?? '9999')
  for (const { appliedAt } of times('us')) expect(appliedAt === null || euDone.every((healthyAt) => healthyAt <= appliedAt)).toBe(true)
}

describe('a hub and clusters that die in the middle of a rollout', () => {
  it('brings the first version to every cluster, the approved region last', async () => {
    await applyManifest(fleet.api(), setManifest({ repoUrl: fleet.git.repositoryUrl('web'), strategy }))
    await until('the second stage asks for approval', async () => stagePhase(await seen(), 'us') === 'AwaitingApproval')
    await approve(await seen(), 'us')
    await until('the first rollout succeeded', async () => (await seen()).phase === 'Succeeded')
    expectOrderKept(await seen())
    for (const { name } of fleet.clusters) expect(await liveWeb(cluster(name))).toEqual({ image: 'web:1', generation: 1 })
  })

  it('goes on after kill -9 in the middle of a stage; nothing is applied twice with effect, no order is broken', async () => {
    await commit('web:2')
    await until('one cluster of the first stage is done and the other is not', async () => {
      const rollout = await seen()
      return rollout.number === 2 && phaseOf(rollout, 'eu-1') === 'Succeeded' && phaseOf(rollout, 'eu-2') !== 'Succeeded'
    })
    await fleet.killHub()
    await fleet.startHub()
    await until('the second stage asks for approval', async () => stagePhase(await seen(), 'us') === 'AwaitingApproval')
    expect((await liveWeb(cluster('us-1'))).image).toBe('web:1')
    expect(await liveWeb(cluster('eu-1'))).toEqual({ image: 'web:2', generation: 2 })
    expect(await liveWeb(cluster('eu-2'))).toEqual({ image: 'web:2', generation: 2 })
  })

  it('keeps an approval that was acknowledged just before kill -9', async () => {
    await approve(await seen(), 'us')
    await fleet.killHub()
    await fleet.startHub()
    await until('the rollout succeeded', async () => (await seen()).phase === 'Succeeded')
    const rollout = await seen()
    expect(rollout.number).toBe(2)
    expect(rollout.stages.find(({ name }) => name === 'us')?.approvals).toEqual([{ by: 'bootstrap-admin' }])
    expectOrderKept(rollout)
    expect(await liveWeb(cluster('us-1'))).toEqual({ image: 'web:2', generation: 2 })
  })

  it('defers a cluster whose API server dies, lets the others go on, and catches it up when it is back', async () => {
    await cluster('eu-1').kill()
    await commit('web:3')
    await until('the dead cluster is deferred', async () => {
      const rollout = await seen()
      return rollout.number === 3 && phaseOf(rollout, 'eu-1') === 'Deferred'
    })
    await until('the second stage asks for approval', async () => stagePhase(await seen(), 'us') === 'AwaitingApproval')
    await approve(await seen(), 'us')
    await until('the others are done', async () => (await seen()).phase === 'Succeeded')
    expect((await liveWeb(cluster('eu-2'))).image).toBe('web:3')
    expect((await liveWeb(cluster('us-1'))).image).toBe('web:3')

    await cluster('eu-1').restart()
    await until('the cluster has caught up', async () => (await liveWeb(cluster('eu-1'))).image === 'web:3')
    await until('GraphQL says so', async () => {
      const { application } = await fleet
        .api()
        .request<{ application: { sync: string; health: string } }>('query { application(name: "web-eu-1") { sync health } }')
      return application.sync === 'Synced' && application.health === 'Healthy'
    })
  })

  it('starts nothing for a commit that does not touch what an application reads', async () => {
    await fleet.git.commit('web', 'main', { files: { 'README.md': 'still not part of it\n' }, message: 'words' })
    fleet.git.forgetRequests()
    await until('the commit was seen', async () => fleet.git.polls('web') >= 3)
    expect((await seen()).number).toBe(3)
  })

  it('heals drift to the version that the cluster is pinned to', async () => {
    await cluster('us-1').request(
      'PATCH',
      '/apis/apps/v1/namespaces/web/deployments/web',
      { spec: { replicas: 3 } },
      'application/merge-patch+json',
    )
    await until('the drift is healed', async () => {
      const { body } = await cluster('us-1').request<{ spec: { replicas: number } }>('GET', '/apis/apps/v1/namespaces/web/deployments/web')
      return body.spec.replicas === 1
    })
  })

  it('syncs an application that no set makes, each time it is changed', async () => {
    const manifest = (namespace: string) => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: alone }
spec:
  project: default
  source: { repoURL: '${fleet.git.repositoryUrl('web')}', targetRevision: main, path: web }
  destination: { name: eu-2, namespace: ${namespace} }
  syncPolicy: { automated: { prune: true }, syncOptions: [CreateNamespace=true] }
`
    const deployed = async (namespace: string) =>
      (await cluster('eu-2').request('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/web`)).status === 200
    for (const namespace of ['first', 'second', 'third']) {
      await applyManifest(fleet.api(), manifest(namespace))
      await until(`it is in namespace ${namespace}`, () => deployed(namespace))
    }
  })
})
