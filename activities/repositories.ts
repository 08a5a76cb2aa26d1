import { Context } from '@temporalio/activity'
import { FleetError } from '../fleet/errors.ts'
import { normalizeRepositoryUrl } from '../repos/url.ts'
import type { Store } from '../store/store.ts'
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

/** The sets and single applications whose source is that repository look again. */
async function wakeUsers(deps: ActivityDependencies, normalizedUrl: string): Promise<void> {
  const users = await usersOf(deps.store, normalizedUrl)
  if (users.setIds.length > 0) deps.hints.applicationSetsChanged(await deps.store.applicationSets.touch(users.setIds))
  for (const id of users.applicationIds) deps.hints.applicationChanged(id)
}

async function usersOf(
  store: Store,
  normalizedUrl: string,
): Promise<{ readonly setIds: readonly string[]; readonly applicationIds: readonly string[] }> {
  const uses = (url: string | undefined) => url !== undefined && normalizeRepositoryUrl(url).value === normalizedUrl
  const setIds: string[] = []
  for (const set of await store.applicationSets.all()) {
    const applications = await store.applications.ofSet(set.id)
    if (applications.some((a) => uses(a.manifest.spec.source?.repoURL))) setIds.push(set.id)
  }
  const alone = await store.applications.standalone()
  return { setIds, applicationIds: alone.filter((a) => uses(a.manifest.spec.source?.repoURL)).map((a) => a.id) }
}
