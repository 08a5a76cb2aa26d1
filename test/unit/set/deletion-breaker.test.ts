import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deletionDigest, deletionPolicy, judgeDeletion, secondLookAfterMs } from '../../../fleet/set/deletion-breaker.ts'

const judge = (removeCount: number, setCount: number, fleetCount: number, confirmedDigest: string | null = null) =>
  judgeDeletion({ removeCount, setCount, fleetCount, digest: 'd1', confirmedDigest, policy: 'Confirm', heldSinceMs: null, nowMs: 0 })

describe('deletions', () => {
  it.each([
    [0, 0, 0, 'allowed'],
    [0, 10, 100, 'allowed'],
    [10, 100, 10_000, 'allowed'],
    [11, 100, 10_000, 'held'],
    [1, 3, 10_000, 'held'],
    [1, 10, 10_000, 'allowed'],
    [1, 1, 10_000, 'held'],
    [2, 100, 100, 'allowed'],
    [3, 100, 100, 'held'],
    [1, 40, 40, 'held'],
  ] as const)('of %i in a set of %i and a fleet of %i are %s', (remove, set, fleet, outcome) => {
    expect(judge(remove, set, fleet).outcome).toBe(outcome)
  })

  it('go when a second look finds the same, where the policy allows that, and not before', () => {
    const look = (policy: 'Confirm' | 'SeenTwice', heldSinceMs: number | null, nowMs: number) =>
      judgeDeletion({ removeCount: 3, setCount: 3, fleetCount: 3, digest: 'd1', confirmedDigest: null, policy, heldSinceMs, nowMs })
    expect(look('SeenTwice', null, 5_000)).toMatchObject({ outcome: 'held', secondLookInMs: secondLookAfterMs })
    expect(look('SeenTwice', 5_000, 6_000)).toMatchObject({ outcome: 'held', secondLookInMs: secondLookAfterMs - 1_000 })
    expect(look('SeenTwice', 5_000, 5_000 + secondLookAfterMs)).toEqual({ outcome: 'allowed' })
    expect(look('Confirm', 5_000, 5_000 + 100 * secondLookAfterMs)).toMatchObject({ outcome: 'held', secondLookInMs: null })
  })

  it.each([
    ['Confirm', [{ clusters: {} }], undefined],
    ['SeenTwice', [{ pullRequest: {} }], undefined],
    [
      'SeenTwice',
      [{ pullRequest: {} }, { matrix: { generators: [{ list: {} }, { merge: { generators: [{ pullRequest: {} }] } }] } }],
      undefined,
    ],
    ['Confirm', [{ clusters: {} }, { pullRequest: {} }], undefined],
    ['Confirm', [], undefined],
    ['Confirm', [{ pullRequest: {} }], 'Confirm'],
    ['SeenTwice', [{ clusters: {} }], 'SeenTwice'],
    ['Confirm', [{ pullRequest: {} }], 'whatever'],
  ] as const)('have the policy %s for %j with the annotation %s', (policy, generators, annotation) => {
    const annotations = annotation === undefined ? {} : { 'roadstead.dev/deletion-policy': annotation }
    expect(deletionPolicy({ metadata: { name: 'web', annotations }, spec: { generators, template: {} } })).toBe(policy)
  })

  it('that are held say why', () => {
    expect(judge(3, 12, 90)).toEqual({
      outcome: 'held',
      reason: '3 of 12 applications would be deleted: that is 25 % of the set, more than 10 %; that is 3.3 % of the fleet, more than 2 %',
      secondLookInMs: null,
    })
    expect(judge(5, 5, 10_000)).toMatchObject({ reason: expect.stringContaining('all of the set') })
  })

  it('are allowed once exactly this plan was confirmed', () => {
    expect(judge(5, 5, 5, 'd1').outcome).toBe('allowed')
    expect(judge(5, 5, 5, 'd0').outcome).toBe('held')
  })

  it('unconfirmed never exceed a tenth of the set or a fiftieth of the fleet, and more is never easier', () => {
    const count = fc.integer({ min: 0, max: 2_000 })
    fc.assert(
      fc.property(count, count, count, (a, b, c) => {
        const [remove = 0, set = 0, fleet = 0] = [a, b, c].toSorted((x, y) => x - y)
        const allowed = judge(remove, set, fleet).outcome === 'allowed'
        if (remove > 0) expect(allowed).toBe(remove * 10 <= set && remove * 50 <= fleet && remove < set)
        if (!allowed && remove < set) expect(judge(remove + 1, set, fleet).outcome).toBe('held')
      }),
    )
  })
})

describe('the digest of deletions', () => {
  const text = (names: readonly string[], more = {}) =>
    deletionDigest({ applicationSetId: 's', generation: 1, names, ...more }, (value) => value)

  it('stands for the names in any order, the set and its generation', () => {
    expect(text(['b', 'a'])).toBe(text(['a', 'b']))
    expect(
      new Set([text(['a']), text(['b']), text(['a', 'b']), text(['a'], { generation: 2 }), text(['a'], { applicationSetId: 't' })]).size,
    ).toBe(5)
  })
})
