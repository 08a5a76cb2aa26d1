import { describe, expect, it } from 'vitest'
import type { StagedStrategy } from '../../../fleet/rollout/strategy.ts'
import { encodeGlobalId } from '../../../schema/global-id.ts'
import { applied, registered, unique } from '../store/store-fixture.ts'
import { useApi } from './api-fixture.ts'

const api = useApi()

async function previewOf(regions: readonly string[], staged: StagedStrategy) {
  const { store } = api.db
  const spec = { generators: [], template: {}, strategy: { type: 'Staged' as const, staged } }
  const { set } = await store.applicationSets.apply({ name: unique('set') }, spec, 'ann')
  const clusters = []
  for (const region of regions) {
    const cluster = await registered(store, { labels: { region } })
    await applied(store, { clusterId: cluster.id, applicationSetId: set.id })
    clusters.push(cluster.name)
  }
  const { data, errors } = await api.ask(
    `query($id: ID!) { node(id: $id) { ... on ApplicationSet { latestRollout { number } planPreview {
      problems { path message } notes
      stages { name maxConcurrent maxFailures progressDeadlineSeconds bakeSeconds approvalsRequired
        targets(first: 10) { totalCount edges { node { clusterName canary } } } }
    } } } }`,
    { id: encodeGlobalId('ApplicationSet', set.id) },
  )
  expect(errors).toEqual([])
  expect(data.node.latestRollout).toBeNull()
  return { preview: data.node.planPreview, clusters }
}

describe('the plan of a set before anything starts', () => {
  it('names the clusters of each stage in their order, and starts nothing', async () => {
    const { preview, clusters } = await previewOf(['us', 'eu', 'eu'], {
      stages: [
        { name: 'canary', selector: { matchLabels: { region: 'us' } }, bake: '90s' },
        { selector: { matchLabels: { region: 'eu' } }, forEach: 'region', maxConcurrent: '100%', approval: { required: 1 } },
      ],
    })
    const stage = { maxFailures: 0, progressDeadlineSeconds: 600, bakeSeconds: 0, approvalsRequired: 0 }
    const targets = (names: readonly (string | undefined)[]) => ({
      totalCount: names.length,
      edges: names.map((clusterName) => ({ node: { clusterName, canary: false } })),
    })
    expect(preview).toEqual({
      problems: [],
      notes: [],
      stages: [
        { ...stage, name: 'canary', maxConcurrent: 1, bakeSeconds: 90, targets: targets([clusters[0]]) },
        { ...stage, name: 'eu', maxConcurrent: 2, approvalsRequired: 1, targets: targets([clusters[1], clusters[2]]) },
      ],
    })
  })

  it('names the clusters that no stage selects instead of a plan', async () => {
    const { preview, clusters } = await previewOf(['us', 'eu'], { stages: [{ name: 'eu', selector: { matchLabels: { region: 'eu' } } }] })
    expect(preview.stages).toEqual([])
    expect(preview.problems).toEqual([{ path: expect.any(String), message: expect.stringContaining(clusters[0] ?? '') }])
  })
})
