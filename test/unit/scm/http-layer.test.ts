import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PullRequestsRequest } from '../../../generators/requests.ts'
import type { Scm } from '../../../repos/scm/scm.ts'
import { type Recorded, type RecordedHost, scmForTests, startRecordedHost, token, tokenRef } from './recorded-host.ts'

let host: RecordedHost
let scm: Scm
beforeEach(async () => {
  host = await startRecordedHost()
  scm = scmForTests()
})
afterEach(async () => {
  scm.close()
  await host.stop()
})

const first = 'GET /api/v1/repos/o/r/pulls?limit=50&page=1&sort=oldest&state=open'
const page = (n: number) => first.replace('page=1', `page=${n}`)
const pull = (number: number) => ({
  number,
  title: 't',
  user: { login: 'u' },
  labels: null,
  head: { ref: `b${number}`, sha: `${number}`.repeat(40).slice(0, 40) },
  base: { ref: 'main' },
})
const gitlabPull = (n: number) => ({
  iid: n,
  title: 't',
  source_branch: 'b',
  target_branch: 'main',
  sha: 'a',
  author: null,
  labels: [],
})
const one: Recorded = { headers: { 'x-total-count': '1' }, body: [pull(1)] }
const request = (settings: object = {}): PullRequestsRequest => ({
  kind: 'pullRequests',
  provider: 'gitea',
  settings: { owner: 'o', repo: 'r', api: host.url, tokenRef, ...settings },
  withPaths: false,
  project: null,
})
const numbers = async (settings: object = {}) => (await scm.pullRequests(request(settings))).map((found) => found.number)
const next = (n: number) => ({
  link: `<https://elsewhere.example/api?page=${n}>; rel="next",<https://elsewhere.example/api?page=9>; rel="last"`,
})
const last = { link: '<https://elsewhere.example/api?page=1>; rel="first"' }

describe('a listing of several pages', () => {
  it('is read until two readings agree, so that one which closes meanwhile hides no other', async () => {
    // Number 1 is closed after the first page was read: 3 moves to the first page, unseen, in the first reading.
    host.answers[first] = [
      { headers: next(2), body: [pull(1), pull(2)] },
      { headers: next(2), body: [pull(2), pull(3)] },
    ]
    host.answers[page(2)] = { headers: last, body: [pull(4)] }
    expect(await numbers()).toEqual([2, 3, 4])
  })

  it('is an error when it never stands still', async () => {
    host.answers[first] = (asked) => ({ headers: next(2), body: [pull(host.asked.filter((other) => other.line === asked.line).length)] })
    host.answers[page(2)] = { headers: last, body: [pull(99)] }
    await expect(numbers()).rejects.toMatchObject({ code: 'GIT_UNREACHABLE', message: expect.stringContaining('change faster') })
  })

  it('is an error, not a shorter list, when a later page fails', async () => {
    host.answers[first] = { headers: next(2), body: [pull(1)] }
    host.answers[page(2)] = { headers: next(3), body: [pull(2)] }
    host.answers[page(3)] = { status: 502, body: '<html>' }
    await expect(numbers()).rejects.toMatchObject({ code: 'GIT_UNREACHABLE', message: expect.stringContaining('502') })
  })
})

describe('a full page that says nothing of a next one', () => {
  const githubPull = (n: number) => ({ ...pull(n), labels: [] })
  const numbersTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

  it('is followed by the next number, on GitLab behind a proxy that drops its headers', async () => {
    const line = (n: number) => `GET /api/v4/projects/7/merge_requests?order_by=created_at&page=${n}&per_page=100&sort=asc`
    host.answers[line(1)] = { body: numbersTo(1, 100).map(gitlabPull) }
    host.answers[line(2)] = { body: numbersTo(101, 102).map(gitlabPull) }
    expect(await scm.pullRequests({ ...request({ project: '7' }), provider: 'gitlab' })).toHaveLength(102)
  })

  it('is followed by the next number, on GitHub too, whose unchanged page may have got another behind it', async () => {
    const line = (n?: number) =>
      `GET /api/v3/repos/o/r/pulls?direction=asc${n === undefined ? '' : `&page=${n}`}&per_page=100&sort=created&state=open`
    host.answers[line()] = { body: numbersTo(1, 100).map(githubPull) }
    host.answers[line(2)] = { body: numbersTo(101, 102).map(githubPull) }
    expect(await scm.pullRequests({ ...request(), provider: 'github' })).toHaveLength(102)
    host.answers[line(2)] = { headers: { link: '<x>; rel="first"' }, body: numbersTo(101, 200).map(githubPull) }
    host.answers[line(3)] = { body: [] }
    expect(await scm.pullRequests({ ...request(), provider: 'github' })).toHaveLength(200)
    host.answers[line(2)] = { body: [] }
    expect(await scm.pullRequests({ ...request(), provider: 'github' })).toHaveLength(100)
  })
})

