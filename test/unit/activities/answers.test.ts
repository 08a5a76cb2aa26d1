import { describe, expect, it } from 'vitest'
import { createAnswerer } from '../../../activities/answers.ts'
import { expandAnswered } from '../../../activities/answers-expand.ts'
import { requeueAfterMs } from '../../../activities/answers-requeue.ts'
import type { ClusterGateway } from '../../../clusters/gateway.ts'
import { FleetError } from '../../../fleet/errors.ts'
import type { Generator, SourceAnswer, SourceRequest } from '../../../generators/generator.ts'
import type { KnownRequest } from '../../../generators/requests.ts'
import type { Repositories, TreeEntry } from '../../../repos/repository.ts'
import type { Scm } from '../../../repos/scm/scm.ts'
import type { Store } from '../../../store/store.ts'

const commit = 'c'.repeat(40)
const access = { url: 'https://git.example/fleet', credentials: null }
const notAsked = async () => Promise.reject(new Error('not asked'))
const noScm: Scm = {
  pullRequests: notAsked,
  repositories: notAsked,
  branches: notAsked,
  presentPaths: notAsked,
  pluginParameters: notAsked,
  close: () => undefined,
}

interface World {
  readonly files?: Readonly<Record<string, string>>
  readonly links?: Readonly<Record<string, string>>
  readonly scm?: Partial<Scm>
  readonly commits?: () => Promise<{ readonly access: typeof access; readonly commit: string }>
  readonly signal?: AbortSignal
}

function world({ files = {}, links = {}, scm = {}, commits, signal = new AbortController().signal }: World) {
  const asked: string[] = []
  const all = { ...files, ...links }
  const directories = new Set(
    Object.keys(all).flatMap((path) =>
      path
        .split('/')
        .slice(0, -1)
        .map((_, n, parts) => parts.slice(0, n + 1).join('/')),
    ),
  )
  const entries: TreeEntry[] = [
    ...[...directories].map((path) => ({ path, kind: 'directory' as const, objectId: '' })),
    ...Object.keys(files).map((path) => ({ path, kind: 'file' as const, objectId: '' })),
    ...Object.keys(links).map((path) => ({ path, kind: 'symlink' as const, objectId: '' })),
  ]
  const repositories: Repositories = {
    listRefs: notAsked,
    fetchCommit: notAsked,
    objectIdAt: notAsked,
    listTree: async () => {
      asked.push('listTree')
      return entries
    },
    readFile: async (_, __, path) => {
      asked.push(`readFile ${path}`)
      return Buffer.from(all[path] ?? '')
    },
  }
  const answerer = createAnswerer(
    {
      store: {} as Store,
      gateway: {} as ClusterGateway,
      repositories,
      sources: {
        scm: { ...noScm, ...scm },
        readConfigMap: async (name) => (name === 'known' ? { a: 'b' } : null),
        scmPolicy: { enabled: true, allowedApis: [] },
        gitFileGlobbing: 'pathspec',
        hub: { cluster: 'in-cluster', namespace: 'argocd' },
      },
    },
    { commits: commits ?? (async () => ({ access, commit })), signal },
  )
  return { asked, answer: (request: KnownRequest) => answerer(request as unknown as SourceRequest) }
}

const git = { repoURL: access.url, revision: 'main', project: null }
const files = (pattern: string, contents = true): KnownRequest => ({ kind: 'gitFiles', ...git, pattern, globbing: 'pathspec', contents })
const pulls: KnownRequest = { kind: 'pullRequests', provider: 'github', settings: {}, withPaths: false, project: null }

