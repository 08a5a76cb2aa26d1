import { Context } from '@temporalio/activity'
import { FleetError } from '../fleet/errors.ts'
import { normalizeRepositoryUrl } from '../repos/url.ts'
import type { Store } from '../store/store.ts'
import { generatorRepositories } from './answers-repositories.ts'
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
        const moved = await deps.store.repositories.recordRefs(repositoryId, { refs }, deps.nowMs())
        if (moved) await wakeUsers(deps, repository.normalizedUrl)
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

/** The sets and single applications whose source is that repository, or whose generators read it, look again. */
async function wakeUsers(deps: ActivityDependencies, normalizedUrl: string): Promise<void> {
  const users = await usersOf(deps.store, normalizedUrl)
  if (users.setIds.length > 0) deps.hints.applicationSetsChanged(await deps.store.applicationSets.touch(users.setIds))
  for (const id of users.applicationIds) deps.hints.applicationChanged(id)
}

async function usersOf(
  store: Store,
  normalizedUrl: string,
): Promise<{ readonly setIds: readonly string[]; readonly applicationIds: readonly string[] }> {
  // Hosts are spelled in many ways: each spelling is normalised once, not once for each application.
  const normalized = new Map<string, string | null>()
  const normalize = (url: string) => {
    if (!normalized.has(url)) normalized.set(url, normalizeRepositoryUrl(url).value)
    return normalized.get(url)
  }
  const uses = (await store.applications.repositoryUses()).filter(({ repoUrl }) => normalize(repoUrl) === normalizedUrl)
  const generating = (await store.applicationSets.all()).filter((set) =>
    generatorRepositories(set.spec.generators).some((url) => normalize(url) === normalizedUrl),
  )
  return {
    setIds: [...new Set([...uses.flatMap((use) => use.applicationSetId ?? []), ...generating.map((set) => set.id)])],
    applicationIds: uses.flatMap((use) => use.applicationId ?? []),
  }
}
