import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connection, pageOfList, pageOfSorted, pageRequest } from '../../../schema/paging.ts'
import type { Page } from '../../../store/store.ts'

function walk<T>(pageAfter: (after: string | undefined) => Page<T>): T[] {
  const seen: T[] = []
  let after: string | undefined
  for (;;) {
    const page = connection(pageAfter(after))
    seen.push(...page.edges.map((edge) => edge.node))
    if (!page.pageInfo.hasNextPage) return seen
    after = page.pageInfo.endCursor ?? undefined
  }
}

describe('pages of lists in memory', () => {
  it('give every item exactly once, in order, whatever their size', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), (items, first) => {
        const sorted = [...items].sort()
        expect(walk((after) => pageOfList(items, { first, after }))).toEqual(items)
        expect(walk((after) => pageOfSorted(sorted, (item) => item, { first, after }))).toEqual(sorted)
      }),
    )
  })

  it('go on behind an item that is gone meanwhile', () => {
    const page = connection(pageOfSorted(['a', 'b', 'c'], (item) => item, { first: 2 }))
    expect(pageOfSorted(['a', 'c', 'd'], (item) => item, { after: page.pageInfo.endCursor }).items.map(({ node }) => node)).toEqual([
      'c',
      'd',
    ])
  })

  it('refuse cursors that are none', () => {
    expect(() => pageOfList([1], { after: '-1' })).toThrow(/not a cursor/)
    expect(() => pageOfList([1], { after: 'x' })).toThrow(/not a cursor/)
  })
})

describe('the size of a page', () => {
  it('is 50 unless asked, and at most 200', () => {
    expect(pageRequest({}).first).toBe(50)
    expect(pageRequest({ first: 200 }).first).toBe(200)
    expect(() => pageRequest({ first: 201 })).toThrow(/1 to 200/)
    expect(() => pageRequest({ first: 0 })).toThrow(/1 to 200/)
    expect(() => pageRequest({ first: -1 })).toThrow(/1 to 200/)
  })
})
