import type { Application } from '../fleet/application.ts'
import type { ApplicationSet, Project } from '../fleet/application-set.ts'
import type { Cluster } from '../fleet/cluster.ts'
import type { Repository, Rollout } from '../store/store.ts'
import { builder } from './builder.ts'

/** The nouns, named once, so that each file can speak of the others without importing them. Their fields are in the file of each. */
export const ClusterRef = builder.objectRef<Cluster>('Cluster')
export const ApplicationSetRef = builder.objectRef<ApplicationSet>('ApplicationSet')
export const ApplicationRef = builder.objectRef<Application>('Application')
export const RolloutRef = builder.objectRef<Rollout>('Rollout')
export const RepositoryRef = builder.objectRef<Repository>('Repository')
export const ProjectRef = builder.objectRef<Project>('Project')

const totalCount = 'Of the whole list, not of the page.'

export const ClusterConnectionRef = builder.connectionObject(
  { type: ClusterRef, name: 'ClusterConnection', fields: (t) => ({ totalCount: t.exposeInt('totalCount', { description: totalCount }) }) },
  { name: 'ClusterEdge' },
)
export const ApplicationSetConnectionRef = builder.connectionObject(
  {
    type: ApplicationSetRef,
    name: 'ApplicationSetConnection',
    fields: (t) => ({ totalCount: t.exposeInt('totalCount', { description: totalCount }) }),
  },
  { name: 'ApplicationSetEdge' },
)
export const ApplicationConnectionRef = builder.connectionObject(
  {
    type: ApplicationRef,
    name: 'ApplicationConnection',
    fields: (t) => ({ totalCount: t.exposeInt('totalCount', { description: totalCount }) }),
  },
  { name: 'ApplicationEdge' },
)
export const RolloutConnectionRef = builder.connectionObject(
  { type: RolloutRef, name: 'RolloutConnection', fields: (t) => ({ totalCount: t.exposeInt('totalCount', { description: totalCount }) }) },
  { name: 'RolloutEdge' },
)
export const RepositoryConnectionRef = builder.connectionObject(
  {
    type: RepositoryRef,
    name: 'RepositoryConnection',
    fields: (t) => ({ totalCount: t.exposeInt('totalCount', { description: totalCount }) }),
  },
  { name: 'RepositoryEdge' },
)
export const ProjectConnectionRef = builder.connectionObject(
  { type: ProjectRef, name: 'ProjectConnection', fields: (t) => ({ totalCount: t.exposeInt('totalCount', { description: totalCount }) }) },
  { name: 'ProjectEdge' },
)