describe('what goes while a list is read', () => {
  it('is no answer to whether the repository exists', async () => {
    host.answers[first] = { headers: next(2), body: [pull(1)] }
    await expect(numbers()).rejects.toMatchObject({
      code: 'GIT_UNREACHABLE',
      message: expect.stringContaining('went while they were read'),
    })
    host.answers[first] = { headers: { 'x-total-count': '1' }, body: [pull(1)] }
    const withPaths = scm.pullRequests({ ...request(), withPaths: true })
    await expect(withPaths).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' })
    await expect(numbers({ repo: 'gone' })).rejects.toMatchObject({ code: 'GIT_NOT_FOUND' })
  })
})

describe('conditional requests', () => {
  it('whose unchanged page has got another behind it do not lose that one', async () => {
    // GitLab's tag is of the body alone: a page that was the last one is still the same when a 101st comes.
    const requests = Array.from({ length: 101 }, (_, n) => gitlabPull(n + 1))
    const line = (n: number) => `GET /api/v4/projects/7/merge_requests?order_by=created_at&page=${n}&per_page=100&sort=asc`
    let isMore = false
    host.answers[line(1)] = ({ headers }) => ({
      status: headers['if-none-match'] === '"1"' ? 304 : 200,
      headers: { etag: '"1"', 'x-next-page': isMore ? '2' : '' },
      body: headers['if-none-match'] === '"1"' ? '' : requests.slice(0, 100),
    })
    host.answers[line(2)] = () => ({ headers: { 'x-next-page': '' }, body: isMore ? requests.slice(100) : [] })
    const gitlab: PullRequestsRequest = { ...request({ project: '7' }), provider: 'gitlab' }
    expect(await scm.pullRequests(gitlab)).toHaveLength(100)
    isMore = true
    expect(await scm.pullRequests(gitlab)).toHaveLength(101)
  })

  it('ask again with the tag, and an unchanged answer is what it was before', async () => {
    host.answers[first] = (asked) =>
      asked.headers['if-none-match'] === '"v1"' ? { status: 304 } : { ...one, headers: { etag: '"v1"', 'x-total-count': '1' } }
    expect(await numbers()).toEqual([1])
    expect(await numbers()).toEqual([1])
    expect(host.asked.map((asked) => asked.headers['if-none-match'])).toEqual([undefined, '"v1"'])
  })

  it('are never answered with what another credential saw', async () => {
    host.answers[first] = { ...one, headers: { etag: '"v1"', 'x-total-count': '1' } }
    await numbers()
    await numbers({ tokenRef: null })
    expect(host.asked.map((asked) => asked.headers['if-none-match'])).toEqual([undefined, undefined])
  })
})

describe('a rate limit', () => {
  it('that ends soon is waited for', async () => {
    host.answers[first] = [{ status: 429, headers: { 'retry-after': '0' } }, one]
    expect(await numbers()).toEqual([1])
  })

  it('that lasts makes an error that says until when, and nobody asks with that credential before', async () => {
    let nowMs = Date.parse('2026-01-01T00:00:00Z')
    scm.close()
    scm = scmForTests({ nowMs: () => nowMs, readSecret: async ({ key }) => key })
    const reset = String(nowMs / 1_000 + 600)
    host.answers[first] = [{ status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset } }, one]
    const limited = { code: 'GIT_UNREACHABLE', message: expect.stringContaining('2026-01-01T00:10:00') }
    await expect(numbers()).rejects.toMatchObject(limited)
    await expect(numbers()).rejects.toMatchObject(limited)
    expect(host.asked).toHaveLength(1)
    expect(await numbers({ tokenRef: { secretName: 'scm', key: 'another' } })).toEqual([1])
    nowMs += 601_000
    expect(await numbers()).toEqual([1])
  })

  it('that would last for years is over after an hour', async () => {
    let nowMs = Date.now()
    scm.close()
    scm = scmForTests({ nowMs: () => nowMs })
    host.answers[first] = { status: 429, headers: { 'retry-after': '1e30' }, body: '' }
    await expect(numbers()).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' })
    host.answers[first] = one
    await expect(numbers()).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' })
    nowMs += 61 * 60_000
    expect(await numbers()).toEqual([1])
  })

  it('holds after an answer that used up what remained', async () => {
    host.answers[first] = { body: [pull(1)], headers: { 'x-total-count': '1', 'ratelimit-remaining': '0', 'ratelimit-reset': '3600' } }
    expect(await numbers()).toEqual([1])
    await expect(numbers()).rejects.toThrow(/rate limit/)
  })
})

