import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../fleet/canonical-json.ts'
import type { Json } from '../../../fleet/json.ts'
import { sameJson } from '../../../fleet/set/same-json.ts'

describe('the same JSON', () => {
  it.each<[Json | undefined, Json | undefined, boolean]>([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [null, undefined, false],
    ['1', 1, false],
    [{ toString: 1 }, {}, false],
  ])('%j and %j: %j', (a, b, same) => {
    expect(sameJson(a, b)).toBe(same)
    expect(sameJson(b, a)).toBe(same)
  })

  it('has the same canonical text', () => {
    const small = fc.jsonValue({ maxDepth: 2, depthSize: 'xsmall' })
    fc.assert(fc.property(small, small, (a, b) => sameJson(a as Json, b as Json) === (canonicalJson(a) === canonicalJson(b))))
    fc.assert(fc.property(fc.jsonValue(), (a) => sameJson(a as Json, structuredClone(a) as Json)))
  })
})
