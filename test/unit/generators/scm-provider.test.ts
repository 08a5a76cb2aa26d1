import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../../fleet/json.ts'
import type { SourceAnswer } from '../../../generators/generator.ts'
import { answering, expandOne, fast, go } from './environment.ts'

const repository = (name: string, labels: readonly string[]) => ({
  organization: 'o',
  repository: name,
  repositoryId: 12_345_678,
  url: `git@h:o/${name}.git`,
  branch: 'main',
  labels,
})
const branchesOf: Readonly<Record<string, readonly string[]>> = { web: ['main', 'Feature/A_b'], lib: ['main'] }
const complete = (value: Json): SourceAnswer => ({ complete: true, value, proof: 'all' })

function given() {
  return answering({
    repositories: { repositories: [repository('web', ['go', 'prod']), repository('lib', ['js'])] },
    branches: ({ repository: name }) =>
      complete({ branches: (branchesOf[String(name)] ?? []).map((branch) => ({ branch, sha: `${branch}-0123456789` })) }),
    repositoryPaths: ({ branch, paths }) =>
      complete({ present: (paths as readonly string[]).filter((path) => branch === 'main' || path === 'deploy') }),
  })
}

function found(filters: Json) {
  const result = expandOne('scmProvider', { github: { organization: 'o', allBranches: true }, filters }, fast, given().inputs)
  return result.outcome === 'complete' ? result.parameters.map((one) => `${String(one.repository)}@${String(one.branch)}`) : result
}

describe('scmProvider', () => {
  it("gives Argo CD's parameters; the id prints in full", () => {
    const spec = { github: { organization: 'o' }, filters: [{ branchMatch: 'Feature' }], values: { id: '{{.repository_id}}' } }
    expect(expandOne('scmProvider', spec, go, given().inputs)).toMatchObject({
      parameters: [
        {
          organization: 'o',
          repository: 'web',
          repository_id: 12_345_678,
          url: 'git@h:o/web.git',
          branch: 'Feature/A_b',
          branchNormalized: 'feature-a-b',
          short_sha: 'Feature/',
          labels: 'go,prod',
          values: { id: '12345678' },
        },
      ],
    })
  })

  it.each<[Json, unknown]>([
    [[], ['web@main', 'web@Feature/A_b', 'lib@main']],
    [[{}], ['web@main', 'web@Feature/A_b', 'lib@main']],
    [[{ repositoryMatch: '^web$' }, { branchMatch: '^main$' }], ['web@main']],
    [[{ labelMatch: '^js$' }], ['lib@main']],
    [[{ repositoryMatch: 'web', labelMatch: 'js' }], []],
    [[{ pathsExist: ['deploy/', 'Chart.yaml'] }], ['web@main', 'lib@main']],
    [[{ pathsDoNotExist: ['Chart.yaml'] }], ['web@Feature/A_b']],
    [
      [{ repositoryMatch: 'lib', pathsExist: ['x'] }, { branchMatch: 'Feature' }],
      ['web@Feature/A_b', 'lib@main'],
    ],
  ])('filters %j', (filters, expected) => expect(found(filters)).toEqual(expected))

  it('asks for branches only of repositories that the filters accept, for paths only of branches that they accept', () => {
    const { asked, inputs } = given()
    const filters = [{ repositoryMatch: 'web' }, { branchMatch: 'Feature', pathsExist: ['a'] }]
    expandOne('scmProvider', { github: { organization: 'o' }, cloneProtocol: 'https', filters }, go, inputs)
    expect(asked.map(({ kind, repository: name, branch }: JsonObject) => [kind, name, branch])).toEqual([
      ['repositories', undefined, undefined],
      ['branches', 'web', undefined],
      ['repositoryPaths', 'web', 'Feature/A_b'],
    ])
    expect(asked[0]).toMatchObject({ cloneProtocol: 'https', settings: { organization: 'o' } })
  })

  it.each([
    [{}, 'ssh'],
    [{ cloneProtocol: 'https-fips' }, 'https-fips'],
  ])('asks CodeCommit for addresses of its own protocols: %j', (spec, cloneProtocol) => {
    const { asked, inputs } = given()
    expandOne('scmProvider', { awsCodeCommit: { region: 'eu-west-1', allBranches: true }, ...spec }, go, inputs)
    expect(asked[0]).toMatchObject({ provider: 'awsCodeCommit', settings: { region: 'eu-west-1' }, cloneProtocol })
  })

  it.each([
    [{ github: {}, cloneProtocol: 'ftp' }, 'g.cloneProtocol'],
    [{ github: {}, cloneProtocol: 'https-fips' }, 'g.cloneProtocol'],
    [{ awsCodeCommit: {}, cloneProtocol: 'ftp' }, 'g.cloneProtocol'],
    [{ filters: [] }, 'g'],
    [{ github: {}, filters: [{ labelMatch: '(' }] }, 'g.filters[0].labelMatch'],
  ])('names what is wrong: %j', (spec, path) => {
    expect(expandOne('scmProvider', spec, go, given().inputs)).toMatchObject({ outcome: 'incomplete', problems: [{ path }] })
  })
})
