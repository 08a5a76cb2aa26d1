import type { HealthStatus, SyncStatus } from '../fleet/application.ts'
import { builder } from './builder.ts'
import type { StatusCount } from './loaders.ts'

const syncStatuses = ['Synced', 'OutOfSync', 'Unknown'] as const satisfies readonly SyncStatus[]
const healthStatuses = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'] as const satisfies readonly HealthStatus[]

export const SyncStatusEnum = builder.enumType('SyncStatus', {
  description: "Whether the cluster holds what is wanted. Argo CD's words.",
  values: syncStatuses,
})

export const HealthStatusEnum = builder.enumType('HealthStatus', {
  description: "Whether it works. Argo CD's words.",
  values: healthStatuses,
})

const SyncCountRef = builder.objectRef<{ readonly status: SyncStatus; readonly count: number }>('SyncCount').implement({
  description: 'How many have that sync status.',
  fields: (t) => ({
    status: t.field({ type: SyncStatusEnum, description: 'The status.', resolve: (count) => count.status }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
})

const HealthCountRef = builder.objectRef<{ readonly status: HealthStatus; readonly count: number }>('HealthCount').implement({
  description: 'How many have that health.',
  fields: (t) => ({
    status: t.field({ type: HealthStatusEnum, description: 'The health.', resolve: (count) => count.status }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
})

/** Counts of applications; statuses that nobody has are left out. */
export const ApplicationCountsRef = builder.objectRef<readonly StatusCount[]>('ApplicationCounts').implement({
  description: 'Applications counted by status. A status that none has is left out.',
  fields: (t) => ({
    total: t.int({ description: 'All of them.', resolve: (counts) => counts.reduce((sum, count) => sum + count.count, 0) }),
    bySync: t.field({ type: [SyncCountRef], description: 'By sync status.', resolve: (counts) => tally(counts, 'sync', syncStatuses) }),
    byHealth: t.field({ type: [HealthCountRef], description: 'By health.', resolve: (counts) => tally(counts, 'health', healthStatuses) }),
  }),
})

function tally<Key extends 'sync' | 'health'>(counts: readonly StatusCount[], key: Key, order: readonly StatusCount[Key][]) {
  return order
    .map((status) => ({ status, count: counts.filter((count) => count[key] === status).reduce((sum, count) => sum + count.count, 0) }))
    .filter((count) => count.count > 0)
}
