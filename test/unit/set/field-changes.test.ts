import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldChanges } from '../../../fleet/field-changes.ts'
import type { Json } from '../../../fleet/json.ts'
import { sameJson } from '../../../fleet/set/same-json.ts'

describe('what differs between two values', () => {
  it('is named field by field, with both sides', () => {
    const before = { a: 1, labels: { 'x/y': 'old', z: 'gone' }, list: [{ n: 1 }, { n: 2 }], other: [1] }
    const after = { a: 1, labels: { 'x/y': 'new' }, list: [{ n: 1 }, { n: 3 }], other: [1, 2], b: null }
    expect(fieldChanges(before, after)).toEqual([
      { path: 'labels["x/y"]', before: 'old', after: 'new' },
      { path: 'labels.z', before: 'gone' },
      { path: 'list[1].n', before: 2, after: 3 },
      { path: 'other', before: [1], after: [1, 2] },
      { path: 'b', after: null },
    ])
  })

  it('is nothing exactly when they say the same', () => {
    const json = fc.jsonValue() as fc.Arbitrary<Json>
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(fieldChanges(a, a)).toEqual([])
        expect(fieldChanges(a, b).length === 0).toBe(sameJson(a, b))
      }),
    )
  })
})
