import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { listOf, textsOf } from './fields.ts'
import { filterPattern } from './filter-pattern.ts'
import { gitFileMatcher, gitFilePatternProblem } from './git-file-glob.ts'
import type { PullRequest } from './requests.ts'

type Test = (pullRequest: PullRequest) => boolean

export interface PullRequestFilters {
  readonly accepts: Test
  /** Changed paths of every pull request are looked at. */
  readonly needsPaths: boolean
  readonly problems: readonly Problem[]
}

/**
 * `filters` of pullRequest: a pull request has to meet everything in at least one entry; none means all. As in Argo CD branchMatch,
 * targetBranchMatch and titleMatch are regular expressions of Go, not anchored. Ours: `draft` (true or false), `author` (a regular expression),
 * `paths` (globs as in doublestar, one changed file has to match one), `withoutLabels` (none of them may be there).
 */
export function pullRequestFilters(value: Json | undefined, path: string): PullRequestFilters {
  const problems: Problem[] = []
  const entries = listOf(value)
    .filter(isJsonObject)
    .map((filter, index) => filterTests(filter, `${path}[${index}]`, problems))
  return {
    accepts: (pullRequest) => entries.length === 0 || entries.some((tests) => tests.every((test) => test(pullRequest))),
    needsPaths: listOf(value).some((filter) => isJsonObject(filter) && textsOf(filter.paths).length > 0),
    problems,
  }
}

function filterTests(filter: JsonObject, path: string, problems: Problem[]): readonly Test[] {
  const tests: Test[] = []
  const branch = filterPattern(filter, 'branchMatch', path, problems)
  if (branch !== null) tests.push((one) => branch.matches(one.branch))
  const target = filterPattern(filter, 'targetBranchMatch', path, problems)
  if (target !== null) tests.push((one) => target.matches(one.targetBranch))
  const title = filterPattern(filter, 'titleMatch', path, problems)
  if (title !== null) tests.push((one) => title.matches(one.title))
  const author = filterPattern(filter, 'author', path, problems)
  if (author !== null) tests.push((one) => author.matches(one.author))
  const { draft } = filter
  if (typeof draft === 'boolean') tests.push((one) => (one.draft ?? false) === draft)
  const without = textsOf(filter.withoutLabels)
  if (without.length > 0) tests.push((one) => !without.some((label) => (one.labels ?? []).includes(label)))
  const globs = textsOf(filter.paths)
  for (const [index, glob] of globs.entries()) {
    const message = gitFilePatternProblem(glob, 'doublestar')
    if (message !== null) problems.push({ path: `${path}.paths[${index}]`, message })
  }
  if (globs.length > 0) {
    const matchers = globs.map((glob) => gitFileMatcher(glob, 'doublestar'))
    tests.push((one) => (one.paths ?? []).some((changed) => matchers.some((matches) => matches(changed))))
  }
  return tests
}