describe('questions about Git', () => {
  const tree = { 'apps/a/config.json': '{"a":1}', 'apps/b/config.json': '{"b":1}', 'README.md': 'hello' }

  it('are answered with directories, and with the files that a pattern matches', async () => {
    const { answer, asked } = world({ files: tree })
    expect(await answer({ kind: 'gitDirectories', ...git })).toEqual({
      complete: true,
      value: { directories: ['apps', 'apps/a', 'apps/b'] },
      proof: 'https://git.example/fleet at cccccccc',
    })
    expect(await answer(files('apps/*.json'))).toMatchObject({
      value: { files: { 'apps/a/config.json': '{"a":1}', 'apps/b/config.json': '{"b":1}' } },
    })
    expect(await answer(files('apps/a', false))).toMatchObject({ value: { files: { 'apps/a/config.json': '' } } })
    expect(await answer(files('none/*'))).toMatchObject({ complete: true, value: { files: {} } })
    expect(asked.filter((one) => one === 'listTree')).toHaveLength(1)
    expect(asked.filter((one) => one.startsWith('readFile'))).toHaveLength(2)
  })

  it('follow symlinks within the repository only', async () => {
    const { answer } = world({ files: { 'real/x.json': 'x' }, links: { 'a.json': 'b/../real/./x.json', 'twice.json': 'a.json' } })
    expect(await answer(files('*.json'))).toMatchObject({ value: { files: { 'a.json': 'x', 'real/x.json': 'x', 'twice.json': 'x' } } })
    for (const target of ['../../etc/passwd', '/etc/passwd', 'nowhere', 'loop.json']) {
      const bad = world({ links: { 'loop.json': target } })
      expect(await bad.answer(files('*.json'))).toMatchObject({ complete: false, error: expect.stringContaining('symlink "loop.json"') })
    }
  })

  it('are incomplete, with the reason, when the repository does not answer', async () => {
    const { answer } = world({ commits: async () => Promise.reject(new FleetError('GIT_UNREACHABLE', 'no route')) })
    expect(await answer({ kind: 'gitDirectories', ...git })).toEqual({ complete: false, error: 'no route' })
    expect(await answer(files('*'))).toEqual({ complete: false, error: 'no route' })
  })
})

describe('questions about hosts', () => {
  it('are incomplete with the reason, and say when a repository is not there', async () => {
    const failing = (code: 'GIT_NOT_FOUND' | 'GIT_DENIED') =>
      world({ scm: { pullRequests: async () => Promise.reject(new FleetError(code, code)) } })
    expect(await failing('GIT_DENIED').answer(pulls)).toEqual({ complete: false, error: 'GIT_DENIED' })
    expect(await failing('GIT_NOT_FOUND').answer(pulls)).toEqual({ complete: false, error: 'GIT_NOT_FOUND', notFound: true })
  })

  it('let bugs through, and stop with whoever asked', async () => {
    await expect(world({}).answer(pulls)).rejects.toThrow('not asked')
    const left = AbortSignal.abort(new Error('left'))
    const leaving = world({ signal: left, scm: { pullRequests: async () => Promise.reject(new FleetError('GIT_UNREACHABLE', 'x')) } })
    await expect(leaving.answer(pulls)).rejects.toThrow('left')
  })
})

describe('questions about ConfigMaps', () => {
  it('are answered with those that are mounted', async () => {
    const { answer } = world({})
    expect(await answer({ kind: 'configMap', name: 'known' })).toMatchObject({ complete: true, value: { data: { a: 'b' } } })
    expect(await answer({ kind: 'configMap', name: 'other' })).toMatchObject({ complete: false, error: expect.stringContaining('"other"') })
  })
})

