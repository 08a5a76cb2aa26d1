import { FleetError, invalidInput, type Problem } from '../fleet/errors.ts'
import { normalizeRepositoryUrl } from '../repos/url.ts'
import type { Repository } from '../store/store.ts'
import type { CommandContext, Viewer } from './context.ts'
import { requireWriter } from './permission.ts'

const secretCharactersMax = 4_096

export interface SetRepositoryCredentialsInput {
  readonly url: string
  /** Null: forget them. */
  readonly credentials: { readonly username: string; readonly password: string } | null
}

/** Stores credentials of a repository, sealed, for all applications that use it; they may come before the first use. */
export async function setRepositoryCredentials(
  { store, hints }: CommandContext,
  viewer: Viewer,
  input: SetRepositoryCredentialsInput,
): Promise<Repository> {
  requireWriter(viewer)
  const normalized = normalizeRepositoryUrl(input.url)
  const problems: Problem[] = normalized.problems.map((problem) => ({ ...problem, path: 'url' }))
  for (const field of ['username', 'password'] as const) {
    const value = input.credentials?.[field]
    if (value === undefined) continue
    const readable = value.length <= secretCharactersMax && /^\P{Cc}*$/u.test(value) && (field === 'username' || value !== '')
    if (!readable)
      problems.push({
        path: `credentials.${field}`,
        message: `must have 1 to ${secretCharactersMax} characters, no line breaks or control characters`,
      })
  }
  if (input.credentials?.username.includes(':') === true)
    problems.push({ path: 'credentials.username', message: 'must not contain a colon' })
  if (problems.length > 0) throw invalidInput('The repository', problems)
  if (normalized.value === null) throw new FleetError('INVALID_INPUT', 'The repository URL is not valid', { field: 'url' })
  const repository = await store.repositories.ensure(input.url.trim(), normalized.value)
  const changed = await store.repositories.setCredentials(repository.id, input.credentials)
  hints.repositoryChanged(repository.id)
  return changed
}
