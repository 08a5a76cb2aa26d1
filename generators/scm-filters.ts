import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { listOf, readTexts, textsOf } from './fields.ts'
import { filterPattern } from './filter-pattern.ts'
import type { Regexp } from './gotemplate/regexp.ts'
import type { ScmRepository } from './requests.ts'

/** A repository at one of its branches. */
export interface RepositoryBranch {
  readonly repository: ScmRepository
  readonly branch: string
  readonly sha: string
  /** Whether something is there; it may ask first. */
  readonly hasPath: (path: string) => boolean
}

export interface ScmFilter {
  readonly repository: Regexp | null
  readonly label: Regexp | null
  readonly branch: Regexp | null
  readonly pathsExist: readonly string[]
  readonly pathsDoNotExist: readonly string[]
}

export interface ScmFilters {
  /** Those that choose repositories, before branches are listed. */
  readonly forRepositories: readonly ScmFilter[]
  /** Those that choose branches. */
  readonly forBranches: readonly ScmFilter[]
  readonly problems: readonly Problem[]
}

/**
 * `filters` of scmProvider, in the two stages of Argo CD: entries about the repository alone (repositoryMatch, labelMatch) choose repositories;
 * entries that say anything about branches (branchMatch, pathsExist, pathsDoNotExist) choose branches of those. Within a stage one entry
 * is enough, of which everything has to be met; a stage without entries lets everything through. An empty entry is none.
 */
export function scmFilters(value: Json | undefined, path: string): ScmFilters {
  const problems: Problem[] = []
  const forRepositories: ScmFilter[] = []
  const forBranches: ScmFilter[] = []
  for (const [index, entry] of listOf(value).entries()) {
    if (!isJsonObject(entry)) continue
    const filter = readFilter(entry, `${path}[${index}]`, problems)
    const aboutBranch = filter.branch !== null || readTexts(entry.pathsExist) !== null || readTexts(entry.pathsDoNotExist) !== null
    if (aboutBranch) forBranches.push(filter)
    else if (filter.repository !== null || filter.label !== null) forRepositories.push(filter)
  }
  return { forRepositories, forBranches, problems }
}

function readFilter(entry: JsonObject, path: string, problems: Problem[]): ScmFilter {
  const withoutSlash = (text: string): string => text.replace(/\/+$/, '')
  return {
    repository: filterPattern(entry, 'repositoryMatch', path, problems),
    label: filterPattern(entry, 'labelMatch', path, problems),
    branch: filterPattern(entry, 'branchMatch', path, problems),
    pathsExist: textsOf(entry.pathsExist).map(withoutSlash),
    pathsDoNotExist: textsOf(entry.pathsDoNotExist).map(withoutSlash),
  }
}

export function acceptsRepository(filters: readonly ScmFilter[], repository: ScmRepository): boolean {
  return filters.length === 0 || filters.some((filter) => meetsRepository(filter, repository))
}

/** Paths that have to be known for a branch: those of entries whose other conditions it meets. */
export function pathsInQuestion(filters: readonly ScmFilter[], repository: ScmRepository, branch: string): readonly string[] {
  const paths = filters
    .filter((filter) => meetsRepository(filter, repository) && meetsBranch(filter, branch))
    .flatMap((filter) => [...filter.pathsExist, ...filter.pathsDoNotExist])
  return [...new Set(paths)].toSorted()
}

export function acceptsBranch(filters: readonly ScmFilter[], one: RepositoryBranch): boolean {
  if (filters.length === 0) return true
  return filters.some(
    (filter) =>
      meetsRepository(filter, one.repository) &&
      meetsBranch(filter, one.branch) &&
      filter.pathsExist.every(one.hasPath) &&
      !filter.pathsDoNotExist.some(one.hasPath),
  )
}

function meetsRepository({ repository, label }: ScmFilter, one: ScmRepository): boolean {
  if (repository !== null && !repository.matches(one.repository)) return false
  return label === null || (one.labels ?? []).some((text) => label.matches(text))
}

function meetsBranch({ branch }: ScmFilter, name: string): boolean {
  return branch === null || branch.matches(name)
}
