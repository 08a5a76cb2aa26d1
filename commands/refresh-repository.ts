import type { Repository } from '../store/store.ts'
import type { CommandContext, Viewer } from './context.ts'
import { found } from './found.ts'
import { requireWriter } from './permission.ts'

/** Asks to look at a repository now instead of at its next poll. A hint only: nothing is lost when it is, the poll comes anyway. */
export async function refreshRepository(
  { store, hints }: CommandContext,
  viewer: Viewer,
  input: { readonly id: string },
): Promise<Repository> {
  requireWriter(viewer)
  const repository = found(await store.repositories.get(input.id), 'repository')
  hints.repositoryChanged(repository.id)
  return repository
}
