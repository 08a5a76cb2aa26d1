import { type Cluster, type ClusterConnection, connectionAt } from '../fleet/cluster.ts'
import { builder } from './builder.ts'
import { labelsFilter } from './filters.ts'
import { AnnotationRef, LabelInput, LabelRef, pairs } from './metadata.ts'
import { connection, pageArgs, pageCost, pageRequest } from './paging.ts'
import { ApplicationConnectionRef, ClusterConnectionRef, ClusterRef, ProjectRef } from './refs.ts'
import { ApplicationCountsRef, HealthStatusEnum, SyncStatusEnum } from './status.ts'

export const ConnectionStatusEnum = builder.enumType('ConnectionStatus', {
  description: "State of the connection to a cluster. Argo CD's words; Unknown is also what an old observation becomes.",
  values: ['Successful', 'Failed', 'Unknown'] as const,
})

const ConnectionStateRef = builder
  .objectRef<{ readonly connection: ClusterConnection; readonly nowMs: number }>('ConnectionState')
  .implement({
    description: 'What is known of the connection to a cluster, and since when.',
    fields: (t) => ({
      status: t.field({
        type: ConnectionStatusEnum,
        description: 'As it may be claimed now.',
        resolve: (state) => state.connection.status,
      }),
      message: t.string({ description: 'Why, for people.', resolve: (state) => state.connection.message }),
      attemptedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it was last tried.',
        resolve: (state) => state.connection.attemptedAtMs,
      }),
      seenAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it last answered.',
        resolve: (state) => state.connection.seenAtMs,
      }),
      ageSeconds: t.int({
        nullable: true,
        description: 'Seconds since it last answered; null when it never did.',
        resolve: ({ connection: { seenAtMs }, nowMs }) => (seenAtMs === null ? null : Math.max(0, Math.round((nowMs - seenAtMs) / 1000))),
      }),
    }),
  })

builder.node(ClusterRef, {
  description: 'A registered Kubernetes cluster. Its credentials are never part of it.',
  id: { resolve: (cluster) => cluster.id },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique. What `destination.name` means.' }),
    server: t.exposeString('server', { description: 'URL of its API server. What `destination.server` means.' }),
    labels: t.field({ type: [LabelRef], description: 'Sorted by key.', resolve: (cluster) => pairs(cluster.labels) }),
    label: t.string({
      nullable: true,
      description: 'The value of one label.',
      args: { key: t.arg.string({ required: true, description: 'Such as `region`.' }) },
      resolve: (cluster, { key }) => valueAt(cluster.labels, key),
    }),
    annotations: t.field({ type: [AnnotationRef], description: 'Sorted by key.', resolve: (cluster) => pairs(cluster.annotations) }),
    projectName: t.exposeString('project', { nullable: true, description: 'AppProject that it belongs to; null: all may use it.' }),
    project: t.field({
      type: ProjectRef,
      nullable: true,
      description: 'That project, when it was applied.',
      resolve: (cluster, _args, { loaders }) => (cluster.project === null ? null : loaders.project(cluster.project)),
    }),
    taskQueue: t.exposeString('taskQueue', { description: 'Temporal task queue of the workers that can reach it.' }),
    version: t.string({
      nullable: true,
      description: 'Kubernetes version such as `v1.36.3`, the last one seen.',
      resolve: (cluster) => cluster.connection.version,
    }),
    uid: t.string({
      nullable: true,
      description: 'uid of its kube-system namespace, which tells it from every other cluster.',
      resolve: (cluster) => cluster.connection.uid,
    }),
    connection: t.field({
      type: ConnectionStateRef,
      description: 'Whether it can be reached, and how old that knowledge is.',
      resolve: (cluster, _args, { commands }) => {
        const nowMs = commands.nowMs()
        return { connection: connectionAt(cluster.connection, nowMs), nowMs }
      },
    }),
    generation: t.exposeInt('generation', { description: 'Rises with each wanted change; pass it as `expectedGeneration`.' }),
    observedGeneration: t.exposeInt('observedGeneration', { description: 'The generation that has been acted on.' }),
    createdAt: t.field({ type: 'DateTime', description: 'When it was registered.', resolve: (cluster) => cluster.createdAtMs }),
    applicationCounts: t.field({
      type: ApplicationCountsRef,
      description: 'The applications that target it.',
      complexity: 5,
      resolve: (cluster, _args, { loaders }) => loaders.countsOfCluster(cluster.id),
    }),
    applications: t.field({
      type: ApplicationConnectionRef,
      description: 'The applications that target it, by name.',
      args: {
        ...pageArgs,
        sync: t.arg({ type: SyncStatusEnum, description: 'Only those.' }),
        health: t.arg({ type: HealthStatusEnum, description: 'Only those.' }),
      },
      complexity: pageCost,
      resolve: async (cluster, args, { commands }) =>
        connection(
          await commands.store.applications.page(
            { clusterId: cluster.id, ...(args.sync ? { sync: args.sync } : {}), ...(args.health ? { health: args.health } : {}) },
            pageRequest(args),
          ),
        ),
    }),
  }),
})

function valueAt(record: Readonly<Record<string, string>>, key: string): string | null {
  return Object.hasOwn(record, key) ? (record[key] ?? null) : null
}

builder.queryFields((t) => ({
  clusters: t.field({
    type: ClusterConnectionRef,
    description: 'Registered clusters, by name.',
    args: { ...pageArgs, labels: t.arg({ type: [LabelInput], description: 'Only those that have all of these labels.' }) },
    complexity: pageCost,
    resolve: async (_root, args, { commands }) =>
      connection(await commands.store.clusters.page(labelsFilter(args.labels), pageRequest(args))),
  }),
  cluster: t.field({
    type: ClusterRef,
    nullable: true,
    description: 'A cluster by its name.',
    args: { name: t.arg.string({ required: true, description: 'As it was registered.' }) },
    resolve: (_root, { name }, { commands }): Promise<Cluster | null> => commands.store.clusters.getByName(name),
  }),
}))
