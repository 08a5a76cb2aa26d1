import { type ConnectionStatus, connectionAt } from '../fleet/cluster.ts'
import type { Store } from '../store/store.ts'
import { builder } from './builder.ts'
import { ConnectionStatusEnum } from './cluster.ts'
import { countConnections, type FleetGroup, groupByLabel } from './fleet-groups.ts'
import { ApplicationCountsRef } from './status.ts'

const ConnectionCountRef = builder.objectRef<{ readonly status: ConnectionStatus; readonly count: number }>('ConnectionCount').implement({
  description: 'How many clusters have that connection status.',
  fields: (t) => ({
    status: t.field({ type: ConnectionStatusEnum, description: 'The status.', resolve: (count) => count.status }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
})

const FleetGroupRef = builder.objectRef<FleetGroup>('FleetGroup').implement({
  description: 'Clusters with the same value of a label, and the applications on them.',
  fields: (t) => ({
    value: t.exposeString('value', {
      nullable: true,
      description: 'Null: clusters without the label, and applications whose cluster is not registered.',
    }),
    clusters: t.exposeInt('clusters', { description: 'How many clusters.' }),
    connections: t.field({ type: [ConnectionCountRef], description: 'Their connections.', resolve: (group) => [...group.connections] }),
    applications: t.field({ type: ApplicationCountsRef, description: 'Their applications.', resolve: (group) => group.applications }),
  }),
})

const FleetRef = builder.objectRef<Store>('Fleet').implement({
  description: 'The whole fleet in numbers.',
  fields: (t) => ({
    clusters: t.int({
      description: 'Registered clusters.',
      resolve: async (store) => (await store.clusters.page({}, { first: 1 })).totalCount,
    }),
    connections: t.field({
      type: [ConnectionCountRef],
      description: 'Clusters by connection.',
      resolve: async (store, _args, { commands }) =>
        countConnections((await store.clusters.all()).map((cluster) => connectionAt(cluster.connection, commands.nowMs()).status)),
    }),
    applicationSets: t.int({
      description: 'ApplicationSets.',
      resolve: async (store) => (await store.applicationSets.page({ first: 1 })).totalCount,
    }),
    applications: t.field({
      type: ApplicationCountsRef,
      description: 'Applications by status.',
      resolve: (store) => store.applications.countByStatus({}),
    }),
    activeRollouts: t.int({
      description: 'Rollouts that go on.',
      resolve: async (store) => (await store.rollouts.page({ active: true }, { first: 1 })).totalCount,
    }),
    byLabel: t.field({
      type: [FleetGroupRef],
      description: 'The same by the values of a cluster label, sorted; at most 100 values.',
      args: { key: t.arg.string({ required: true, description: 'Such as `region`.' }) },
      complexity: { field: 20, multiplier: 10 },
      resolve: (store, { key }, { commands }) => groupByLabel(store, key, commands.nowMs()),
    }),
  }),
})

builder.queryFields((t) => ({
  fleet: t.field({ type: FleetRef, description: 'The whole fleet in numbers.', resolve: (_root, _args, { commands }) => commands.store }),
}))
