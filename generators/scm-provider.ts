import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { ask, askOne, incomplete } from './ask.ts'
import type { GeneratorEnvironment } from './environment.ts'
import { listOf, objectOf, readTexts, textOf } from './fields.ts'
import type { Generator, GeneratorInputs, GeneratorResult, GoType, Parameters } from './generator.ts'
import { normalizeName } from './normalize.ts'
import type { BranchesRequest, CloneProtocol, RepositoriesRequest, RepositoryPathsRequest, ScmProvider, ScmRepository } from './requests.ts'
import { acceptsBranch, acceptsRepository, pathsInQuestion, type RepositoryBranch, type ScmFilters, scmFilters } from './scm-filters.ts'
import { cloneProtocolOf, cloneProtocolProblem, providerOf, scmRefusal } from './scm-policy.ts'
import { appendValues } from './values.ts'

/** In the order in which Argo CD looks for them. */
export const scmProviders: readonly ScmProvider[] = [
  'github',
  'gitlab',
  'gitea',
  'bitbucketServer',
  'azureDevOps',
  'bitbucket',
  'awsCodeCommit',
]

const types: readonly GoType[] = [
  { type: 'int64', path: ['repository_id'] },
  { type: 'map[string]string', path: ['values'] },
]

/**
 * `scmProvider`: one set of parameters for each repository of an organization and each of its branches (the default one, or with
 * `allBranches` all) that the filters accept: organization, repository, repository_id, url, branch, branchNormalized, sha, short_sha (8),
 * short_sha_7, labels (one text, comma-separated), values. `url` is for `cloneProtocol`: ssh, unless it says another.
 */
export function scmProviderGenerator(environment: GeneratorEnvironment): Generator {
  return {
    field: 'scmProvider',
    expand: (spec, mode, inputs, path) => {
      const fields = objectOf(spec)
      const chosen = providerOf(fields, scmProviders)
      if (chosen === null) return incomplete(path, `needs one of ${scmProviders.join(', ')}`)
      const refusal = scmRefusal(chosen.settings, inputs.scm)
      if (refusal !== null) return incomplete(`${path}.${chosen.provider}`, refusal)
      const cloneProtocol = cloneProtocolOf(textOf(fields.cloneProtocol), chosen.provider)
      if (cloneProtocol === null) return incomplete(`${path}.cloneProtocol`, cloneProtocolProblem(chosen.provider))
      const filters = scmFilters(fields.filters, `${path}.filters`)
      if (filters.problems.length > 0) return { outcome: 'incomplete', problems: filters.problems }

      const { allBranches, ...settings } = chosen.settings
      const found = findBranches(
        {
          settings,
          allBranches: allBranches === true,
          provider: chosen.provider,
          cloneProtocol,
          project: inputs.project === undefined ? '' : inputs.project,
          path,
        },
        filters,
        inputs,
      )
      if ('result' in found) return found.result
      const parameters: Parameters[] = []
      const leftOut: Problem[] = []
      for (const one of found.branches) {
        const context = { mode, types, nowMs: inputs.nowMs, outer: inputs.outer }
        const result = appendValues(fields.values, repositoryParameters(one), context, environment.engine, path)
        const name = `repository ${one.repository.organization}/${one.repository.repository}, branch ${one.branch}`
        for (const problem of result.problems) leftOut.push({ ...problem, message: `${name}: ${problem.message}` })
        if (result.problems.length === 0) parameters.push(result.parameters)
      }
      return { outcome: 'complete', parameters, leftOut, proof: `${found.branches.length} branches accepted, ${found.proof}`, types }
    },
  }
}

interface Search {
  readonly provider: ScmProvider
  readonly settings: JsonObject
  readonly allBranches: boolean
  readonly cloneProtocol: CloneProtocol
  readonly project: string | null
  readonly path: string
}

