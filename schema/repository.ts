import { builder } from './builder.ts'
import { connection, pageArgs, pageCost, pageOfSorted } from './paging.ts'
import { RepositoryConnectionRef, RepositoryRef } from './refs.ts'

const RefRef = builder.objectRef<{ readonly name: string; readonly commit: string }>('GitRef').implement({
  description: 'A branch or tag, as it was last listed.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Such as `refs/heads/main`.' }),
    commit: t.exposeString('commit', { description: 'Object id.' }),
  }),
})

builder.node(RepositoryRef, {
  description: 'A Git repository that applications use. It is known from the first use on; credentials are write-only.',
  id: { resolve: (repository) => repository.id },
  fields: (t) => ({
    url: t.exposeString('url', { description: 'What is fetched, without user info.' }),
    hasCredentials: t.exposeBoolean('hasCredentials', { description: 'Whether credentials are stored for it.' }),
    head: t.string({
      nullable: true,
      description: 'Commit of its default branch.',
      resolve: (repository) => repository.refs['HEAD'] ?? null,
    }),
    ref: t.string({
      nullable: true,
      description: 'Commit of one ref, as last listed.',
      args: { name: t.arg.string({ required: true, description: 'Full name, such as `refs/heads/main`.' }) },
      resolve: ({ refs }, { name }) => (Object.hasOwn(refs, name) ? (refs[name] ?? null) : null),
    }),
    refs: t.field({
      type: [RefRef],
      description: 'Branches and tags, by name; at most 200.',
      resolve: ({ refs }) =>
        Object.entries(refs)
          .map(([name, commit]) => ({ name, commit }))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .slice(0, 200),
    }),
    polledAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last listed, or tried.',
      resolve: (repository) => repository.polledAtMs,
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why the last try failed; the refs are then those from before.' }),
  }),
})

builder.queryFields((t) => ({
  repositories: t.field({
    type: RepositoryConnectionRef,
    description: 'Repositories that applications use, by URL.',
    args: pageArgs,
    complexity: pageCost,
    resolve: async (_root, args, { commands }) => {
      const all = [...(await commands.store.repositories.all())].sort((a, b) => (a.normalizedUrl < b.normalizedUrl ? -1 : 1))
      return connection(pageOfSorted(all, (repository) => repository.normalizedUrl, args))
    },
  }),
}))
