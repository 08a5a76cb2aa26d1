import { refreshRepository } from '../commands/refresh-repository.ts'
import { setRepositoryCredentials } from '../commands/set-repository-credentials.ts'
import type { Repository } from '../store/store.ts'
import { builder } from './builder.ts'
import { rowId } from './global-id.ts'
import { outcomeOf, payloadRef } from './payload.ts'
import { RepositoryRef } from './refs.ts'

function repositoryPayload(name: string, description: string) {
  return payloadRef<Repository>(name).implement({
    description,
    fields: (t) => ({
      repository: t.field({
        type: RepositoryRef,
        nullable: true,
        description: 'The repository as it is now; null when refused.',
        resolve: (outcome) => outcome.value,
      }),
    }),
  })
}

const GitCredentialsInput = builder.inputType('GitCredentialsInput', {
  description: 'For HTTP basic authentication, which is what Git hosts take tokens by.',
  fields: (t) => ({
    username: t.string({ required: true, description: 'Many hosts take any text when the password is a token.' }),
    password: t.string({ required: true, description: 'Password or token. Sealed at rest, never given back.' }),
  }),
})

const SetRepositoryCredentialsInputRef = builder.inputType('SetRepositoryCredentialsInput', {
  description: 'Credentials of a repository, for all applications that use it.',
  fields: (t) => ({
    url: t.string({ required: true, description: 'https URL, without user info.' }),
    credentials: t.field({ type: GitCredentialsInput, description: 'The new ones; null: forget those that are stored.' }),
  }),
})

const RefreshRepositoryInput = builder.inputType('RefreshRepositoryInput', {
  description: 'A repository to look at now.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Global id.' }) }),
})

const SetRepositoryCredentialsPayload = repositoryPayload('SetRepositoryCredentialsPayload', 'The repository whose credentials were set.')
const RefreshRepositoryPayload = repositoryPayload('RefreshRepositoryPayload', 'The repository that is about to be looked at.')

builder.mutationFields((t) => ({
  setRepositoryCredentials: t.field({
    type: SetRepositoryCredentialsPayload,
    description: 'Stores or forgets the credentials of a repository. They may come before its first use.',
    args: { input: t.arg({ type: SetRepositoryCredentialsInputRef, required: true, description: 'Which, and what.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () => setRepositoryCredentials(commands, viewer, { url: input.url, credentials: input.credentials ?? null })),
  }),
  refreshRepository: t.field({
    type: RefreshRepositoryPayload,
    description: 'Looks at a repository now instead of at its next poll.',
    args: { input: t.arg({ type: RefreshRepositoryInput, required: true, description: 'Which.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () => refreshRepository(commands, viewer, { id: rowId('Repository', input.id) })),
  }),
}))
