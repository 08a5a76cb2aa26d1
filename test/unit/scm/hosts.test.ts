import { createVerify, generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../fleet/json.ts'
import type { PullRequestProvider, ScmProvider } from '../../../generators/requests.ts'
import type { Scm } from '../../../repos/scm/scm.ts'
import { type RecordedHost, scmForTests, startRecordedHost, token, tokenRef } from './recorded-host.ts'

// The exchanges are written after the hosts' API references, with the fields that matter and a few that don't.

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

const pulls = (provider: PullRequestProvider, settings: JsonObject, withPaths = false) =>
  scm.pullRequests({ kind: 'pullRequests', provider, settings: { api: host.url, ...settings }, withPaths, project: null })
const scmRequest = (provider: ScmProvider, settings: JsonObject) =>
  ({ provider, settings: { api: host.url, ...settings }, project: null }) as const
const repositories = (provider: ScmProvider, settings: JsonObject, cloneProtocol: 'ssh' | 'https' = 'https') =>
  scm.repositories({ kind: 'repositories', ...scmRequest(provider, settings), cloneProtocol })
const repository = { organization: 'acme', repository: 'web', repositoryId: null, defaultBranch: 'main' }
const branches = (provider: ScmProvider, settings: JsonObject, allBranches: boolean, change: object = {}) =>
  scm.branches({ kind: 'branches', ...scmRequest(provider, settings), ...repository, allBranches, ...change })
const present = (provider: ScmProvider, settings: JsonObject, paths: readonly string[], change: object = {}) =>
  scm.presentPaths({
    kind: 'repositoryPaths',
    ...scmRequest(provider, settings),
    ...repository,
    branch: 'main',
    sha: 'abc',
    paths,
    ...change,
  })
const basic = (username: string) => `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`
const missing = { code: 'GIT_NOT_FOUND' }

describe('GitHub', () => {
  const settings = { owner: 'acme', repo: 'web', organization: 'acme', tokenRef }
  const pull = (number: number, labels: string[]) => ({
    id: 9_000 + number,
    number,
    state: 'open',
    draft: number === 2,
    title: `Pull ${number}`,
    user: { login: 'octocat', type: 'User' },
    labels: labels.map((name) => ({ id: 1, name, color: 'f29513' })),
    head: { label: `acme:b${number}`, ref: `b${number}`, sha: `${number}`.repeat(40), repo: null },
    base: { label: 'acme:main', ref: 'main', sha: 'f'.repeat(40) },
  })
  const list = (page?: number) =>
    `GET /api/v3/repos/acme/web/pulls?direction=asc${page === undefined ? '' : `&page=${page}`}&per_page=100&sort=created&state=open`

  it('gives open pull requests of every page, with all labels', async () => {
    const more = {
      link: `<${host.url}/api/v3/repos/acme/web/pulls?direction=asc&page=2&per_page=100&sort=created&state=open>; rel="next", <x>; rel="last"`,
    }
    host.answers[list()] = { headers: more, body: [pull(1, ['preview', 'x']), pull(2, ['preview'])] }
    host.answers[list(2)] = { body: [pull(3, ['other', 'preview'])] }
    expect(await pulls('github', settings)).toMatchObject([{ number: 1 }, { number: 2 }, { number: 3 }])
    expect(await pulls('github', { ...settings, labels: ['preview', 'x'] })).toEqual([
      {
        number: 1,
        title: 'Pull 1',
        branch: 'b1',
        targetBranch: 'main',
        headSHA: '1'.repeat(40),
        author: 'octocat',
        labels: ['preview', 'x'],
        draft: false,
      },
    ])
    expect(host.asked[0]?.headers).toMatchObject({
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
      'user-agent': 'roadstead',
    })
  })

  it('asks the same host for a further page, whatever address the link to it has', async () => {
    host.answers[list()] = { headers: { link: '<https://evil.example/steal>; rel="next"' }, body: [pull(1, [])] }
    host.answers[list(2)] = { body: [pull(2, [])] }
    expect(await pulls('github', settings)).toMatchObject([{ number: 1 }, { number: 2 }])
  })

  it('is never led to another path of the host by a name', async () => {
    for (const [owner, repo] of [
      ['..', 'web'],
      ['acme', '.'],
    ]) {
      await expect(pulls('github', { ...settings, owner, repo })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    }
    await expect(pulls('github', { ...settings, owner: '../../admin?x#' })).rejects.toMatchObject(missing)
    expect(host.asked.map((asked) => asked.line.split('?')[0])).toEqual(['GET /api/v3/repos/..%2F..%2Fadmin%3Fx%23/web/pulls'])
  })

  it('gives changed files, both names of a renamed one', async () => {
    host.answers[list()] = { body: [pull(1, [])] }
    host.answers['GET /api/v3/repos/acme/web/pulls/1/files?per_page=100'] = {
      body: [
        { filename: 'a.txt', status: 'modified' },
        { filename: 'new.txt', status: 'renamed', previous_filename: 'old.txt' },
      ],
    }
    expect((await pulls('github', settings, true))[0]?.paths).toEqual(['a.txt', 'new.txt', 'old.txt'])
  })

  it('gives the repositories of an organization', async () => {
    const one = (id: number, name: string, archived: boolean) => ({
      id,
      name,
      owner: { login: 'Acme' },
      default_branch: 'trunk',
      ssh_url: `git@github.com:acme/${name}.git`,
      clone_url: `https://github.com/acme/${name}.git`,
      archived,
      topics: ['tier-1', 'go'],
    })
    host.answers['GET /api/v3/orgs/acme/repos?per_page=100'] = { body: [one(1, 'web', false), one(2, 'old', true)] }
    const web = { organization: 'Acme', repository: 'web', repositoryId: 1, branch: 'trunk', labels: ['tier-1', 'go'] }
    expect(await repositories('github', { ...settings, excludeArchivedRepos: true })).toEqual([
      { ...web, url: 'https://github.com/acme/web.git' },
    ])
    expect((await repositories('github', settings, 'ssh')).map((found) => found.url)).toEqual([
      'git@github.com:acme/web.git',
      'git@github.com:acme/old.git',
    ])
  })

  it('gives branches, and none for an empty repository but an error for one that is gone', async () => {
    host.answers['GET /api/v3/repos/acme/web/branches?per_page=100'] = {
      body: [
        { name: 'main', commit: { sha: 'abc' } },
        { name: 'x/y', commit: { sha: 'def' } },
      ],
    }
    expect(await branches('github', settings, true)).toEqual([
      { branch: 'main', sha: 'abc' },
      { branch: 'x/y', sha: 'def' },
    ])
    await expect(branches('github', settings, false)).rejects.toMatchObject(missing)
    host.answers['GET /api/v3/repos/acme/web/branches?per_page=1'] = { body: [] }
    expect(await branches('github', settings, false)).toEqual([])
    host.answers['GET /api/v3/repos/acme/web/branches/main'] = { body: { name: 'main', commit: { sha: 'abc' } } }
    expect(await branches('github', settings, false)).toEqual([{ branch: 'main', sha: 'abc' }])
  })

  it('says which paths are there', async () => {
    host.answers['HEAD /api/v3/repos/acme/web/contents/deploy%2Fa%20b.yaml?ref=abc'] = {}
    expect(await present('github', settings, ['deploy/a b.yaml', 'none'])).toEqual(['deploy/a b.yaml'])
  })

  it('whose App is not installed any more is refused, which is no answer to whether the repository exists', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const data: Record<string, string> = {
      githubAppID: '1',
      githubAppInstallationID: '42',
      githubAppPrivateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    }
    scm.close()
    scm = scmForTests({ readSecret: async ({ key }) => data[key] ?? null })
    const asked = pulls('github', { owner: 'acme', repo: 'web', appSecretName: 'app' })
    await expect(asked).rejects.toMatchObject({ code: 'CREDENTIAL_REFUSED' })
  })

  it('that shows a repository but not its default branch has not shown that it is empty', async () => {
    const at = 'GET /api/v3/repos/acme/web'
    host.answers[at] = { body: {} }
    // A token that may read metadata only: everything in the repository is not found.
    await expect(branches('github', settings, false)).rejects.toMatchObject(missing)
    // Its default branch was renamed since it was listed.
    host.answers[`${at}/branches?per_page=1`] = { body: [{ name: 'trunk', commit: { sha: 'a' } }] }
    await expect(branches('github', settings, false)).rejects.toMatchObject(missing)
  })

  it('signs in as an App, and keeps its token until shortly before it ends', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
    let nowMs = Date.parse('2026-01-01T00:00:00Z')
    const secrets: Record<string, string> = { githubAppID: '42', githubAppInstallationID: '7', githubAppPrivateKey: pem }
    scm.close()
    scm = scmForTests({
      nowMs: () => nowMs,
      readSecret: async ({ secretName, key }) => (secretName === 'app' ? (secrets[key] ?? null) : null),
    })
    host.answers['POST /api/v3/app/installations/7/access_tokens'] = {
      status: 201,
      body: { token: 'ghs_1', expires_at: '2026-01-01T01:00:00Z' },
    }
    host.answers[list()] = { body: [] }
    const asApp = { ...settings, tokenRef: null, appSecretName: 'app' }
    expect(await pulls('github', asApp)).toEqual([])
    await pulls('github', asApp)
    expect(host.asked.map((asked) => asked.line.split(' ')[0])).toEqual(['POST', 'GET', 'GET'])
    expect(host.asked[1]?.headers.authorization).toBe('Bearer ghs_1')
    const [header, claim, signature] = host.asked[0]?.headers.authorization?.slice('Bearer '.length).split('.') ?? []
    expect(
      createVerify('sha256')
        .update(`${header}.${claim}`)
        .verify(publicKey, signature ?? '', 'base64url'),
    ).toBe(true)
    expect(JSON.parse(Buffer.from(claim ?? '', 'base64url').toString())).toEqual({
      iat: nowMs / 1_000 - 30,
      exp: nowMs / 1_000 + 570,
      iss: '42',
    })
    nowMs += 56 * 60_000
    await pulls('github', asApp)
    expect(host.asked.filter((asked) => asked.line.startsWith('POST'))).toHaveLength(2)
    secrets['githubAppPrivateKey'] = 'not a key'
    await expect(pulls('github', asApp)).rejects.toMatchObject({ code: 'CREDENTIAL_REFUSED' })
  })
})

