import type { ApplicationSource, ApplicationSpec, ApplicationVersion } from '../fleet/application.ts'
import { canonicalJson } from '../fleet/canonical-json.ts'
import { FleetError } from '../fleet/errors.ts'
import type { RepositoryAccess } from '../repos/repository.ts'
import { resolveRevision } from '../repos/revision.ts'
import type { ActivityDependencies } from './dependencies.ts'
import { ensureRepository, findRepository } from './repository-access.ts'

export interface Resolvable {
  readonly id: string
  readonly name: string
  readonly spec: ApplicationSpec
}

export type Resolution =
  | { readonly outcome: 'resolved'; readonly version: ApplicationVersion }
  /** Nothing changes for this application, and people are told why. */
  | { readonly outcome: 'failed'; readonly error: FleetError }

/** The commit that a revision of a repository means, fetched. */
export type Commits = (url: string, revision: string) => Promise<{ readonly access: RepositoryAccess; readonly commit: string }>

/**
 * For one pass: each repository and revision is looked at once, by generators and applications together. Rejects with FleetError.
 * `peek`: writes nothing down, for previews.
 */
export function createCommits(deps: Polling, signal: AbortSignal, { peek = false }: { readonly peek?: boolean } = {}): Commits {
  const repositories = memoized((url: string) => (peek ? peekedRepository : polledRepository)(deps, url, signal))
  const commits = memoized((key: string) => {
    const { url, revision } = JSON.parse(key) as { url: string; revision: string }
    return commitOf(deps, repositories, url, revision, signal)
  })
  return (url, revision) => commits(JSON.stringify({ url, revision }))
}

/**
 * Resolves what applications want to versions. One instance serves one pass: each repository, revision and source is looked at once,
 * however many applications share it.
 */
export function createResolver(
  deps: ActivityDependencies,
  signal: AbortSignal,
  commits: Commits = createCommits(deps, signal),
): (application: Resolvable) => Promise<Resolution> {
  const contentKeys = memoized(async (key: string) => {
    const { source, name, namespace } = JSON.parse(key) as { source: ApplicationSource; name: string; namespace: string }
    const { access, commit } = await commits(source.repoURL, source.targetRevision ?? 'HEAD')
    return deps.renderer.contentKey({ access, commit, source, applicationName: name, namespace }, { signal })
  })

  return async ({ id, name, spec }) => {
    try {
      if (spec.sources !== undefined) throw new FleetError('UNSUPPORTED', 'spec.sources is not supported yet: give one spec.source')
      if (spec.source === undefined) throw new FleetError('INVALID_INPUT', 'spec.source is missing')
      const { source } = spec
      const { commit } = await commits(source.repoURL, source.targetRevision ?? 'HEAD')
      const contentKey = await contentKeys(
        canonicalJson({ source: { ...source }, name, namespace: spec.destination.namespace ?? 'default' }),
      )
      const version = deps.digest(canonicalJson({ applicationId: id, spec: { ...spec }, contentKey }))
      return { outcome: 'resolved', version: { id: version, applicationId: id, spec, revision: commit, contentKey } }
    } catch (error) {
      if (error instanceof FleetError) return { outcome: 'failed', error }
      throw error
    }
  }
}

type Polling = Pick<ActivityDependencies, 'store' | 'repositories' | 'hints' | 'nowMs'>

interface SeenRepository {
  readonly access: RepositoryAccess
  readonly refs: Readonly<Record<string, string>>
  /** Of the last look at it. */
  readonly error: string | null
}

async function commitOf(
  deps: Polling,
  repositories: (url: string) => Promise<SeenRepository>,
  url: string,
  revision: string,
  signal: AbortSignal,
): Promise<{ readonly access: RepositoryAccess; readonly commit: string }> {
  const { access, error, refs: seen } = await repositories(url)
  const refs = new Map(Object.entries(seen))
  const commit = resolveRevision(refs, revision)
  if (commit === null) {
    const last = error === null ? '' : ` (the last look at it failed: ${error})`
    throw new FleetError('GIT_NOT_FOUND', `${url} has no branch, tag or commit ${JSON.stringify(revision)}${last}`)
  }
  const ref = [...refs].find(([, target]) => target === commit)?.[0]
  await deps.repositories.fetchCommit(access, commit, { signal, ...(ref === undefined ? {} : { ref }) })
  return { access, commit }
}

/** The stored listing of refs; listed now when it never was, and handed to the poll from then on. */
async function polledRepository(deps: Polling, url: string, signal: AbortSignal): Promise<SeenRepository> {
  const repository = await ensureRepository(deps.store, url)
  const access = await deps.store.repositories.access(repository.id)
  if (repository.polledAtMs !== null) return { access, refs: repository.refs, error: repository.error }
  const refs = Object.fromEntries(await deps.repositories.listRefs(access, { signal }))
  await deps.store.repositories.recordRefs(repository.id, { refs }, deps.nowMs())
  deps.hints.repositoryChanged(repository.id)
  return { access, refs, error: null }
}

/** The same without leaving a trace: a repository that nobody uses yet is listed, and not written down. */
async function peekedRepository(deps: Polling, url: string, signal: AbortSignal): Promise<SeenRepository> {
  const { row, normalizedUrl } = await findRepository(deps.store, url)
  const access = row === null ? { url: normalizedUrl, credentials: null } : await deps.store.repositories.access(row.id)
  if (row !== null && row.polledAtMs !== null) return { access, refs: row.refs, error: row.error }
  return { access, refs: Object.fromEntries(await deps.repositories.listRefs(access, { signal })), error: null }
}

function memoized<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const made = new Map<string, Promise<T>>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const promise = make(key)
    made.set(key, promise)
    return promise
  }
}
