import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { GITEA_STATIC } from '../toolchain/obtain.ts'
import { freePort, waitUntilReady } from '../toolchain/process.ts'
import { runCommand } from '../toolchain/run-command.ts'
import { GIT_ENV } from './git-http.ts'
import type { GitFiles } from './git-server.ts'
import { supervise } from './processes.ts'

const READY_DEADLINE_MS = 60_000
const ADMIN = 'admin-of-tests'
const DEFAULT_BRANCH = 'main'

export interface GiteaRepository {
  readonly owner: string
  readonly name: string
}

export interface GiteaPullRequest {
  readonly number: number
  readonly headSHA: string
}

/** A real Gitea with real repositories. What has no function of its own here is asked of `api`. */
export interface Gitea {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** An administrator's token, who may do everything. */
  readonly token: string
  /** Calls `/api/v1<path>` and gives the JSON of a 2xx; anything else throws. `token`: somebody else's. */
  api<T>(method: string, path: string, body?: unknown, options?: { readonly token?: string }): Promise<T>
  createOrganization(name: string): Promise<void>
  /** A user with a token of their own. */
  createUser(name: string): Promise<{ readonly token: string }>
  /** With one commit on `main`; gives its URL for Git. */
  createRepository(repository: GiteaRepository, options?: { readonly files?: GitFiles; readonly private?: boolean }): Promise<string>
  /** One commit that adds files; on a new branch when `from` says where that starts. Gives the commit's id. */
  commit(repository: GiteaRepository, branch: string, change: { readonly files: GitFiles; readonly from?: string }): Promise<string>
  /** A branch with one commit on top of main, and a pull request of it. */
  openPullRequest(
    repository: GiteaRepository,
    request: { readonly branch: string; readonly title?: string; readonly files?: GitFiles; readonly labels?: readonly string[] },
  ): Promise<GiteaPullRequest>
  /** Many branches of one commit each on top of main, by one push: far faster than one by one. Gives their commits. */
  pushBranches(repository: GiteaRepository, branches: readonly string[]): Promise<readonly string[]>
  closePullRequest(repository: GiteaRepository, number: number): Promise<void>
  /** Replaces the labels of a pull request; labels that don't exist yet are made. */
  setLabels(repository: GiteaRepository, number: number, labels: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/** Starts Gitea on a free port of 127.0.0.1, with SQLite and everything else in `dir`. `binary`: findTool('gitea'). */
export async function startGitea({ dir, binary }: { readonly dir: string; readonly binary: string }): Promise<Gitea> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  mkdirSync(dir, { recursive: true })
  const config = join(dir, 'app.ini')
  writeFileSync(config, configuration({ dir, port, static: join(dirname(binary), GITEA_STATIC) }), { mode: 0o600 })
  // It runs `git config --global`, which would replace a /dev/null: its settings are a file of its own.
  const env = { ...GIT_ENV, GIT_CONFIG_GLOBAL: join(dir, 'gitconfig'), HOME: dir, GITEA_WORK_DIR: dir }
  const command = (...args: string[]) => runCommand(binary, ['--config', config, ...args], { env })

  await command('migrate')
  const user = ['--username', ADMIN, '--password', randomBytes(12).toString('hex'), '--email', `${ADMIN}@example.test`]
  await command('admin', 'user', 'create', ...user, '--admin', '--must-change-password=false')
  const output = await command('admin', 'user', 'generate-access-token', '--username', ADMIN, '--scopes', 'all', '--raw')
  const token = /^[0-9a-f]{40}$/m.exec(output)?.[0]
  if (token === undefined) throw new Error(`Gitea gave no token: ${output}`)

  const processes = await supervise(dir)
  const child = await processes.start({
    name: 'Gitea',
    command: binary,
    args: ['--config', config, 'web'],
    env,
    logFile: join(dir, 'gitea.log'),
  })
  const probe = async () => (await fetch(`${url}/api/v1/version`)).ok
  try {
    await waitUntilReady({ what: 'Gitea', deadlineMs: READY_DEADLINE_MS, probe, child })
  } catch (error) {
    await processes.stopAll()
    throw error
  }
  return { url, token, ...calls(url, token, dir), stop: () => processes.stopAll() }
}

function calls(url: string, admin: string, dir: string): Omit<Gitea, 'url' | 'token' | 'stop'> {
  const api: Gitea['api'] = async <T>(method: string, path: string, body?: unknown, { token = admin } = {}): Promise<T> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`Gitea answers ${method} ${path} with ${response.status}: ${text.slice(0, 500)}`)
    return (text === '' ? null : JSON.parse(text)) as T
  }
  const at = ({ owner, name }: GiteaRepository) => `/repos/${owner}/${name}`

  const commit: Gitea['commit'] = async (repository, branch, { files, from }) => {
    const where = from === undefined ? { branch } : { branch: from, new_branch: branch }
    const operations = Object.entries(files).map(([path, text]) => ({
      operation: 'create',
      path,
      content: Buffer.from(text).toString('base64'),
    }))
    const change = { ...where, message: `Change ${branch}`, files: operations }
    return (await api<{ commit: { sha: string } }>('POST', `${at(repository)}/contents`, change)).commit.sha
  }
  const setLabels: Gitea['setLabels'] = async (repository, number, names) => {
    const known = await api<{ id: number; name: string }[]>('GET', `${at(repository)}/labels?limit=50`)
    const labels: number[] = []
    for (const name of names) {
      const made = () => api<{ id: number }>('POST', `${at(repository)}/labels`, { name, color: '#00aabb' })
      labels.push((known.find((label) => label.name === name) ?? (await made())).id)
    }
    await api('PUT', `${at(repository)}/issues/${number}/labels`, { labels })
  }
  return {
    api,
    commit,
    setLabels,
    createOrganization: (name) => api('POST', '/orgs', { username: name }),
    createUser: async (name) => {
      const password = randomBytes(12).toString('hex')
      await api('POST', '/admin/users', { username: name, password, email: `${name}@example.test`, must_change_password: false })
      const response = await fetch(`${url}/api/v1/users/${name}/tokens`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ name: 'test', scopes: ['all'] }),
      })
      return { token: ((await response.json()) as { sha1: string }).sha1 }
    },
    createRepository: async (repository, { files, private: hidden = false } = {}) => {
      const made = { name: repository.name, auto_init: true, default_branch: DEFAULT_BRANCH, private: hidden }
      await api('POST', `/orgs/${repository.owner}/repos`, made)
      if (files !== undefined) await commit(repository, DEFAULT_BRANCH, { files })
      return `${url}/${repository.owner}/${repository.name}.git`
    },
    openPullRequest: async (repository, { branch, title = `Pull ${branch}`, files = { [`${branch}.txt`]: branch }, labels = [] }) => {
      const headSHA = await commit(repository, branch, { files, from: DEFAULT_BRANCH })
      const wanted = { title, head: branch, base: DEFAULT_BRANCH }
      const { number } = await api<{ number: number }>('POST', `${at(repository)}/pulls`, wanted)
      if (labels.length > 0) await setLabels(repository, number, labels)
      return { number, headSHA }
    },
    pushBranches: async (repository, branches) => {
      const tree = mkdtempSync(join(dir, 'push-'))
      const author = ['-c', 'user.name=Sandbox', '-c', 'user.email=sandbox@example.test']
      const auth = ['-c', `http.extraHeader=Authorization: token ${admin}`]
      const git = (...args: string[]) => runCommand('git', [...author, ...auth, ...args], { cwd: tree, env: GIT_ENV })
      await git('clone', '--quiet', `${url}/${repository.owner}/${repository.name}.git`, '.')
      const commits: string[] = []
      for (const branch of branches) {
        await git('checkout', '--quiet', '-b', branch, `origin/${DEFAULT_BRANCH}`)
        writeFileSync(join(tree, `${branch}.txt`), branch)
        await git('add', '--all')
        await git('commit', '--quiet', '--message', branch)
        commits.push(await git('rev-parse', 'HEAD'))
      }
      await git('push', '--quiet', 'origin', ...branches)
      return commits
    },
    closePullRequest: (repository, number) => api('PATCH', `${at(repository)}/pulls/${number}`, { state: 'closed' }),
  }
}

/** Only what tests need: no SSH, no mail, no jobs, no outside world. Page sizes are left as Gitea has them (50 at most). */
function configuration(options: { readonly dir: string; readonly port: number; readonly static: string }): string {
  const { dir, port } = options
  return `
RUN_USER = ${userInfo().username}
RUN_MODE = prod
WORK_PATH = ${dir}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = http://127.0.0.1:${port}/
DISABLE_SSH = true
OFFLINE_MODE = true
LFS_START_SERVER = false
${existsSync(options.static) ? `STATIC_ROOT_PATH = ${options.static}` : ''}
[database]
DB_TYPE = sqlite3
PATH = ${join(dir, 'gitea.db')}
[repository]
ROOT = ${join(dir, 'repositories')}
[security]
INSTALL_LOCK = true
SECRET_KEY = ${randomBytes(32).toString('hex')}
INTERNAL_TOKEN = ${randomBytes(32).toString('hex')}
[webhook]
ALLOWED_HOST_LIST = loopback
[session]
PROVIDER = memory
[log]
LEVEL = warn
MODE = console
[cron.update_checker]
ENABLED = false
[actions]
ENABLED = false
[service]
DISABLE_REGISTRATION = true
[indexer]
ISSUE_INDEXER_TYPE = db
`
}
