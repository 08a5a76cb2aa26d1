import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { GIT_ENV } from '../../../sandbox/git-http.ts'
import { type GitServer, startGitServer } from '../../../sandbox/git-server.ts'
import { sandboxDirectory } from '../../support/sandbox-directory.ts'

const run = promisify(execFile)
const git = (cwd: string, ...args: string[]) =>
  run('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.test', ...args], { cwd, env: GIT_ENV })

let dir: string
let open: GitServer
let closed: GitServer
const credentials = { username: 'robot', password: 'p:w/d' }
const withCredentials = (url: string) => url.replace('http://', `http://robot:${encodeURIComponent(credentials.password)}@`)

beforeAll(async () => {
  dir = await sandboxDirectory()
  open = await startGitServer({ dir: join(dir, 'open') })
  closed = await startGitServer({ dir: join(dir, 'closed'), credentials })
  await open.createRepository('fleet', { 'apps/a.yaml': 'one' })
  await closed.createRepository('team/private', { 'secret.yaml': 'two' })
})
afterAll(() => Promise.all([open?.stop(), closed?.stop()]))
beforeEach(() => open.forgetRequests())

describe('the Git server', () => {
  it('serves what was committed, to a shallow clone too', async () => {
    const sha = await open.commit('fleet', 'main', { message: 'Change', files: { 'apps/b.yaml': 'new' }, remove: ['apps/a.yaml'] })
    await git(dir, 'clone', '--quiet', '--depth=1', open.repositoryUrl('fleet'), 'shallow')
    expect((await git(join(dir, 'shallow'), 'rev-parse', 'HEAD')).stdout.trim()).toBe(sha)
    expect((await git(join(dir, 'shallow'), 'ls-files')).stdout.trim()).toBe('apps/b.yaml')
    expect(readFileSync(join(dir, 'shallow/apps/b.yaml'), 'utf8')).toBe('new')
  })

  it('starts a new branch at main and keeps its history apart', async () => {
    const main = await open.commit('fleet', 'main', { message: 'Main' })
    const feature = await open.commit('fleet', 'feature/x', { message: 'Feature', files: { x: '1' } })
    await open.tag('fleet', 'v1.0.0', feature)
    const refs = (await git(dir, 'ls-remote', open.repositoryUrl('fleet'))).stdout
    expect(refs).toContain(`${main}\trefs/heads/main`)
    expect(refs).toContain(`${feature}\trefs/heads/feature/x`)
    expect(refs).toContain(`${feature}\trefs/tags/v1.0.0`)
    await open.deleteBranch('fleet', 'feature/x')
    expect((await git(dir, 'ls-remote', '--heads', open.repositoryUrl('fleet'))).stdout).not.toContain('feature/x')
  })

  it('counts one poll for each look at the refs', async () => {
    await git(dir, 'ls-remote', open.repositoryUrl('fleet'))
    await git(dir, 'ls-remote', open.repositoryUrl('fleet'))
    expect(open.polls('fleet')).toBe(2)
    expect(open.polls('other')).toBe(0)
  })

  it('refuses callers without the right credentials', async () => {
    await expect(git(dir, 'ls-remote', closed.repositoryUrl('team/private'))).rejects.toThrow(/could not read Username|Authentication/)
    const wrong = closed.repositoryUrl('team/private').replace('http://', 'http://robot:wrong@')
    await expect(git(dir, 'ls-remote', wrong)).rejects.toThrow(/Authentication failed/)
    expect(closed.requests().every((request) => request.status === 401)).toBe(true)
  })

  it('takes a push from who has credentials, and from nobody else', async () => {
    await git(dir, 'clone', '--quiet', withCredentials(closed.repositoryUrl('team/private')), 'mine')
    await git(join(dir, 'mine'), 'commit', '--quiet', '--allow-empty', '-m', 'Push')
    await git(join(dir, 'mine'), 'push', '--quiet')
    const sha = (await git(join(dir, 'mine'), 'rev-parse', 'HEAD')).stdout.trim()
    const remote = await git(dir, 'ls-remote', withCredentials(closed.repositoryUrl('team/private')), 'refs/heads/main')
    expect(remote.stdout).toContain(sha)

    await git(dir, 'clone', '--quiet', open.repositoryUrl('fleet'), 'stranger')
    await git(join(dir, 'stranger'), 'commit', '--quiet', '--allow-empty', '-m', 'No')
    await expect(git(join(dir, 'stranger'), 'push', '--quiet')).rejects.toThrow(/403/)
  })

  it('answers nothing during an outage and everything after it', async () => {
    open.setOutage(true)
    await expect(git(dir, 'ls-remote', open.repositoryUrl('fleet'))).rejects.toThrow(/503/)
    open.setOutage(false)
    await git(dir, 'ls-remote', open.repositoryUrl('fleet'))
  })
})
