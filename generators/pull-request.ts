import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json } from '../fleet/json.ts'
import { ask, incomplete } from './ask.ts'
import type { GeneratorEnvironment } from './environment.ts'
import { listOf, objectOf } from './fields.ts'
import type { Generator, GoType, Parameters, TemplateMode } from './generator.ts'
import { slug } from './gotemplate/slug.ts'
import { pullRequestFilters } from './pull-request-filters.ts'
import type { PullRequest, PullRequestProvider, PullRequestsRequest } from './requests.ts'
import { providerOf, scmRefusal } from './scm-policy.ts'
import { appendValues } from './values.ts'

/** In the order in which Argo CD looks for them. */
export const pullRequestProviders: readonly PullRequestProvider[] = [
  'github',
  'gitlab',
  'gitea',
  'bitbucketServer',
  'bitbucket',
  'azuredevops',
]

const slugMax = 50
const types: readonly GoType[] = [
  { type: '[]string', path: ['labels'] },
  { type: 'map[string]string', path: ['values'] },
]

/**
 * `pullRequest`: one set of parameters for each pull request that the host lists and the filters accept: number, title, branch, branch_slug,
 * target_branch, target_branch_slug, head_sha, head_short_sha (8), head_short_sha_7, author, values, and in goTemplate labels. A repository
 * that isn't there is an error, or gives none with continueOnRepoNotFoundError.
 */
export function pullRequestGenerator(environment: GeneratorEnvironment): Generator {
  return {
    field: 'pullRequest',
    expand: (spec, mode, inputs, path) => {
      const fields = objectOf(spec)
      const chosen = providerOf(fields, pullRequestProviders)
      if (chosen === null) return incomplete(path, `needs one of ${pullRequestProviders.join(', ')}`)
      const refusal = scmRefusal(chosen.settings, inputs.scm)
      if (refusal !== null) return incomplete(`${path}.${chosen.provider}`, refusal)
      const filters = pullRequestFilters(fields.filters, `${path}.filters`)
      if (filters.problems.length > 0) return { outcome: 'incomplete', problems: filters.problems }
      const request: PullRequestsRequest = {
        kind: 'pullRequests',
        project: inputs.project === undefined ? '' : inputs.project,
        provider: chosen.provider,
        settings: chosen.settings,
        withPaths: filters.needsPaths,
      }
      const asked = ask(inputs, [request], readPullRequests, path)
      if (asked.outcome === 'ended') return asked.result
      if (asked.outcome === 'notFound') {
        if (fields.continueOnRepoNotFoundError !== true) return incomplete(path, asked.error)
        return { outcome: 'complete', parameters: [], proof: `no such repository: ${asked.error}` }
      }
      const listed = asked.values.flat()
      const accepted = listed.filter(filters.accepts)
      const parameters: Parameters[] = []
      const leftOut: Problem[] = []
      for (const one of accepted) {
        if (one.isPending === true) {
          // An empty revision is the default branch: nobody asked for that in place of a pull request.
          leftOut.push({ path, message: `pull request ${one.number}: the host names no commit for it yet` })
          continue
        }
        const context = { mode, types, nowMs: inputs.nowMs, outer: inputs.outer }
        const result = appendValues(fields.values, pullRequestParameters(one, mode), context, environment.engine, path)
        for (const problem of result.problems) leftOut.push({ ...problem, message: `pull request ${one.number}: ${problem.message}` })
        if (result.problems.length === 0) parameters.push(result.parameters)
      }
      const proof = `${accepted.length} of ${listed.length} pull requests, ${asked.proofs.join('; ')}`
      return { outcome: 'complete', parameters, leftOut, proof, types }
    },
  }
}

function pullRequestParameters(one: PullRequest, mode: TemplateMode): Parameters {
  return {
    number: String(one.number),
    title: one.title,
    branch: one.branch,
    branch_slug: branchSlug(one.branch),
    target_branch: one.targetBranch,
    target_branch_slug: branchSlug(one.targetBranch),
    head_sha: one.headSHA,
    head_short_sha: one.headSHA.slice(0, 8),
    head_short_sha_7: one.headSHA.slice(0, 7),
    author: one.author,
    ...(mode.goTemplate ? { labels: one.labels ?? null } : {}),
  }
}

/** Argo CD's settings of gosimple/slug. */
function branchSlug(branch: string): string {
  return slug(branch.replaceAll('_', '-'), slugMax, true)
}

function readPullRequests(value: Json): readonly PullRequest[] | null {
  const { pullRequests } = objectOf(value)
  if (!Array.isArray(pullRequests)) return null
  const all = listOf(pullRequests).filter(isJsonObject)
  const good = all.every(
    (one) =>
      typeof one.number === 'number' &&
      [one.title, one.branch, one.targetBranch, one.headSHA, one.author].every((text) => text === undefined || typeof text === 'string'),
  )
  if (!good || all.length !== pullRequests.length) return null
  const empty = { title: '', branch: '', targetBranch: '', headSHA: '', author: '' }
  return all.map((one) => ({ ...empty, ...one }) as unknown as PullRequest)
}
