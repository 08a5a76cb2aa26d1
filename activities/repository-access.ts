import { invalidInput } from '../fleet/errors.ts'
import type { RepositoryAccess } from '../repos/repository.ts'
import { normalizeRepositoryUrl } from '../repos/url.ts'
import type { Repository, Store } from '../store/store.ts'

/** The repository row of a URL, or null. INVALID_INPUT for URLs that are refused. */
export async function findRepository(
  store: Store,
  url: string,
): Promise<{ readonly row: Repository | null; readonly normalizedUrl: string }> {
  const normalized = normalizeRepositoryUrl(url)
  // Not repeated: what is wrong with it may be the password in it.
  if (normalized.value === null) throw invalidInput('The repository URL', normalized.problems)
  return { row: await store.repositories.getByUrl(normalized.value), normalizedUrl: normalized.value }
}

/** The repository row of a URL, made when there is none. INVALID_INPUT for URLs that are refused. */
export async function ensureRepository(store: Store, url: string): Promise<Repository> {
  const { row, normalizedUrl } = await findRepository(store, url)
  return row ?? (await store.repositories.ensure(url, normalizedUrl))
}

/** URL and opened credentials for one use. */
export async function repositoryAccess(store: Store, url: string): Promise<RepositoryAccess> {
  const repository = await ensureRepository(store, url)
  return store.repositories.access(repository.id)
}
