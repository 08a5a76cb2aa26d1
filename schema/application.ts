import type { ApplicationDestination, ApplicationSource, ApplicationVersion, ResourceStatus } from '../fleet/application.ts'
import type { Json } from '../fleet/json.ts'
import type { ApplicationFilter } from '../store/store.ts'
import { builder } from './builder.ts'
import { recordOf } from './filters.ts'
import { rowId } from './global-id.ts'
import { AnnotationRef, ConditionRef, DeletionModeEnum, LabelInput, LabelRef, pairs } from './metadata.ts'
import { connection, pageArgs, pageCost, pageOfList, pageRequest } from './paging.ts'
import { ApplicationConnectionRef, ApplicationRef, ApplicationSetRef, ClusterRef, ProjectRef } from './refs.ts'
import { HealthStatusEnum, SyncStatusEnum } from './status.ts'

const SourceRef = builder.objectRef<ApplicationSource>('ApplicationSource').implement({
  description: 'Where manifests come from, as in Argo CD.',
  fields: (t) => ({
    repoURL: t.exposeString('repoURL', { description: 'URL of the repository.' }),
    targetRevision: t.string({
      nullable: true,
      description: 'Branch, tag, commit or range; null: HEAD.',
      resolve: (source) => source.targetRevision ?? null,
    }),
    path: t.string({ nullable: true, description: 'Directory in the repository.', resolve: (source) => source.path ?? null }),
    chart: t.string({ nullable: true, description: 'Helm chart, for Helm repositories.', resolve: (source) => source.chart ?? null }),
  }),
})

const DestinationRef = builder.objectRef<ApplicationDestination>('ApplicationDestination').implement({
  description: 'Where manifests go, as in Argo CD.',
  fields: (t) => ({
    server: t.string({
      nullable: true,
      description: 'URL of the API server, or null where `name` is given.',
      resolve: (destination) => destination.server ?? null,
    }),
    name: t.string({ nullable: true, description: 'Name of the cluster.', resolve: (destination) => destination.name ?? null }),
    namespace: t.string({
      nullable: true,
      description: 'Namespace of objects that name none.',
      resolve: (destination) => destination.namespace ?? null,
    }),
  }),
})

export const VersionRef = builder.objectRef<ApplicationVersion>('ApplicationVersion').implement({
  description: 'One spec at one commit. Two versions with the same contentKey produce the same manifests.',
  fields: (t) => ({
    digest: t.exposeString('id', { description: 'Identifies it.' }),
    revision: t.exposeString('revision', { description: 'Commit.' }),
    contentKey: t.exposeString('contentKey', { description: 'Digest of everything that the rendering reads.' }),
  }),
})

