import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mapBounded } from '../../../fleet/map-bounded.ts'
import { scmLookup } from '../../../repos/scm/address.ts'
import { AnswerCache } from '../../../repos/scm/answer-cache.ts'
import { bitbucketRest } from '../../../repos/scm/bitbucket-server.ts'
import { githubApiPath } from '../../../repos/scm/github.ts'
import { nextLink } from '../../../repos/scm/listing.ts'
import { pausedUntilMs, RateBudgets } from '../../../repos/scm/rate-budget.ts'
import { filePath, urlPath } from '../../../repos/scm/url-path.ts'

const nowMs = Date.parse('2026-01-01T00:00:00Z')

describe('a path of a URL', () => {
  it('has the same segments whatever is filled in, and gives it back', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((value) => value !== '.' && value !== '..' && value.isWellFormed())
    fc.assert(
      fc.property(text, text, (owner, repo) => {
        const url = new URL(`https://host.example/api${urlPath`/repos/${owner}/${repo}/pulls`}`)
        expect(url.origin).toBe('https://host.example')
        expect(url.search + url.hash).toBe('')
        expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'api', 'repos', owner, repo, 'pulls'])
      }),
    )
  })

  it('refuses names that would lead elsewhere', () => {
    for (const name of ['', '.', '..']) expect(() => urlPath`/repos/${name}`).toThrow(/is no name/)
    expect(() => filePath('a/../../b')).toThrow(/is no name/)
    expect(filePath('/a b//c#d/')).toBe('a%20b/c%23d')
  })
})

describe('how long to leave a host alone', () => {
  it.each([
    ['nothing is said', 200, {}, null],
    ['seconds', 429, { 'retry-after': '30' }, 30_000],
    ['a date', 503, { 'retry-after': 'Thu, 01 Jan 2026 00:02:00 GMT' }, 120_000],
    ['a 429 that says nothing', 429, {}, 60_000],
    ['something remains', 200, { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '9999999999' }, null],
    ['nothing remains until a time (GitHub)', 200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(nowMs / 1_000 + 9) }, 9_000],
    ['nothing remains for some seconds', 200, { 'ratelimit-remaining': '0', 'ratelimit-reset': '7' }, 7_000],
    ['Azure slows down a good answer', 200, { 'retry-after': '5' }, 5_000],
    ['a date that is none', 200, { 'retry-after': 'soon' }, null],
    ['a time before now', 429, { 'retry-after': '-5' }, 0],
  ])('%s', (_, status, headers, waitMs) => {
    expect(pausedUntilMs(status, headers, nowMs)).toBe(waitMs === null ? null : nowMs + waitMs)
  })
})

describe('rate budgets', () => {
  it('are one for each credential, and the one that was used last stays', () => {
    const budgets = new RateBudgets({ concurrentMax: 1, budgetsMax: 2 })
    const a = budgets.of('a')
    budgets.of('b')
    expect(budgets.of('a')).toBe(a)
    budgets.of('c')
    expect(budgets.of('a')).toBe(a)
    a.pausedUntilMs = 5
    budgets.of('d')
    budgets.of('e')
    expect(budgets.of('a').pausedUntilMs).toBe(0)
  })
})

describe('kept answers', () => {
  it('stay within their bytes; those that were not used longest go', () => {
    const cache = new AnswerCache(10)
    const answer = (bytes: number) => ({ etag: 'e', headers: {}, body: Buffer.alloc(bytes) })
    cache.set('a', answer(4))
    cache.set('b', answer(4))
    cache.get('a')
    cache.set('c', answer(4))
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true, false])
    cache.set('d', answer(11))
    expect(cache.get('d')).toBeUndefined()
    cache.set('a', answer(1))
    cache.set('e', answer(5))
    expect(['a', 'c', 'e'].map((key) => cache.get(key) !== undefined)).toEqual([true, true, true])
  })
})

describe('a Link header', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['<https://h/a?page=2>; rel="next"', 'https://h/a?page=2'],
    [
      '<https://h/a?page=1>; rel="prev", <https://h/a?q=x,y&page=3>; rel="next", <https://h/a?page=9>; rel="last"',
      'https://h/a?q=x,y&page=3',
    ],
    ['<https://h/a>;rel=next', 'https://h/a'],
    ['<https://h/a>; title="next"; rel="last"', null],
    ['<https://h/a>; rel="nextish"', null],
  ])('%j', (link, next) => {
    expect(nextLink(link === undefined ? {} : { link })).toBe(next)
  })
})

describe('work on each item', () => {
  it('is done in order of the items, some at a time, and ends with the first error', async () => {
    let running = 0
    let most = 0
    const work = async (n: number) => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, 5 - n))
      running -= 1
      return n * 2
    }
    expect(await mapBounded([0, 1, 2, 3, 4], 2, work)).toEqual([0, 2, 4, 6, 8])
    expect(most).toBe(2)
    const started: number[] = []
    const failing = mapBounded([0, 1, 2, 3], 1, async (n) => {
      started.push(n)
      if (n === 1) throw new Error('one')
    })
    await expect(failing).rejects.toThrow('one')
    expect(started).toEqual([0, 1])
  })
})

describe('addresses', () => {
  it('of APIs are completed as Argo CD completes them', () => {
    expect(bitbucketRest('https://company.bitbucket.com')).toBe('https://company.bitbucket.com/rest')
    expect(bitbucketRest('https://company.bitbucket.com/rest/')).toBe('https://company.bitbucket.com/rest')
    expect(githubApiPath('', 'api.github.com')).toBe('')
    expect(githubApiPath('', 'ghe.example.com')).toBe('/api/v3')
    expect(githubApiPath('/api/v3', 'ghe.example.com')).toBe('/api/v3')
  })

  it('are judged by what a name resolves to when it is used', async () => {
    const resolve = (allowLoopback: boolean) =>
      new Promise<string>((done) =>
        scmLookup({ allowLoopback })('localhost', {}, (error, address) => done(error === null ? String(address) : error.message)),
      )
    expect(await resolve(false)).toMatch(/localhost resolves to an address that leads to this machine/)
    expect(await resolve(true)).toMatch(/^(127\.|::1)/)
  })
})
