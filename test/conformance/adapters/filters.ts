import { isJsonObject, type Json, type JsonObject } from '../../../fleet/json.ts'
import { gitFileMatcher, gitFilePatternProblem } from '../../../generators/git-file-glob.ts'
import { pullRequestFilters } from '../../../generators/pull-request-filters.ts'
import type { PullRequest, ScmRepository } from '../../../generators/requests.ts'
import { acceptsBranch, acceptsRepository, scmFilters } from '../../../generators/scm-filters.ts'
import { type Adapters, list, problemText } from '../adapter.ts'

/** What generators choose of what they are answered. */
export const filterAdapters: Adapters = {
  pull_request_filters: {
    run: (given) => {
      const filters = pullRequestFilters(given.filters, 'filters')
      if (filters.problems.length > 0) return { error: problemText(filters.problems) }
      const empty = { title: '', branch: '', targetBranch: '', headSHA: '', author: '' }
      const all = list(given.pullRequests).filter(isJsonObject)
      return { value: { pullRequests: all.filter((one) => filters.accepts({ ...empty, ...one } as unknown as PullRequest)) } }
    },
    clean: withoutEmpty,
  },
  scm_filters: {
    run: (given) => {
      const filters = scmFilters(given.filters, 'filters')
      if (filters.problems.length > 0) return { error: problemText(filters.problems) }
      const accepted = list(given.repositories)
        .filter(isJsonObject)
        .filter((row) => {
          const repository = row as unknown as ScmRepository
          const hasPath = (path: string) => list(row.paths).includes(path)
          const branch = { repository, branch: String(row.branch ?? ''), sha: '', hasPath }
          return acceptsRepository(filters.forRepositories, repository) && acceptsBranch(filters.forBranches, branch)
        })
      return { value: { repositories: accepted } }
    },
    clean: withoutEmpty,
  },
  git_file_globbing: {
    run: (given) => {
      const pattern = String(given.pattern)
      const globbing = given.newGitFileGlobbing === true ? 'doublestar' : 'pathspec'
      const problem = gitFilePatternProblem(pattern, globbing)
      if (problem !== null) return { error: problem }
      const matches = gitFileMatcher(pattern, globbing)
      return { value: { files: list(given.repositoryFiles).filter((path) => matches(String(path))) } }
    },
    unordered: ['files'],
  },
}

/** Empty fields mean the same there or not, and paths are only looked at. */
function withoutEmpty(member: Json): Json {
  return list(member).map((one) => (isJsonObject(one) ? fieldsOf(one) : one))
}

function fieldsOf(row: JsonObject): JsonObject {
  const isEmpty = (value: Json | undefined) => value === null || value === '' || (Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries(row).filter(([key, value]) => key !== 'paths' && !isEmpty(value)))
}
