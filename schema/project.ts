import type { Json } from '../fleet/json.ts'
import { builder } from './builder.ts'
import { connection, pageArgs, pageCost, pageOfSorted } from './paging.ts'
import { ProjectConnectionRef, ProjectRef } from './refs.ts'

builder.node(ProjectRef, {
  description: 'An AppProject: what its applications may use. The one called `default` allows everything unless it was applied.',
  id: { resolve: (project) => project.id },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique.' }),
    description: t.string({ nullable: true, description: 'Its own words.', resolve: (project) => project.spec.description ?? null }),
    sourceRepos: t.stringList({
      description: 'Repositories that it may use, with wildcards.',
      resolve: (project) => [...(project.spec.sourceRepos ?? [])],
    }),
    spec: t.field({
      type: 'JSON',
      description: "Argo CD's AppProject spec, as it was applied.",
      resolve: (project) => project.spec as Json,
    }),
    generation: t.exposeInt('generation', { description: 'Rises with each change of the spec.' }),
  }),
})

builder.queryFields((t) => ({
  projects: t.field({
    type: ProjectConnectionRef,
    description: 'Projects that were applied, by name.',
    args: pageArgs,
    complexity: pageCost,
    resolve: async (_root, args, { commands }) => {
      const all = [...(await commands.store.projects.all())].sort((a, b) => (a.name < b.name ? -1 : 1))
      return connection(pageOfSorted(all, (project) => project.name, args))
    },
  }),
  project: t.field({
    type: ProjectRef,
    nullable: true,
    description: 'A project by its name.',
    args: { name: t.arg.string({ required: true, description: 'Its name.' }) },
    resolve: (_root, { name }, { commands }) => commands.store.projects.getByName(name),
  }),
}))
