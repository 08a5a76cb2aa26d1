import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PullRequestsRequest, RepositoriesRequest } from '../../../generators/requests.ts'
import { createScm, type ScmOptions } from '../../../repos/scm/create-scm.ts'
import type { Scm } from '../../../repos/scm/scm.ts'
import { type Gitea, startGitea } from '../../../sandbox/gitea.ts'
import { sandboxDirectory } from '../../support/sandbox-directory.ts'
import { tool } from '../../support/tools.ts'

let gitea: Gitea
let scm: Scm
const secrets = new Map<string, string>()
const opened: Scm[] = []

function scmWith(options: Partial<ScmOptions> = {}): Scm {
  const made = createScm({
    policy: { allowLoopback: true, allowedApis: [] },
    readSecret: async ({ secretName, key }) => secrets.get(`${secretName}/${key}`) ?? null,
    readConfigMap: async () => null,
    nowMs: () => Date.now(),
    ...options,
  })
  opened.push(made)
  return made
}

const pulls = (repo: string, change: object = {}, withPaths = false): PullRequestsRequest => ({
  kind: 'pullRequests',
  provider: 'gitea',
  settings: { owner: 'acme', repo, api: gitea.url, tokenRef: { secretName: 'gitea', key: 'token' }, ...change },
  withPaths,
  project: 'default',
})
const repositories = (cloneProtocol: 'ssh' | 'https', change: object = {}): RepositoriesRequest => ({
  kind: 'repositories',
  provider: 'gitea',
  settings: { owner: 'platform', api: gitea.url, tokenRef: { secretName: 'gitea', key: 'token' }, ...change },
  cloneProtocol,
  project: null,
})

beforeAll(async () => {
  gitea = await startGitea({ dir: join(await sandboxDirectory(), 'gitea'), binary: await tool('gitea') })
  secrets.set('gitea/token', `${gitea.token}\n`)
  secrets.set('wrong/token', '0'.repeat(40))
  await gitea.createOrganization('acme')
  await gitea.createOrganization('platform')
})
afterAll(async () => {
  for (const one of opened) one.close()
  await gitea?.stop()
})
beforeEach(() => {
  scm = scmWith()
})