describe('GitLab', () => {
  const settings = { project: 'group/sub/web', group: 'group/sub', tokenRef }
  const at = '/api/v4/projects/group%2Fsub%2Fweb/merge_requests'
  const request = (iid: number) => ({
    id: 1_000 + iid,
    iid,
    title: `MR ${iid}`,
    state: 'opened',
    draft: false,
    source_branch: `b${iid}`,
    target_branch: 'main',
    sha: 'a'.repeat(40),
    author: { username: 'ada' },
    labels: ['preview'],
  })

  it('gives merge requests of every page, and hands labels and state on', async () => {
    const line = (page: number) => `GET ${at}?labels=preview,ready&order_by=created_at&page=${page}&per_page=100&sort=asc&state=opened`
    host.answers[line(1)] = { headers: { 'x-next-page': '2' }, body: [request(1)] }
    host.answers[line(2)] = { headers: { 'x-next-page': '' }, body: [request(2)] }
    const found = await pulls('gitlab', { ...settings, labels: ['preview', 'ready'], pullRequestState: 'opened' })
    expect(found[0]).toEqual({
      number: 1,
      title: 'MR 1',
      branch: 'b1',
      targetBranch: 'main',
      headSHA: 'a'.repeat(40),
      author: 'ada',
      labels: ['preview'],
      draft: false,
    })
    expect(found.map((one) => one.number)).toEqual([1, 2])
    expect(host.asked[0]?.headers['private-token']).toBe(token)
  })

  it('says which merge request has no commit yet', async () => {
    host.answers[`GET ${at}?order_by=created_at&page=1&per_page=100&sort=asc`] = { body: [{ ...request(1), sha: null }, request(2)] }
    expect((await pulls('gitlab', settings)).map((one) => one.isPending)).toEqual([true, undefined])
  })

  it('refuses a state that GitLab has not, and a project that leads elsewhere', async () => {
    await expect(pulls('gitlab', { ...settings, pullRequestState: 'open' })).rejects.toThrow(/opened, closed, merged, locked, all/)
    await expect(pulls('gitlab', { ...settings, project: '..' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(host.asked).toEqual([])
  })

  it('lists every state without pullRequestState, as Argo CD does', async () => {
    host.answers[`GET ${at}?order_by=created_at&page=1&per_page=100&sort=asc`] = { body: [request(1)] }
    host.answers[`GET ${at}/1/diffs?page=1&per_page=100`] = { body: [{ old_path: 'a', new_path: 'b' }] }
    expect((await pulls('gitlab', settings, true))[0]?.paths).toEqual(['b', 'a'])
  })

  it('gives projects of a group with subgroups, branches and paths', async () => {
    const project = {
      id: 5,
      path: 'web',
      namespace: { full_path: 'group/sub' },
      default_branch: 'main',
      ssh_url_to_repo: 'git@gitlab.example:group/sub/web.git',
      http_url_to_repo: 'https://gitlab.example/group/sub/web.git',
      topics: [],
      tag_list: ['old-style'],
    }
    host.answers[
      'GET /api/v4/groups/group%2Fsub/projects?include_subgroups=true&order_by=id&page=1&per_page=100&sort=asc&with_shared=false'
    ] = { body: [project] }
    expect(await repositories('gitlab', { ...settings, includeSubgroups: true, includeSharedProjects: false })).toEqual([
      {
        organization: 'group/sub',
        repository: 'web',
        repositoryId: 5,
        url: 'https://gitlab.example/group/sub/web.git',
        branch: 'main',
        labels: ['old-style'],
      },
    ])
    host.answers['GET /api/v4/projects/5/repository/branches/feature%2Fx'] = { body: { name: 'feature/x', commit: { id: 'abc' } } }
    expect(await branches('gitlab', settings, false, { repositoryId: 5, defaultBranch: 'feature/x' })).toEqual([
      { branch: 'feature/x', sha: 'abc' },
    ])
    host.answers['HEAD /api/v4/projects/5/repository/files/a%2Fb.yaml?ref=abc'] = {}
    host.answers['GET /api/v4/projects/5/repository/tree?path=dir&per_page=1&ref=abc'] = { body: [{ name: 'x' }] }
    expect(await present('gitlab', settings, ['a/b.yaml', 'dir', 'none'], { repositoryId: 5 })).toEqual(['a/b.yaml', 'dir'])
  })

  it('follows no links by itself, which a host could give without an end', async () => {
    const endless = () => ({ headers: { link: `<${host.url}/api/v4/more?page=${host.asked.length}>; rel="next"` }, body: [] })
    host.answers['GET /api/v4/projects/5/repository/tree?path=dir&per_page=1&ref=abc'] = endless
    host.answers['GET /api/v4/projects/5/repository/branches/main'] = endless
    for (let page = 1; page < 10; page += 1) {
      host.answers[`GET /api/v4/projects/5/repository/tree?page=${page}`] = endless
      host.answers[`GET /api/v4/projects/5/repository/branches/main?page=${page}`] = endless
    }
    expect(await present('gitlab', settings, ['dir'], { repositoryId: 5 })).toEqual(['dir'])
    await expect(branches('gitlab', settings, false, { repositoryId: 5 })).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' })
    expect(host.asked).toHaveLength(3)
  })
})

describe('Bitbucket Cloud', () => {
  const settings = { owner: 'acme', repo: 'web', basicAuth: { username: 'bot', passwordRef: tokenRef } }
  const pull = (id: number) => ({
    type: 'pullrequest',
    id,
    title: `PR ${id}`,
    draft: true,
    author: { nickname: 'ada', display_name: 'Ada' },
    source: { branch: { name: `b${id}` }, commit: { hash: 'abcdef123456' }, repository: null },
    destination: { branch: { name: 'main' } },
  })

  it('gives open pull requests of every page', async () => {
    const at = '/repositories/acme/web/pullrequests'
    host.answers[`GET ${at}?pagelen=50&sort=created_on&state=OPEN`] = {
      body: { size: 2, page: 1, values: [pull(1)], next: `${host.url}${at}?page=2` },
    }
    host.answers[`GET ${at}?page=2`] = { body: { values: [pull(2)] } }
    const found = await pulls('bitbucket', settings)
    expect(found[0]).toEqual({
      number: 1,
      title: 'PR 1',
      branch: 'b1',
      targetBranch: 'main',
      headSHA: 'abcdef123456',
      author: 'ada',
      draft: true,
    })
    expect(found).toHaveLength(2)
    expect(host.asked[0]?.headers.authorization).toBe(basic('bot'))
    host.answers[`GET ${at}/1/diffstat?pagelen=100`] = {
      body: {
        values: [
          { old: null, new: { path: 'a' } },
          { old: { path: 'b' }, new: null },
        ],
      },
    }
    host.answers[`GET ${at}/2/diffstat?pagelen=100`] = { body: { values: [] } }
    const bearer = { ...settings, basicAuth: null, bearerToken: { tokenRef } }
    expect((await pulls('bitbucket', bearer, true)).map((one) => one.paths)).toEqual([['a', 'b'], []])
    expect(host.asked.at(-1)?.headers.authorization).toBe(`Bearer ${token}`)
  })

  it('gives repositories, branches and paths', async () => {
    const app = { owner: 'acme', user: 'bot', appPasswordRef: tokenRef }
    const clone = [
      { name: 'https', href: 'https://bot@bitbucket.org/acme/web.git' },
      { name: 'ssh', href: 'git@bitbucket.org:acme/web.git' },
    ]
    host.answers['GET /repositories/acme?pagelen=100&role=member'] = {
      body: { values: [{ uuid: '{1}', slug: 'web', mainbranch: { name: 'main' }, links: { clone } }] },
    }
    expect(await repositories('bitbucket', app, 'ssh')).toEqual([
      { organization: 'acme', repository: 'web', repositoryId: '{1}', url: 'git@bitbucket.org:acme/web.git', branch: 'main', labels: [] },
    ])
    expect(host.asked[0]?.headers.authorization).toBe(basic('bot'))
    host.answers['GET /repositories/acme/web/refs/branches?pagelen=100'] = { body: { values: [{ name: 'main', target: { hash: 'abc' } }] } }
    expect(await branches('bitbucket', app, true)).toEqual([{ branch: 'main', sha: 'abc' }])
    expect(await branches('bitbucket', app, false, { defaultBranch: '' })).toEqual([])
    host.answers['GET /repositories/acme/web/src/abc/dir?format=meta'] = { body: { type: 'commit_directory' } }
    expect(await present('bitbucket', app, ['dir', 'none'])).toEqual(['dir'])
  })
})

describe('Bitbucket Server', () => {
  const settings = { project: 'ACME', repo: 'web', bearerToken: { tokenRef } }
  const at = '/rest/api/1.0/projects/ACME/repos/web'

  it('gives open pull requests of every page', async () => {
    const pull = (id: number) => ({
      id,
      title: `PR ${id}`,
      author: { user: { name: 'ada', emailAddress: 'a@example.com' } },
      fromRef: { id: `refs/heads/b${id}`, displayId: `b${id}`, latestCommit: 'abc' },
      toRef: { id: 'refs/heads/main', displayId: 'main', latestCommit: 'def' },
    })
    host.answers[`GET ${at}/pull-requests?limit=100&order=OLDEST&start=0&state=OPEN`] = {
      body: { values: [pull(1)], isLastPage: false, nextPageStart: 1 },
    }
    host.answers[`GET ${at}/pull-requests?limit=100&order=OLDEST&start=1&state=OPEN`] = { body: { values: [pull(2)], isLastPage: true } }
    const found = await pulls('bitbucketServer', settings)
    expect(found[0]).toEqual({ number: 1, title: 'PR 1', branch: 'b1', targetBranch: 'main', headSHA: 'abc', author: 'ada', labels: [] })
    expect(found).toHaveLength(2)
    expect(host.asked[0]?.headers.authorization).toBe(`Bearer ${token}`)
    for (const id of [1, 2]) {
      const values = [{ path: { components: ['a'], toString: 'a' }, srcPath: { toString: 'old' } }]
      host.answers[`GET ${at}/pull-requests/${id}/changes?limit=100&start=0`] = { body: { values, isLastPage: true } }
    }
    expect((await pulls('bitbucketServer', settings, true))[0]?.paths).toEqual(['a', 'old'])
  })

  it('gives repositories that have a default branch, on old and new servers', async () => {
    const links = {
      clone: [
        { name: 'http', href: 'https://bb.example/scm/acme/web.git' },
        { name: 'ssh', href: 'ssh://git@bb.example/acme/web.git' },
      ],
    }
    const one = (id: number, name: string, slug: string) => ({ id, name, slug, project: { key: 'ACME' }, links })
    host.answers['GET /rest/api/1.0/projects/ACME/repos?limit=100&start=0'] = {
      body: { values: [one(1, 'Web', 'web'), one(2, 'My Docs', 'my-docs'), one(3, 'Empty', 'empty')], isLastPage: true },
    }
    host.answers[`GET ${at}/branches/default`] = { body: { displayId: 'main', latestCommit: 'abc' } }
    const docs = at.replace('web', 'my-docs')
    host.answers[`GET ${docs}/default-branch`] = { body: { displayId: 'trunk' } }
    host.answers[`GET ${docs}/branches?filterText=trunk&limit=100&start=0`] = {
      body: {
        values: [
          { displayId: 'trunk-2', latestCommit: 'x' },
          { displayId: 'trunk', latestCommit: 'def' },
        ],
        isLastPage: true,
      },
    }
    host.answers[`GET ${at.replace('web', 'empty')}/branches?limit=1`] = { body: { values: [], isLastPage: true } }
    const found = await repositories('bitbucketServer', settings)
    expect(found.map((repo) => [repo.repository, repo.branch, repo.repositoryId])).toEqual([
      ['Web', 'main', 1],
      ['My Docs', 'trunk', 2],
    ])
    expect(found[0]?.url).toBe('https://bb.example/scm/acme/web.git')
    expect(await branches('bitbucketServer', settings, false, { organization: 'ACME', repository: 'My Docs' })).toEqual([
      { branch: 'trunk', sha: 'def' },
    ])
    host.answers[`GET ${at}/browse/dir?at=abc&type=true`] = { body: { type: 'DIRECTORY' } }
    expect(await present('bitbucketServer', settings, ['dir', 'no'], { organization: 'ACME', repository: 'Web' })).toEqual(['dir'])
  })
})

describe('a secret that a host sends back', () => {
  it('is nowhere in the error, encoded or not', async () => {
    const at = '/rest/api/1.0/projects/ACME/repos/web/pull-requests'
    const basicAuth = { username: 'bot', passwordRef: tokenRef }
    host.answers[`GET ${at}?limit=100&order=OLDEST&start=0&state=OPEN`] = (asked) => ({
      status: 403,
      body: { message: `no: ${asked.headers.authorization ?? ''} ${token}` },
    })
    const error: unknown = await pulls('bitbucketServer', { project: 'ACME', repo: 'web', basicAuth }).catch((caught: unknown) => caught)
    expect(String(error)).toContain('no: Basic *** ***')
  })
})

describe('Azure DevOps', () => {
  const settings = { organization: 'acme', project: 'Shop', repo: 'web', tokenRef }
  const at = '/acme/Shop/_apis/git/repositories/web'
  const pull = (pullRequestId: number, labels: string[]) => ({
    pullRequestId,
    title: `PR ${pullRequestId}`,
    status: 'active',
    isDraft: false,
    sourceRefName: `refs/heads/feature/${pullRequestId}`,
    targetRefName: 'refs/heads/main',
    createdBy: { displayName: 'Ada', uniqueName: 'ada@example.com' },
    lastMergeSourceCommit: { commitId: 'abc' },
    ...(labels.length === 0 ? {} : { labels: labels.map((name) => ({ id: 'x', name, active: true })) }),
  })

  /** Where the server says that its resources are, as it answers `OPTIONS _apis/git`. */
  const location = (id: string, resourceName: string, routeTemplate: string) => ({
    id,
    area: 'git',
    resourceName,
    routeTemplate: `{project}/_apis/{area}/${routeTemplate}`,
    resourceVersion: 1,
    minVersion: '1.0',
    maxVersion: '7.1',
    releasedVersion: '7.1',
  })
  const value = [
    location('9946fd70-0d40-406e-b686-b4744cbbcc37', 'pullRequests', 'repositories/{repositoryId}/{resource}/{pullRequestId}'),
    location(
      'd43911ee-6958-46b0-a42b-8445b8a0d004',
      'pullRequestIterations',
      'repositories/{repositoryId}/pullRequests/{pullRequestId}/iterations/{iterationId}',
    ),
    location(
      '4216bdcf-b6b1-4d59-8b82-c34cc183fc8b',
      'pullRequestIterationChanges',
      'repositories/{repositoryId}/pullRequests/{pullRequestId}/iterations/{iterationId}/changes',
    ),
    location('225f7195-f9c7-4d14-ab28-a83f7ff77e1f', 'repositories', '{resource}/{repositoryId}'),
    location('d5b216de-d8d5-4d32-ae76-51df755b16d3', 'branches', 'repositories/{repositoryId}/stats/{resource}/{*name}'),
    location('fb93c0db-47ed-4a31-8c20-47552878fb44', 'items', 'repositories/{repositoryId}/{resource}/{*path}'),
  ]
  const locations = (organization = 'acme') => {
    host.answers[`OPTIONS /${organization}/_apis/git`] = { body: { count: value.length, value } }
  }
  const line = (skip: number, top = 100) => `GET ${at}/pullRequests?$skip=${skip}&$top=${top}&searchCriteria.status=1`

  it('gives active pull requests of every page with all labels', async () => {
    locations()
    scm.close()
    scm = scmForTests({ limits: { pageSize: 2 } })
    host.answers[line(0, 2)] = { body: { count: 2, value: [pull(1, ['preview']), pull(2, [])] } }
    host.answers[line(2, 2)] = { body: { count: 1, value: [pull(3, ['preview', 'x'])] } }
    expect((await pulls('azuredevops', settings)).map((one) => one.number)).toEqual([1, 2, 3])
    expect((await pulls('azuredevops', { ...settings, labels: ['preview'] }))[0]).toEqual({
      number: 1,
      title: 'PR 1',
      branch: 'feature/1',
      targetBranch: 'main',
      headSHA: 'abc',
      author: 'ada',
      labels: ['preview'],
      draft: false,
    })
    expect(host.asked.map((asked) => asked.headers.authorization)).toEqual(host.asked.map(() => basic('')))
    expect(host.asked[1]?.headers.accept).toBe('application/json;api-version=7.1')
  })

  it('takes the page on which Azure asks to sign in for a refusal', async () => {
    host.answers['OPTIONS /acme/_apis/git'] = { status: 203, body: '<html>Sign In</html>' }
    await expect(pulls('azuredevops', settings)).rejects.toMatchObject({ code: 'GIT_DENIED' })
    locations()
    host.answers[line(0)] = { status: 203, body: '<html>Sign In</html>' }
    await expect(pulls('azuredevops', settings)).rejects.toMatchObject({ code: 'GIT_DENIED' })
  })

  it('takes a page that is no JSON, or no server of Azure DevOps, for an error', async () => {
    locations()
    host.answers[line(0)] = { body: '<html>Welcome</html>' }
    await expect(pulls('azuredevops', settings)).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' })
    host.answers['OPTIONS /acme/_apis/git'] = { body: '<html>Welcome</html>' }
    await expect(pulls('azuredevops', settings)).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' })
    host.answers['OPTIONS /acme/_apis/git'] = { body: { count: 0 } }
    await expect(pulls('azuredevops', settings)).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' })
  })

  it('never takes for no pull requests, or for no repository, what says neither', async () => {
    const unreachable = { code: 'GIT_UNREACHABLE' }
    await expect(pulls('azuredevops', settings), 'no such organization').rejects.toMatchObject(unreachable)
    locations()
    host.answers[line(0)] = { body: [] }
    await expect(pulls('azuredevops', settings), 'a list that Azure would have wrapped').rejects.toMatchObject(unreachable)
    const { routeTemplate: _, ...nowhere } = value[0] ?? location('', '', '')
    for (const told of [[nowhere], value.slice(1)]) {
      host.answers['OPTIONS /acme/_apis/git'] = { body: { count: 1, value: told } }
      await expect(pulls('azuredevops', settings), 'not told where they are').rejects.toMatchObject(unreachable)
    }
    locations()
    host.answers[line(0)] = { status: 404, body: { message: 'TF200016: The following project does not exist: Shop.' } }
    await expect(pulls('azuredevops', settings)).rejects.toMatchObject(missing)
  })

  it('is never led to another path of the host by a name', async () => {
    for (const change of [{ organization: '..' }, { project: '..' }, { repo: '..' }])
      await expect(pulls('azuredevops', { ...settings, ...change })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(host.asked).toEqual([])
  })

  it('gives changed files of the last iteration', async () => {
    locations()
    host.answers[line(0)] = { body: { value: [pull(1, [])] } }
    host.answers[`GET ${at}/pullRequests/1/iterations`] = { body: { value: [{ id: 1 }, { id: 2 }] } }
    const changes = (skip: number) => `GET ${at}/pullRequests/1/iterations/2/changes?$skip=${skip}&$top=100`
    host.answers[changes(0)] = { body: { changeEntries: [{ item: { path: '/a/b.txt' } }], nextSkip: 100, nextTop: 100 } }
    host.answers[changes(100)] = { body: { changeEntries: [{ item: { path: '/c' }, originalPath: '/d' }], nextSkip: 0 } }
    expect((await pulls('azuredevops', settings, true))[0]?.paths).toEqual(['a/b.txt', 'c', 'd'])
  })

  it('gives the repositories of a project but empty and disabled ones, branches and paths', async () => {
    locations()
    const project = { organization: 'acme', teamProject: 'Shop', accessTokenRef: tokenRef }
    const one = { id: 'uuid-1', name: 'web', remoteUrl: 'https://acme@dev.azure.com/acme/Shop/_git/web', defaultBranch: 'refs/heads/main' }
    host.answers['GET /acme/Shop/_apis/git/repositories'] = {
      body: { count: 3, value: [one, { ...one, id: 'uuid-2', defaultBranch: undefined }, { ...one, id: 'uuid-3', isDisabled: true }] },
    }
    expect(await repositories('azureDevOps', project)).toEqual([
      { organization: 'acme', repository: 'web', repositoryId: 'uuid-1', url: one.remoteUrl, branch: 'main', labels: [] },
    ])
    host.answers[`GET ${at}/stats/branches`] = { body: { value: [{ name: 'main', commit: { commitId: 'abc' } }] } }
    expect(await branches('azureDevOps', project, true)).toEqual([{ branch: 'main', sha: 'abc' }])
    host.answers[`GET ${at}/stats/branches?name=main`] = { body: { name: 'main', commit: { commitId: 'abc' } } }
    expect(await branches('azureDevOps', project, false)).toEqual([{ branch: 'main', sha: 'abc' }])
    const item = `GET /acme/Shop/_apis/git/repositories/uuid-1/items?path=dir&versionDescriptor.version=abc&versionDescriptor.versionType=2`
    host.answers[item] = { body: { objectId: 'x' } }
    expect(await present('azureDevOps', project, ['dir', 'none'], { repositoryId: 'uuid-1' })).toEqual(['dir'])
  })
})

describe('a plugin', () => {
  const request = {
    kind: 'pluginParameters',
    token: { secretName: 'p', key: 'k' },
    timeoutSeconds: 1,
    applicationSetName: 'apps',
    parameters: { a: { b: [1] } },
  } as const

  it('is asked with its token and gives what it answers', async () => {
    host.answers['POST /base/api/v1/getparams.execute'] = { body: { output: { parameters: [{ x: 1 }] } } }
    expect(await scm.pluginParameters({ ...request, baseUrl: `${host.url}/base/` })).toEqual({ output: { parameters: [{ x: 1 }] } })
    expect(host.asked[0]?.headers.authorization).toBe(`Bearer ${token}`)
    expect(JSON.parse(host.asked[0]?.body ?? '')).toEqual({ applicationSetName: 'apps', input: { parameters: { a: { b: [1] } } } })
  })

  it('that refuses, fails or redirects makes an error', async () => {
    const line = 'POST /api/v1/getparams.execute'
    for (const [status, code] of [
      [403, 'GIT_DENIED'],
      [404, 'GIT_NOT_FOUND'],
      [500, 'GIT_UNREACHABLE'],
      [302, 'GIT_UNREACHABLE'],
    ] as const) {
      host.answers[line] = { status }
      await expect(scm.pluginParameters({ ...request, baseUrl: host.url })).rejects.toMatchObject({ code })
    }
    host.answers[line] = { body: 'no json' }
    await expect(scm.pluginParameters({ ...request, baseUrl: host.url })).rejects.toThrow(/isn't JSON/)
  })
})