/** Asks for repositories, then for branches of those that the filters accept, then for the paths that filters look at. */
function findBranches(
  { provider, settings, allBranches, cloneProtocol, project, path }: Search,
  filters: ScmFilters,
  inputs: GeneratorInputs,
): { readonly branches: readonly RepositoryBranch[]; readonly proof: string } | { readonly result: GeneratorResult } {
  const listing: RepositoriesRequest = { kind: 'repositories', provider, settings, project, cloneProtocol }
  const listed = askOne(inputs, listing, readRepositories, path)
  if ('result' in listed) return listed
  const repositories = listed.value.filter((repository) => acceptsRepository(filters.forRepositories, repository))
  const identity = ({ organization, repository, repositoryId }: ScmRepository) => ({
    organization,
    repository,
    repositoryId: repositoryId ?? null,
  })
  const branching = repositories.map(
    (repository): BranchesRequest => ({
      kind: 'branches',
      provider,
      settings,
      project,
      ...identity(repository),
      defaultBranch: repository.branch,
      allBranches,
    }),
  )
  const branches = ask(inputs, branching, readBranches, path)
  if (branches.outcome === 'ended') return { result: branches.result }
  if (branches.outcome === 'notFound') return { result: incomplete(path, branches.error) }
  const all = repositories.flatMap((repository, index) =>
    (branches.values[index] ?? []).map(({ branch, sha }) => {
      const paths = pathsInQuestion(filters.forBranches, repository, branch)
      const question: RepositoryPathsRequest = {
        kind: 'repositoryPaths',
        provider,
        settings,
        project,
        ...identity(repository),
        branch,
        sha,
        paths,
      }
      return { repository, branch, sha, question }
    }),
  )
  const asking = all.filter(({ question }) => question.paths.length > 0)
  const present = ask(
    inputs,
    asking.map(({ question }) => question),
    (value) => readTexts(objectOf(value).present),
    path,
  )
  if (present.outcome === 'ended') return { result: present.result }
  if (present.outcome === 'notFound') return { result: incomplete(path, present.error) }
  const known = new Map(asking.map(({ question }, index) => [question, new Set(present.values[index])]))
  const accepted = all
    .map(({ question, ...one }) => ({ ...one, hasPath: (wanted: string) => known.get(question)?.has(wanted) ?? false }))
    .filter((one) => acceptsBranch(filters.forBranches, one))
  return { branches: accepted, proof: `${repositories.length} of ${listed.value.length} repositories, ${listed.proof}` }
}

function repositoryParameters({ repository, branch, sha }: RepositoryBranch): Parameters {
  return {
    organization: repository.organization,
    repository: repository.repository,
    repository_id: repository.repositoryId ?? null,
    url: repository.url,
    branch,
    branchNormalized: normalizeName(branch),
    sha,
    short_sha: sha.slice(0, 8),
    short_sha_7: sha.slice(0, 7),
    labels: (repository.labels ?? []).join(','),
  }
}

function readRepositories(value: Json): readonly ScmRepository[] | null {
  const { repositories } = objectOf(value)
  if (!Array.isArray(repositories)) return null
  const all = listOf(repositories).filter(isJsonObject)
  const good = all.every((one) =>
    [one.organization, one.repository, one.url, one.branch].every((text) => text === undefined || typeof text === 'string'),
  )
  if (!good || all.length !== repositories.length) return null
  return all.map((one) => ({ organization: '', repository: '', url: '', branch: '', ...one }))
}

function readBranches(value: Json): readonly { readonly branch: string; readonly sha: string }[] | null {
  const { branches } = objectOf(value)
  if (!Array.isArray(branches)) return null
  const all = listOf(branches).filter(isJsonObject)
  const good = all.length === branches.length && all.every((one) => typeof one.branch === 'string' && typeof one.sha === 'string')
  return good ? all.map((one) => ({ branch: textOf(one.branch), sha: textOf(one.sha) })) : null
}
