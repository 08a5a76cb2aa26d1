import { describe, expect, it } from 'vitest'
import { readsClusterLabels } from '../../../fleet/set/requeue.ts'

const matrix = (...generators: readonly object[]) => ({ matrix: { generators } }) as never

describe('a change of the labels of a cluster', () => {
  it('concerns sets that generate from clusters, however deep', () => {
    expect(readsClusterLabels({ generators: [{ list: {} }, { clusters: {} }] })).toBe(true)
    expect(readsClusterLabels({ generators: [matrix({ git: {} }, { merge: { generators: [{ list: {} }, { clusters: {} }] } })] })).toBe(
      true,
    )
    expect(readsClusterLabels({ generators: [{ clusterDecisionResource: {} }] })).toBe(true)
  })

  it('concerns sets whose stages select by them', () => {
    const generators = [{ list: {} }]
    expect(readsClusterLabels({ generators, strategy: { type: 'Staged', staged: { stages: [] } } })).toBe(true)
    expect(readsClusterLabels({ generators, strategy: { type: 'RollingSync', rollingSync: { steps: [] } } })).toBe(false)
  })

  it('concerns no others', () => {
    const elements = [{ clusters: {} }]
    expect(
      readsClusterLabels({ generators: [{ list: { elements } }, matrix({ git: {} }, { pullRequest: { generators: elements } })] }),
    ).toBe(false)
    expect(readsClusterLabels({ generators: [] })).toBe(false)
  })
})
