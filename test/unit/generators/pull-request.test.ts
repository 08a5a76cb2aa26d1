import { describe, expect, it } from 'vitest'
import type { Json } from '../../../fleet/json.ts'
import { answering, expandOne, fast, go, refused } from './environment.ts'

const github = { owner: 'o', repo: 'r', labels: ['preview'] }
const pull = {
  number: 7,
  title: 'Add X',
  branch: 'feat/A_b',
  targetBranch: 'main',
  headSHA: '0123456789abcdef',
  author: 'alice',
  labels: ['preview'],
}
const pulls = [
  pull,
  { ...pull, number: 8, title: 'fix: y', branch: 'fix-y', author: 'bot', draft: true, labels: ['preview', 'hold'], paths: ['web/a.ts'] },
  { ...pull, number: 9, targetBranch: 'release/1', labels: null, paths: ['docs/x/y.md'] },
]

function numbers(filters: Json) {
  const { inputs } = answering({ pullRequests: { pullRequests: pulls } })
  const result = expandOne('pullRequest', { github, filters }, fast, inputs)
  return result.outcome === 'complete' ? result.parameters.map((one) => one.number) : result
}

describe('pullRequest', () => {
  it('that has no commit yet is left out and named: its revision would be the default branch', () => {
    const { inputs } = answering({ pullRequests: { pullRequests: [pull, { ...pull, number: 8, headSHA: '', isPending: true }] } })
    const result = expandOne('pullRequest', { github }, go, inputs)
    expect(result).toMatchObject({ parameters: [{ number: '7' }], leftOut: [{ message: expect.stringContaining('pull request 8') }] })
  })

  it("gives Argo CD's parameters", () => {
    const { inputs } = answering({ pullRequests: { pullRequests: [pull] } })
    expect(expandOne('pullRequest', { github, values: { host: 'pr-{{.number}}' } }, go, inputs)).toMatchObject({
      parameters: [
        {
          number: '7',
          branch: 'feat/A_b',
          branch_slug: 'feat-a-b',
          target_branch_slug: 'main',
          head_short_sha: '01234567',
          head_short_sha_7: '0123456',
          labels: ['preview'],
          values: { host: 'pr-7' },
        },
      ],
    })
  })

  it.each<[Json, unknown]>([
    [[], ['7', '8', '9']],
    [[{ branchMatch: '^fix' }], ['8']],
    [
      [{ targetBranchMatch: 'release' }, { titleMatch: '^fix' }],
      ['8', '9'],
    ],
    [[{ titleMatch: 'Add', targetBranchMatch: 'main' }], ['7']],
    [[{ draft: false }], ['7', '9']],
    [[{ draft: true }], ['8']],
    [[{ author: '^bot$' }], ['8']],
    [[{ withoutLabels: ['hold', 'x'] }], ['7', '9']],
    [[{ paths: ['docs/**', 'nothing'] }], ['9']],
    [[{ paths: ['web/*.{ts,js}'], draft: true }], ['8']],
  ])('filters %j', (filters, expected) => expect(numbers(filters)).toEqual(expected))

  it('labels of one without any are an empty list to templates', () => {
    const bare = { number: 1, title: '', branch: 'b', targetBranch: 'main', headSHA: 'a', author: '' }
    const { inputs } = answering({ pullRequests: { pullRequests: [bare] } })
    const values = { all: '{{ .labels }}', count: '{{ len .labels }}', json: '{{ .labels | toJson }}', has: '{{ has "x" .labels }}' }
    expect(expandOne('pullRequest', { github, values }, go, inputs)).toMatchObject({
      parameters: [{ labels: null, values: { all: '[]', count: '0', json: 'null', has: 'false' } }],
    })
  })

  it('names every bad expression with its path, before anything is asked', () => {
    const { asked, inputs } = answering({})
    const filters = [{ branchMatch: '(' }, { author: '[', paths: ['{'] }]
    expect(expandOne('pullRequest', { github, filters }, go, inputs)).toMatchObject({
      outcome: 'incomplete',
      problems: [{ path: 'g.filters[0].branchMatch' }, { path: 'g.filters[1].author' }, { path: 'g.filters[1].paths[0]' }],
    })
    expect(asked).toEqual([])
  })

  it('asks with the settings as written, and for paths only when a filter looks at them', () => {
    const { inputs } = answering({}, { project: 'p' })
    const request = { kind: 'pullRequests', project: 'p', provider: 'github', settings: github, withPaths: true }
    expect(expandOne('pullRequest', { github, filters: [{ paths: ['x'] }] }, go, inputs)).toEqual({ outcome: 'needs', requests: [request] })
  })

  it('a repository that is not there is an error, unless the manifest says to go on', () => {
    const { inputs } = answering({ pullRequests: refused('404', true) })
    expect(expandOne('pullRequest', { github }, go, inputs)).toMatchObject({ outcome: 'incomplete', problems: [{ message: '404' }] })
    expect(expandOne('pullRequest', { github, continueOnRepoNotFoundError: true }, go, inputs)).toMatchObject({
      outcome: 'complete',
      parameters: [],
    })
    const broken = answering({ pullRequests: refused('500') })
    expect(expandOne('pullRequest', { github, continueOnRepoNotFoundError: true }, go, broken.inputs)).toMatchObject({
      outcome: 'incomplete',
    })
  })

  it.each([
    [{ enabled: false, allowedApis: [] }, 'disabled'],
    [{ enabled: true, allowedApis: ['https://git.example'] }, 'not allowed'],
  ])('asks no host that is not allowed: %j', (scm, message) => {
    const { asked, inputs } = answering({}, { scm })
    const spec = { gitea: { owner: 'o', repo: 'r', api: 'https://internal.example' } }
    expect(expandOne('pullRequest', spec, go, inputs)).toMatchObject({
      outcome: 'incomplete',
      problems: [{ message: expect.stringContaining(message) }],
    })
    expect(asked).toEqual([])
  })
})