const ResourceRef = builder.objectRef<ResourceStatus>('Resource').implement({
  description: 'One Kubernetes object of an application, as last observed.',
  fields: (t) => ({
    group: t.exposeString('group', { description: 'API group; empty for the core group.' }),
    version: t.exposeString('version', { description: 'API version.' }),
    kind: t.exposeString('kind', { description: 'Such as `Deployment`.' }),
    namespace: t.exposeString('namespace', { description: 'Empty for cluster-scoped objects.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
    sync: t.field({ type: SyncStatusEnum, description: 'Whether it is as wanted.', resolve: (resource) => resource.sync }),
    health: t.field({
      type: HealthStatusEnum,
      nullable: true,
      description: 'Null for kinds that have none.',
      resolve: (resource) => resource.health,
    }),
    message: t.exposeString('message', { description: 'Why, for people.' }),
  }),
})

const ResourceConnectionRef = builder.connectionObject(
  {
    type: ResourceRef,
    name: 'ResourceConnection',
    fields: (t) => ({ totalCount: t.exposeInt('totalCount', { description: 'Of the whole list, not of the page.' }) }),
  },
  { name: 'ResourceEdge' },
)

builder.node(ApplicationRef, {
  description: 'One source at one revision for one destination.',
  id: { resolve: (application) => application.id },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique in the fleet.' }),
    labels: t.field({
      type: [LabelRef],
      description: 'Of the application itself.',
      resolve: (application) => pairs(application.manifest.metadata.labels),
    }),
    annotations: t.field({
      type: [AnnotationRef],
      description: 'Of the application itself.',
      resolve: (application) => pairs(application.manifest.metadata.annotations),
    }),
    applicationSet: t.field({
      type: ApplicationSetRef,
      nullable: true,
      description: 'The set that made it; null for one that was applied by itself.',
      resolve: ({ applicationSetId }, _args, { loaders }) => (applicationSetId === null ? null : loaders.applicationSet(applicationSetId)),
    }),
    cluster: t.field({
      type: ClusterRef,
      nullable: true,
      description: 'Null while its destination is not a registered cluster: a condition says so.',
      resolve: ({ clusterId }, _args, { loaders }) => (clusterId === null ? null : loaders.cluster(clusterId)),
    }),
    projectName: t.string({ description: '`spec.project`.', resolve: (application) => application.manifest.spec.project }),
    project: t.field({
      type: ProjectRef,
      nullable: true,
      description: 'That project, when it was applied.',
      resolve: (application, _args, { loaders }) => loaders.project(application.manifest.spec.project),
    }),
    source: t.field({
      type: SourceRef,
      nullable: true,
      description: '`spec.source`.',
      resolve: (application) => application.manifest.spec.source ?? null,
    }),
    sources: t.field({
      type: [SourceRef],
      description: '`spec.sources`, or the one source.',
      resolve: ({ manifest: { spec } }) => [...(spec.sources ?? (spec.source === undefined ? [] : [spec.source]))],
    }),
    destination: t.field({
      type: DestinationRef,
      description: '`spec.destination`.',
      resolve: (application) => application.manifest.spec.destination,
    }),
    spec: t.field({
      type: 'JSON',
      description: "Argo CD's Application spec.",
      resolve: (application) => application.manifest.spec as unknown as Json,
    }),
    sync: t.field({
      type: SyncStatusEnum,
      description: 'Whether the cluster holds what its pinned version wants.',
      resolve: (application) => application.status.sync,
    }),
    health: t.field({
      type: HealthStatusEnum,
      description: 'Worst of its resources.',
      resolve: (application) => application.status.health,
    }),
    message: t.string({ description: 'Why, for people.', resolve: (application) => application.status.message }),
    revision: t.string({
      nullable: true,
      description: 'Commit that was last applied completely.',
      resolve: (application) => application.status.revision,
    }),
    wantedVersion: t.field({
      type: VersionRef,
      nullable: true,
      description: 'What Git and the template want now.',
      resolve: ({ wantedVersionId }, _args, { loaders }) => (wantedVersionId === null ? null : loaders.version(wantedVersionId)),
    }),
    pinnedVersion: t.field({
      type: VersionRef,
      nullable: true,
      description: 'What its cluster heals to: moved by rollouts and syncs by hand.',
      resolve: ({ pinnedVersionId }, _args, { loaders }) => (pinnedVersionId === null ? null : loaders.version(pinnedVersionId)),
    }),
    syncedVersion: t.field({
      type: VersionRef,
      nullable: true,
      description: 'What was last applied completely.',
      resolve: ({ syncedVersionId }, _args, { loaders }) => (syncedVersionId === null ? null : loaders.version(syncedVersionId)),
    }),
    resources: t.field({
      type: ResourceConnectionRef,
      description: 'Its Kubernetes objects.',
      args: pageArgs,
      complexity: pageCost,
      resolve: (application, args) => connection(pageOfList(application.status.resources, args)),
    }),
    conditions: t.field({
      type: [ConditionRef],
      description: 'What is wrong with it, as Argo CD names it.',
      resolve: (application) => [...application.status.conditions],
    }),
    deletion: t.field({
      type: DeletionModeEnum,
      nullable: true,
      description: 'Set while it is being deleted.',
      resolve: (application) => application.deletion,
    }),
    generation: t.exposeInt('generation', { description: 'Rises with each change of the manifest.' }),
    observedGeneration: t.exposeInt('observedGeneration', { description: 'The generation that was last resolved.' }),
    observedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When its cluster was last looked at.',
      resolve: (application) => application.status.observedAtMs,
    }),
    syncedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last applied completely.',
      resolve: (application) => application.status.syncedAtMs,
    }),
    createdAt: t.field({ type: 'DateTime', description: 'When it came to be.', resolve: (application) => application.createdAtMs }),
  }),
})

export const ApplicationFilterInput = builder.inputType('ApplicationFilter', {
  description: 'Everything that is given must match.',
  fields: (t) => ({
    applicationSet: t.id({ description: 'Global id of a set.' }),
    cluster: t.id({ description: 'Global id of a cluster.' }),
    clusterLabels: t.field({ type: [LabelInput], description: 'Labels of the cluster, such as `region: eu-west`.' }),
    sync: t.field({ type: SyncStatusEnum, description: 'That sync status.' }),
    health: t.field({ type: HealthStatusEnum, description: 'That health.' }),
    nameContains: t.string({ description: 'Part of the name.' }),
  }),
})

export function applicationFilter(input: typeof ApplicationFilterInput.$inferInput | null | undefined): ApplicationFilter {
  if (input === null || input === undefined) return {}
  const clusterLabels = recordOf(input.clusterLabels, 'filter.clusterLabels')
  return {
    ...(input.applicationSet ? { applicationSetId: rowId('ApplicationSet', input.applicationSet) } : {}),
    ...(input.cluster ? { clusterId: rowId('Cluster', input.cluster) } : {}),
    ...(clusterLabels === undefined ? {} : { clusterLabels }),
    ...(input.sync ? { sync: input.sync } : {}),
    ...(input.health ? { health: input.health } : {}),
    ...(input.nameContains ? { nameContains: input.nameContains } : {}),
  }
}

builder.queryFields((t) => ({
  applications: t.field({
    type: ApplicationConnectionRef,
    description: 'Applications, by name.',
    args: { ...pageArgs, filter: t.arg({ type: ApplicationFilterInput, description: 'Only those.' }) },
    complexity: pageCost,
    resolve: async (_root, args, { commands }) =>
      connection(await commands.store.applications.page(applicationFilter(args.filter), pageRequest(args))),
  }),
  application: t.field({
    type: ApplicationRef,
    nullable: true,
    description: 'An application by its name.',
    args: { name: t.arg.string({ required: true, description: '`metadata.name`.' }) },
    resolve: (_root, { name }, { commands }) => commands.store.applications.getByName(name),
  }),
}))