describe('expanding with answers', () => {
  const set = { metadata: { name: 's' }, spec: { generators: [{ asking: {} }], template: { metadata: { name: 'x' }, spec: {} } } }
  /** Asks question after question, `rounds` times. */
  const asking = (rounds: number): Generator => ({
    field: 'asking',
    expand: (_, __, inputs) => {
      for (let n = 0; n < rounds; n++) {
        const found = inputs.answer({ kind: 'question', n })
        if (found === undefined) return { outcome: 'needs', requests: [{ kind: 'question', n }] }
        if (!found.complete) return { outcome: 'incomplete', problems: [{ path: 'p', message: found.error }] }
      }
      return { outcome: 'complete', parameters: [], proof: 'all' }
    },
  })
  const expand = (rounds: number, answer: (request: SourceRequest) => Promise<SourceAnswer>) => {
    const engine = { compile: () => ({ template: null, problems: [] }) }
    const environment = { engine, readYaml: () => ({ value: null, problems: [] }), generators: [asking(rounds)] } as never
    return expandAnswered(set, { clusters: [], nowMs: 0 }, environment, answer)
  }

  it('goes on until nothing is asked any more, each question once', async () => {
    const seen: unknown[] = []
    const result = await expand(5, async (request) => {
      seen.push(request['n'])
      return { complete: true, value: null, proof: '' }
    })
    expect(result.outcome).toBe('complete')
    expect(seen).toEqual([0, 1, 2, 3, 4])
  })

  it('is incomplete when an answer is, and when there is no end to the questions', async () => {
    const failed = await expand(5, async () => ({ complete: false, error: 'host down' }))
    expect(failed).toMatchObject({ outcome: 'incomplete', problems: [{ message: 'host down' }] })
    const endless = await expand(1_000, async () => ({ complete: true, value: null, proof: '' }))
    expect(endless).toMatchObject({ outcome: 'incomplete', problems: [{ message: expect.stringContaining('still asks after') }] })
  })
})

describe('what one pass holds of Git', () => {
  const revision = (n: number): KnownRequest => ({ ...files('*'), revision: `r${n}` }) as KnownRequest
  const commits = async (_: string, name: string) => ({ access, commit: name.slice(1).padStart(40, '0') })

  it('is bounded in bytes for all revisions together', async () => {
    // As a matrix of pull requests and files asks: each revision is small enough by itself.
    const { answer } = world({ files: { a: 'x'.repeat(8 * 1024 * 1024) }, commits: commits as never })
    const answers: SourceAnswer[] = []
    for (let n = 1; n <= 40; n += 1) answers.push(await answer(revision(n)))
    expect(answers[0]).toMatchObject({ complete: true })
    expect(answers.at(-1)).toMatchObject({ complete: false, error: expect.stringContaining('one pass') })
  })

  it('is bounded in paths for all revisions together', async () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`d${n}/f`, '']))
    const { answer } = world({ files: many, commits: commits as never })
    const answers: SourceAnswer[] = []
    for (let n = 1; n <= 110; n += 1) answers.push(await answer({ ...git, kind: 'gitDirectories', revision: `r${n}` }))
    expect(answers[0]).toMatchObject({ complete: true })
    expect(answers.at(-1)).toMatchObject({ complete: false, error: expect.stringContaining('one pass') })
  })

  it('is few trees: one that was left is listed again', async () => {
    const { answer, asked } = world({ files: { a: 'x' }, commits: commits as never })
    for (const n of [1, ...Array.from({ length: 20 }, (_, at) => at + 1), 1]) await answer(revision(n))
    expect(asked.filter((one) => one === 'listTree')).toHaveLength(21)
  })
})

describe('how often a set looks again', () => {
  it('is the shortest of what its generators say or usually do, also of nested ones; 0 is never', () => {
    expect(requeueAfterMs([{ list: {} }, { clusters: {} }])).toBeNull()
    expect(requeueAfterMs([{ git: {} }])).toBe(180_000)
    expect(requeueAfterMs([{ git: {} }], 3_600_000)).toBe(3_600_000)
    expect(requeueAfterMs([{ git: { requeueAfterSeconds: 60 } }], 3_600_000)).toBe(60_000)
    expect(requeueAfterMs([{ pullRequest: {} }], 12_000)).toBe(1_800_000)
    expect(requeueAfterMs([{ pullRequest: {} }])).toBe(1_800_000)
    expect(requeueAfterMs([{ pullRequest: { requeueAfterSeconds: 0 } }])).toBeNull()
    expect(requeueAfterMs([{ scmProvider: {} }, { plugin: { requeueAfterSeconds: 60 } }])).toBe(60_000)
    expect(
      requeueAfterMs([{ matrix: { generators: [{ clusters: {} }, { merge: { generators: [{ git: { requeueAfterSeconds: 20 } }] } }] } }]),
    ).toBe(20_000)
    expect(requeueAfterMs([{ git: { requeueAfterSeconds: 0.001 } }])).toBe(1_000)
  })
})
