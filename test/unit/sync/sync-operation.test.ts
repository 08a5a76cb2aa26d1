import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryDelayMs, retryProblems, syncOperation } from '../../../fleet/sync-operation.ts'

const one = { revisions: ['c0ffee'], prune: false }

describe('what a sync does', () => {
  it('is at the revision of the one source, or those of several', () => {
    expect(syncOperation({}, one).sync).toEqual({ revision: 'c0ffee' })
    const sources = [{ repoURL: 'https://a' }, { repoURL: 'https://b' }]
    expect(syncOperation({ sources }, { revisions: ['a', 'b'], prune: false }).sync).toEqual({ revisions: ['a', 'b'] })
  })

  it('has the sync options and retries of the application, and prunes where that is said', () => {
    const syncPolicy = { retry: { limit: 10 }, syncOptions: ['CreateNamespace=true'] }
    expect(syncOperation({ syncPolicy }, { revisions: [], prune: true })).toEqual({
      sync: { prune: true, syncOptions: ['CreateNamespace=true'] },
      retry: { limit: 10 },
    })
    expect(syncOperation({}, { revisions: [], prune: true })).toEqual({ sync: {}, retry: { limit: 5 } })
  })
})

describe('when a failed sync is tried again', () => {
  const waits = (retry: Parameters<typeof retryDelayMs>[0]) => [1, 2, 3, 4, 5, 6, 7].map((failures) => retryDelayMs(retry, failures))

  it('is soon, five times, where the application says nothing', () => {
    expect(waits(undefined)).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, null, null])
  })

  it('is as the application says, with what Argo CD takes where it says less', () => {
    expect(waits({ limit: 3 })).toEqual([5_000, 10_000, 20_000, null, null, null, null])
    expect(waits({ limit: -1, backoff: { duration: '1m', factor: 3, maxDuration: '20m' } })).toEqual([
      60_000, 180_000, 540_000, 1_200_000, 1_200_000, 1_200_000, 1_200_000,
    ])
    expect(waits({ limit: 2, backoff: { duration: '7', maxDuration: '0' } })).toEqual([7_000, 14_000, null, null, null, null, null])
    expect(waits({})).toEqual(Array(7).fill(null))
  })

  it('is never sooner than after the failure before, nor later than the bound', () => {
    const backoff = fc.record({
      duration: fc.integer({ min: 1, max: 60 }).map(String),
      factor: fc.integer({ min: 1, max: 5 }),
      maxDuration: fc.constant('90s'),
    })
    fc.assert(
      fc.property(backoff, fc.integer({ min: 1, max: 50 }), (given, failures) => {
        const [now, next] = [
          retryDelayMs({ limit: -1, backoff: given }, failures),
          retryDelayMs({ limit: -1, backoff: given }, failures + 1),
        ]
        return now !== null && next !== null && next >= now && next <= 90_000
      }),
    )
  })

  it('is never at once, nor beyond a day, whatever is written: no other number can be given to Temporal', () => {
    const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(0, -1))
    const duration = fc.oneof(number.map(String), fc.constantFrom('9'.repeat(400), '-2h', '0', '1ns', '2562047h'))
    const backoff = fc.record({ duration, factor: number, maxDuration: duration }, { requiredKeys: [] })
    fc.assert(
      fc.property(backoff, fc.integer({ min: 1, max: 100 }), (given, failures) => {
        const waitMs = retryDelayMs({ limit: -1, backoff: given }, failures) ?? Number.NaN
        return waitMs >= 1_000 && waitMs <= 86_400_000
      }),
    )
    expect(waits({ limit: 1, backoff: { duration: '9'.repeat(400), maxDuration: '0' } })[0]).toBe(86_400_000)
  })

  it('has durations that can be read, or templates of them', () => {
    expect(retryProblems({ backoff: { duration: 'soon', maxDuration: '{{ .max }}' } }, 'retry')).toEqual([
      { path: 'retry.backoff.duration', message: '"soon" is no duration: write seconds, or such as 90s, 10m or 1h30m' },
    ])
    expect(retryProblems({ limit: 1, backoff: { duration: '5s', maxDuration: '180' } }, 'retry')).toEqual([])
    expect(retryProblems(undefined, 'retry')).toEqual([])
  })
})
