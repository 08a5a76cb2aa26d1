import { Context } from '@temporalio/activity'
import { FleetError } from '../fleet/errors.ts'
import { listsBranches, readsMoved } from '../fleet/set/webhook-wakes.ts'
import { movedRevisions } from '../repos/revision.ts'
import { normalizeRepositoryUrl } from '../repos/url.ts'
import type { Repository, Store } from '../store/store.ts'
import type { ActivityDependencies } from './dependencies.ts'
import type { RepositoryActivities } from './entity-activities.ts'

const jitterShare = 0.2

export function repositoryActivities(deps: ActivityDependencies & { readonly random: () => number }): RepositoryActivities {
  return {
    async pollRepository({ repositoryId }) {
      const againAfterMs = Math.round(deps.settings.repositoryPollMs * (1 + jitterShare * deps.random()))
      const repository = await deps.store.repositories.get(repositoryId)
      if (repository === null) return { gone: true, againAfterMs }
      try {
        const access = await deps.store.repositories.access(repositoryId)
        const refs = Object.fromEntries(await deps.repositories.listRefs(access, { signal: Context.current().cancellationSignal }))
        const users = await usersOf(deps.store, repository, refs)
        // Asked to look again first: the sweep finds them if we don't get to tell them.
        const sets = users.setIds.length === 0 ? [] : await deps.store.applicationSets.touch(users.setIds)
        await deps.store.repositories.recordRefs(repositoryId, { refs }, deps.nowMs())
        if (sets.length > 0) deps.hints.applicationSetsChanged(sets)
        for (const id of users.applicationIds) deps.hints.applicationChanged(id)
      } catch (error) {
        if (!(error instanceof FleetError)) throw error
        // The last complete listing stays: an error is never an empty list.
        await deps.store.repositories.recordRefs(repositoryId, { error: error.message }, deps.nowMs())
        deps.log.warn({ repository: repository.url, code: error.code, reason: error.message }, 'poll failed')
      }
      return { gone: false, againAfterMs }
    },
  }
}

interface Users {
  readonly setIds: readonly string[]
  readonly applicationIds: readonly string[]
}

/**
 * The sets and single applications for which something has moved, now that a repository has these refs: their source, or what their generators
 * read, is at another commit. A set that lists branches or pull requests may give something else whatever moved.
 */
async function usersOf(store: Store, repository: Repository, refs: Readonly<Record<string, string>>): Promise<Users> {
  if (isSame(repository.refs, refs)) return { setIds: [], applicationIds: [] }
  const moved = movedRevisions(repository.refs, refs)
  // Hosts are spelled in many ways: each spelling is normalised once, not once for each application.
  const normalized = new Map<string, string | null>()
  const normalize = (url: string) => {
    if (!normalized.has(url)) normalized.set(url, normalizeRepositoryUrl(url).value)
    return normalized.get(url)
  }
  const uses = (await store.applications.repositoryUses()).filter(({ repoUrl }) => normalize(repoUrl) === repository.normalizedUrl)
  const using = new Set(uses.flatMap(({ applicationSetId }) => applicationSetId ?? []))
  const usingMoved = new Set(uses.flatMap(({ applicationSetId, revision }) => (moved(revision) ? (applicationSetId ?? []) : [])))
  const sets = (await store.applicationSets.all()).filter(
    ({ id, spec: { generators } }) =>
      usingMoved.has(id) || readsMoved(generators, repository.normalizedUrl, moved) || (using.has(id) && listsBranches(generators)),
  )
  return {
    setIds: sets.map(({ id }) => id),
    applicationIds: uses.flatMap(({ applicationId, revision }) => (moved(revision) ? (applicationId ?? []) : [])),
  }
}

function isSame(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(after)
  return names.length === Object.keys(before).length && names.every((name) => before[name] === after[name])
}
