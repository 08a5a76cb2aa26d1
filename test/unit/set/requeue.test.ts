import { describe, expect, it } from 'vitest'
import type { ApplicationSetSpec } from '../../../fleet/application-set.ts'
import { concernsWhatItMakes, readsClusterLabels } from '../../../fleet/set/requeue.ts'

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

describe('a set that is applied again', () => {
  const refresh = 'argocd.argoproj.io/application-set-refresh'
  const document = (metadata: object, more: object = {}) => ({
    metadata: { name: 'web', ...metadata },
    spec: { generators: [], template: {}, ...more } as unknown as ApplicationSetSpec,
  })

  it.each<[string, object, object, boolean]>([
    ['has other labels', { labels: { a: '1' } }, { labels: { a: '2' } }, true],
    ['has other annotations', { annotations: { a: '1' } }, {}, true],
    ['asks for a refresh', {}, { annotations: { [refresh]: 'true' } }, true],
    ['asks for a refresh no more', { annotations: { [refresh]: 'true', a: '1' } }, { annotations: { a: '1' } }, false],
    ['asks for a refresh no more and changes besides', { annotations: { [refresh]: 'true' } }, { annotations: { a: '1' } }, true],
    ['still asks for one', { annotations: { [refresh]: 'true' } }, { annotations: { [refresh]: 'true' } }, false],
    ['has empty labels in place of none', {}, { labels: {} }, false],
  ])('looks again or not when it %s', (_, before, after, expected) => {
    expect(concernsWhatItMakes(document(before), document(after))).toBe(expected)
  })

  it('looks again when its spec differs', () => {
    expect(concernsWhatItMakes(document({}), document({}, { generators: [{ list: {} }] }))).toBe(true)
  })
})
