import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { GIT_ENV, type GitCredentials, isAuthorized, runHttpBackend } from './git-http.ts'

const run = promisify(execFile)
const DEFAULT_BRANCH = 'main'
const COMMITTER = {
  GIT_AUTHOR_NAME: 'Sandbox',
  GIT_AUTHOR_EMAIL: 'sandbox@example.test',
  GIT_COMMITTER_NAME: 'Sandbox',
  GIT_COMMITTER_EMAIL: 'sandbox@example.test',
}

/** Paths inside the repository and what they hold from now on. */
export type GitFiles = Readonly<Record<string, string>>

export interface GitChange {
  readonly message: string
  readonly files?: GitFiles
  readonly remove?: readonly string[]
  /** Where a branch that doesn't exist yet starts; the default branch when left out. */
  readonly from?: string
}

export interface GitRequest {
  readonly method: string
  /** Without `.git`. */
  readonly repository: string
  /** `info/refs`, `git-upload-pack`, `git-receive-pack` ... */
  readonly endpoint: string
  readonly status: number
}

export interface GitServer {
  readonly url: string
  /** `http://127.0.0.1:PORT/NAME.git` */
  repositoryUrl(name: string): string
  /** A bare repository with one commit on `main`; gives that commit's id. */
  createRepository(name: string, files: GitFiles): Promise<string>
  /** One commit on top of a branch; gives its id. Calls for one repository run one after the other. */
  commit(name: string, branch: string, change: GitChange): Promise<string>
  /** Creates or moves a tag. */
  tag(name: string, tag: string, target: string): Promise<void>
  deleteBranch(name: string, branch: string): Promise<void>
  /** Everything that was asked since the start or `forgetRequests`, refused requests included. */
  requests(): readonly GitRequest[]
  /** How often somebody looked at the refs of a repository: once a poll. */
  polls(name: string): number
  forgetRequests(): void
  /** True answers every request with 503 until it is false again: an outage. */
  setOutage(outage: boolean): void
  stop(): Promise<void>
}

/**
 * Real Git over HTTP: `git http-backend` behind node:http, bare repositories in `dir`. With `credentials` every request needs them;
 * without, reads are open and pushes refused.
 */
export async function startGitServer(options: {
  readonly dir: string
  readonly credentials?: GitCredentials
  readonly port?: number
}): Promise<GitServer> {
  const { credentials } = options
  const root = join(options.dir, 'bare')
  mkdirSync(root, { recursive: true })
  let log: GitRequest[] = []
  let outage = false

  const server = createServer((request, response) => {
    const [, repository = '', endpoint = ''] = /^\/(.+?)\.git\/(.*)$/.exec(new URL(request.url ?? '/', 'http://sandbox').pathname) ?? []
    response.on('close', () => log.push({ method: request.method ?? '', repository, endpoint, status: response.statusCode }))
    if (outage) response.writeHead(503).end()
    else if (credentials !== undefined && !isAuthorized(request, credentials))
      response.writeHead(401, { 'www-authenticate': 'Basic realm="sandbox"' }).end()
    else void runHttpBackend(request, response, { root, user: credentials?.username ?? null })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the Git server has no port')
  const url = `http://127.0.0.1:${address.port}`

  return {
    url,
    repositoryUrl: (name) => `${url}/${name}.git`,
    ...workTrees(options.dir, root),
    requests: () => log,
    polls: (name) => log.filter((entry) => entry.repository === name && entry.endpoint === 'info/refs').length,
    forgetRequests: () => {
      log = []
    },
    setOutage: (value) => {
      outage = value
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Changes to the repositories, made by the git binary in a work tree each, on disk and past the server. */
function workTrees(dir: string, root: string): Pick<GitServer, 'createRepository' | 'commit' | 'tag' | 'deleteBranch'> {
  const queues = new Map<string, Promise<unknown>>()
  const bare = (name: string) => join(root, `${name}.git`)
  const tree = (name: string) => join(dir, 'trees', name)
  const git = async (cwd: string, ...args: string[]) => (await run('git', args, { cwd, env: { ...GIT_ENV, ...COMMITTER } })).stdout.trim()

  const inTurn = <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const turn = (queues.get(name) ?? Promise.resolve()).then(work)
    queues.set(
      name,
      turn.catch(() => undefined),
    )
    return turn
  }
  const write = (name: string, { files = {}, remove = [] }: GitChange) => {
    for (const path of remove) rmSync(join(tree(name), path), { recursive: true, force: true })
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(tree(name), path)), { recursive: true })
      writeFileSync(join(tree(name), path), content)
    }
  }
  const commitAndPush = async (name: string, branch: string, change: GitChange) => {
    write(name, change)
    await git(tree(name), 'add', '--all')
    await git(tree(name), 'commit', '--quiet', '--allow-empty', '--message', change.message)
    await git(tree(name), 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`)
    return git(tree(name), 'rev-parse', 'HEAD')
  }
  return {
    createRepository: (name, files) =>
      inTurn(name, async () => {
        mkdirSync(tree(name), { recursive: true })
        mkdirSync(bare(name), { recursive: true })
        await git(bare(name), 'init', '--quiet', '--bare', `--initial-branch=${DEFAULT_BRANCH}`)
        await git(tree(name), 'init', '--quiet', `--initial-branch=${DEFAULT_BRANCH}`)
        await git(tree(name), 'remote', 'add', 'origin', bare(name))
        return commitAndPush(name, DEFAULT_BRANCH, { message: 'First commit', files })
      }),
    commit: (name, branch, change) =>
      inTurn(name, async () => {
        await git(tree(name), 'fetch', '--quiet', '--prune', 'origin')
        const known = await git(tree(name), 'for-each-ref', '--format=%(objectname)', `refs/remotes/origin/${branch}`)
        const start = known === '' ? `origin/${change.from ?? DEFAULT_BRANCH}` : `origin/${branch}`
        await git(tree(name), 'checkout', '--quiet', '--detach', start)
        return commitAndPush(name, branch, change)
      }),
    tag: (name, tag, target) => inTurn(name, async () => void (await git(bare(name), 'tag', '--force', tag, target))),
    deleteBranch: (name, branch) => inTurn(name, async () => void (await git(bare(name), 'update-ref', '-d', `refs/heads/${branch}`))),
  }
}