describe('pull requests of a real Gitea', () => {
  it('are given as they are, open ones only, those with all labels', async () => {
    const web = { owner: 'acme', name: 'web' }
    await gitea.createRepository(web, { private: true })
    const one = await gitea.openPullRequest(web, { branch: 'feature/one', labels: ['preview', 'ready'] })
    const two = await gitea.openPullRequest(web, { branch: 'two', title: 'WIP: two', labels: ['preview'] })
    const closed = await gitea.openPullRequest(web, { branch: 'three', labels: ['preview', 'ready'] })
    await gitea.closePullRequest(web, closed.number)

    const all = await scm.pullRequests(pulls('web'))
    expect(all).toEqual([
      {
        number: one.number,
        title: 'Pull feature/one',
        branch: 'feature/one',
        targetBranch: 'main',
        headSHA: one.headSHA,
        author: 'admin-of-tests',
        labels: ['preview', 'ready'],
        draft: false,
      },
      expect.objectContaining({ number: two.number, headSHA: two.headSHA, draft: true, labels: ['preview'] }),
    ])
    const numbers = async (labels: string[]) => (await scm.pullRequests(pulls('web', { labels }))).map((pull) => pull.number)
    expect(await numbers(['preview'])).toEqual([one.number, two.number])
    expect(await numbers(['ready', 'preview'])).toEqual([one.number])
    expect(await numbers(['Ready'])).toEqual([])
  })

  it('come from forks too, with the commit of the fork', async () => {
    const shop = { owner: 'acme', name: 'shop' }
    await gitea.createRepository(shop)
    const { token } = await gitea.createUser('mallory')
    const asMallory = { token }
    await gitea.api('POST', '/repos/acme/shop/forks', {}, asMallory)
    const change = { branch: 'main', new_branch: 'patch', message: 'm', files: [{ operation: 'create', path: 'x', content: 'eA==' }] }
    const { commit } = await gitea.api<{ commit: { sha: string } }>('POST', '/repos/mallory/shop/contents', change, asMallory)
    await gitea.api('POST', '/repos/acme/shop/pulls', { title: 'Please', head: 'mallory:patch', base: 'main' }, asMallory)
    expect(await scm.pullRequests(pulls('shop'))).toEqual([
      expect.objectContaining({ headSHA: commit.sha, author: 'mallory', branch: 'patch', targetBranch: 'main' }),
    ])
  })

  it('say which files they change when they are asked', async () => {
    const docs = { owner: 'acme', name: 'docs' }
    await gitea.createRepository(docs)
    await gitea.openPullRequest(docs, { branch: 'b', files: { 'a/one.md': '1', 'two.md': '2' } })
    expect((await scm.pullRequests(pulls('docs')))[0]?.paths).toBeUndefined()
    expect((await scm.pullRequests(pulls('docs', {}, true)))[0]?.paths?.toSorted()).toEqual(['a/one.md', 'two.md'])
  })

  it('are given to the last page, also with more than Gitea puts into one', async () => {
    const many = { owner: 'acme', name: 'many' }
    await gitea.createRepository(many)
    const branches = Array.from({ length: 53 }, (_, n) => `b${n}`)
    await gitea.pushBranches(many, branches)
    const numbers: number[] = []
    for (const head of branches) {
      const made = await gitea.api<{ number: number }>('POST', '/repos/acme/many/pulls', { title: head, head, base: 'main' })
      numbers.push(made.number)
    }
    const found = await scm.pullRequests(pulls('many'))
    expect(found.map((pull) => pull.number).toSorted((a, b) => a - b)).toEqual(numbers)
    const small = await scmWith({ limits: { pageSize: 7 } }).pullRequests(pulls('many'))
    expect(small.map((pull) => pull.number).toSorted((a, b) => a - b)).toEqual(numbers)
    await expect(scmWith({ limits: { pageSize: 7, pagesMax: 7 } }).pullRequests(pulls('many'))).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('more than 7 pages of open pull requests of acme/many'),
    })
  }, 120_000)

  it('are an error that says why for a wrong token, a repository that is not there or not to be seen, and a missing secret', async () => {
    const wrong = scm.pullRequests(pulls('web', { tokenRef: { secretName: 'wrong', key: 'token' } }))
    await expect(wrong).rejects.toMatchObject({ code: 'GIT_DENIED', message: expect.stringMatching(/refuses the token.*HTTP 401/) })
    await expect(scm.pullRequests(pulls('nowhere'))).rejects.toMatchObject({ code: 'GIT_NOT_FOUND' })
    const anonymous = scm.pullRequests(pulls('web', { tokenRef: null }))
    await expect(anonymous).rejects.toMatchObject({ code: 'GIT_NOT_FOUND', message: expect.stringContaining('with a token only') })
    const missing = scm.pullRequests(pulls('web', { tokenRef: { secretName: 'none', key: 'token' } }))
    await expect(missing).rejects.toMatchObject({ code: 'CREDENTIAL_REFUSED', message: expect.stringContaining('"none"') })
  })

  it('are not asked for where loopback is not allowed, nor at an address that the administrator does not allow', async () => {
    const strict = scmWith({ policy: { allowLoopback: false, allowedApis: [] } })
    await expect(strict.pullRequests(pulls('web'))).rejects.toThrow(/loopback/)
    const other = scmWith({ policy: { allowLoopback: true, allowedApis: ['https://git.example.com'] } })
    await expect(other.pullRequests(pulls('web'))).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('repositories of a real Gitea', () => {
  it('are given with labels, both addresses, branches and paths; archived ones only when wanted', async () => {
    const at = { owner: 'platform', name: 'api' }
    await gitea.createRepository(at, { files: { 'deploy/kustomization.yaml': '{}' } })
    await gitea.createRepository({ owner: 'platform', name: 'old' })
    await gitea.api('PATCH', '/repos/platform/old', { archived: true })
    await gitea.api('POST', '/orgs/platform/repos', { name: 'empty', default_branch: 'main' })
    await gitea.api('POST', '/repos/platform/api/labels', { name: 'tier-1', color: '#00aabb' })
    const branchHead = await gitea.commit(at, 'feature/x', { from: 'main', files: { 'only-here.txt': '1' } })

    const all = await scm.repositories(repositories('https'))
    expect(all.map((one) => one.repository).toSorted()).toEqual(['api', 'empty', 'old'])
    const api = all.find((one) => one.repository === 'api')
    expect(api).toEqual({
      organization: 'platform',
      repository: 'api',
      repositoryId: expect.any(Number),
      url: `${gitea.url}/platform/api`,
      branch: 'main',
      labels: ['tier-1'],
    })
    const live = await scm.repositories(repositories('ssh', { excludeArchivedRepos: true }))
    expect(live.map((one) => one.repository).toSorted()).toEqual(['api', 'empty'])
    expect(live[0]?.url).toMatch(/^ssh:|@/)

    const settings = repositories('https').settings
    const asked = { provider: 'gitea', settings, organization: 'platform', project: null } as const
    const branches = (repository: string, allBranches: boolean) =>
      scm.branches({ kind: 'branches', ...asked, repository, repositoryId: null, defaultBranch: 'main', allBranches })
    const every = await branches('api', true)
    expect(every.map((one) => one.branch).toSorted()).toEqual(['feature/x', 'main'])
    expect(every).toContainEqual({ branch: 'feature/x', sha: branchHead })
    expect((await branches('api', false)).map((one) => one.branch)).toEqual(['main'])
    expect(await branches('empty', false)).toEqual([])
    await expect(branches('nowhere', false)).rejects.toMatchObject({ code: 'GIT_NOT_FOUND' })

    const paths = ['deploy', 'deploy/kustomization.yaml', 'only-here.txt', 'none']
    const present = (branch: string, sha: string) =>
      scm.presentPaths({ kind: 'repositoryPaths', ...asked, repository: 'api', repositoryId: null, branch, sha, paths })
    expect(await present('feature/x', branchHead)).toEqual(['deploy', 'deploy/kustomization.yaml', 'only-here.txt'])
    expect(await present('main', '')).toEqual(['deploy', 'deploy/kustomization.yaml'])
  })
})
