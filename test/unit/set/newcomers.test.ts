import { describe, expect, it } from 'vitest'
import { growsByCluster } from '../../../fleet/set/newcomers.ts'

describe('what a new cluster adds to a set', () => {
  it.each([
    ['clusters', [{ clusters: {} }]],
    ['clusters with selector and template', [{ clusters: { selector: {} }, selector: { matchLabels: {} } }]],
    ['clusters beside a list', [{ clusters: {} }, { list: { elements: [] } }]],
    ['a matrix of clusters and a list', [{ matrix: { generators: [{ clusters: {} }, { list: { elementsYaml: '[]' } }] } }]],
    ['a matrix in a matrix', [{ matrix: { generators: [{ matrix: { generators: [{ clusters: {} }, { list: {} }] } }, { list: {} }] } }]],
  ])('can be told from the cluster alone: %s', (_, generators) => {
    expect(growsByCluster(generators)).toBe(true)
  })

  it.each([
    ['no clusters at all', [{ list: { elements: [] } }]],
    ['a flat list', [{ clusters: { flatList: true } }]],
    ['a merge', [{ merge: { mergeKeys: ['name'], generators: [{ clusters: {} }, { list: {} }] } }]],
    ['somebody who has to be asked', [{ clusters: {} }, { git: {} }]],
    ['somebody in a matrix who has to be asked', [{ matrix: { generators: [{ clusters: {} }, { git: {} }] } }]],
    ['a flat list in a matrix', [{ matrix: { generators: [{ list: {} }, { clusters: { flatList: true } }] } }]],
    ['a generator that nobody knows', [{ clusters: {}, later: {} }]],
    ['no generators', []],
  ])('can not be told from the cluster alone: %s', (_, generators) => {
    expect(growsByCluster(generators)).toBe(false)
  })
})