describe('a token', () => {
  it('never follows a redirect to another host', async () => {
    const other = await startRecordedHost()
    try {
      host.answers[first] = { status: 302, headers: { location: `${other.url}/login` } }
      await expect(numbers()).rejects.toMatchObject({ code: 'GIT_DENIED', message: expect.stringContaining('another host') })
      expect(other.asked).toEqual([])
    } finally {
      await other.stop()
    }
  })

  it('follows a redirect within the host, as after a rename, but not for ever', async () => {
    host.answers[first] = { status: 301, headers: { location: '/moved' } }
    host.answers['GET /moved'] = one
    expect(await numbers()).toEqual([1])
    host.answers['GET /moved'] = { status: 301, headers: { location: '/moved' } }
    await expect(numbers()).rejects.toThrow(/redirects without an end/)
  })

  it('is nowhere in the error when the host sends it back', async () => {
    host.answers[first] = { status: 401, body: { message: `bad token ${token}` } }
    const error: unknown = await numbers().catch((caught: unknown) => caught)
    expect(String(error)).toContain('bad token ***')
    expect(JSON.stringify(error)).not.toContain(token)
  })
})

describe('an answer', () => {
  it('that is no JSON, or JSON of another shape, is an error', async () => {
    host.answers[first] = { body: '<html>Sign in</html>' }
    await expect(numbers()).rejects.toThrow(/isn't JSON/)
    host.answers[first] = { body: [{ number: 'one' }] }
    await expect(numbers()).rejects.toThrow(/another shape/)
    host.answers[first] = { body: {} }
    await expect(numbers()).rejects.toThrow(/another shape/)
  })

  it('that is too long or too slow is an error', async () => {
    scm.close()
    scm = scmForTests({ limits: { bodyBytesMax: 1_000, requestTimeoutMs: 100, retriesMax: 0 } })
    host.answers[first] = { body: ' '.repeat(2_000) }
    await expect(numbers()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })

  it('of 5xx is asked for again a few times', async () => {
    host.answers[first] = [{ status: 503 }, { status: 500 }, one]
    expect(await numbers()).toEqual([1])
    expect(host.asked).toHaveLength(3)
  })

  it('of nobody is an error that names the host', async () => {
    const gone = await startRecordedHost()
    await gone.stop()
    await expect(numbers({ api: gone.url })).rejects.toMatchObject({
      code: 'GIT_UNREACHABLE',
      message: expect.stringMatching(/127.0.0.1:\d+ can't be reached: ECONNREFUSED/),
    })
  })

  it('is not waited for by somebody who has left', async () => {
    const leaving = scm.pullRequests(request(), { signal: AbortSignal.abort(new Error('left')) })
    await expect(leaving).rejects.toThrow('left')
  })
})

describe('what a manifest says', () => {
  it('stays one segment of the path', async () => {
    await expect(numbers({ owner: '../../admin' })).rejects.toMatchObject({ code: 'GIT_NOT_FOUND' })
    expect(host.asked[0]?.line).toContain('/repos/..%2F..%2Fadmin/r/pulls')
    await expect(numbers({ owner: '..' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it.each([
    ['http://169.254.169.254/', /metadata/],
    ['http://0x7f.1/', /loopback/],
    ['http://localhost:3000', /loopback/],
    ['https://[::1]/', /loopback/],
    ['http://git.example.com', /must be https/],
    ['https://user:pw@git.example.com', /user name or password/],
    ['ftp://git.example.com', /must be https/],
    ['git.example.com', /is not a URL/],
  ])('can not name the address %s', async (api, why) => {
    const strict = scmForTests({ policy: { allowLoopback: false, allowedApis: [] } })
    await expect(strict.pullRequests(request({ api }))).rejects.toThrow(why)
    strict.close()
  })

  it('may name a http address only where the administrator lists it', async () => {
    const listed = scmForTests({ policy: { allowLoopback: true, allowedApis: ['http://git.nowhere.invalid/'] }, limits: { retriesMax: 0 } })
    await expect(listed.pullRequests(request({ api: 'http://git.nowhere.invalid' }))).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' })
    await expect(listed.pullRequests(request({ api: 'http://git.elsewhere.invalid' }))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    listed.close()
  })

  it('can not switch off the check of certificates', async () => {
    await expect(numbers({ insecure: true })).rejects.toMatchObject({
      code: 'CREDENTIAL_REFUSED',
      message: expect.stringContaining('caRef'),
    })
  })
})

describe('half a character in an answer', () => {
  it('becomes the sign for one that is unknown: no address can hold it', async () => {
    const answer = {
      id: 1,
      name: 'a\ud800',
      owner: { login: 'o' },
      default_branch: 'b\udfff',
      ssh_url: '',
      clone_url: '',
      topics: ['\ud83d\ude00'],
    }
    host.answers['GET /api/v3/orgs/o/repos?per_page=100'] = { body: [answer] }
    const asked = { provider: 'github', settings: { organization: 'o', api: host.url, tokenRef }, project: null } as const
    const [repository] = await scm.repositories({ kind: 'repositories', ...asked, cloneProtocol: 'https' })
    expect(repository).toMatchObject({ repository: 'a\ufffd', branch: 'b\ufffd', labels: ['\ud83d\ude00'] })
    const named = { organization: 'o', repository: repository?.repository ?? '', repositoryId: 1, defaultBranch: 'main', allBranches: true }
    await expect(scm.branches({ kind: 'branches', ...asked, ...named })).rejects.toMatchObject({ code: 'GIT_NOT_FOUND' })
  })
})
