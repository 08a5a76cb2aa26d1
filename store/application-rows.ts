import { type Expression, type ExpressionBuilder, type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import type { Application } from '../fleet/application.ts'
import { rowId } from './ids.ts'
import { toJsonColumn } from './json-column.ts'
import type { ApplicationFilter } from './store.ts'
import type { ApplicationsTable, Tables } from './tables.ts'

export type ApplicationRow = Selectable<ApplicationsTable>

export function toApplication(row: ApplicationRow): Application {
  return {
    id: row.id,
    name: row.name,
    applicationSetId: row.application_set_id,
    clusterId: row.cluster_id,
    manifest: row.manifest,
    generation: row.generation,
    observedGeneration: row.observed_generation,
    wantedVersionId: row.wanted_version_id,
    pinnedVersionId: row.pinned_version_id,
    syncedVersionId: row.synced_version_id,
    pinGeneration: row.pin_generation,
    status: {
      sync: row.sync,
      health: row.health,
      message: row.message,
      revision: row.revision,
      resources: row.resources,
      conditions: row.conditions,
      observedAtMs: row.observed_at_ms,
      syncedAtMs: row.synced_at_ms,
    },
    syncRequest:
      row.sync_requested_by === null || row.sync_requested_at_ms === null
        ? null
        : { by: row.sync_requested_by, atMs: row.sync_requested_at_ms },
    deletion: row.deletion,
    createdAtMs: row.created_at_ms,
  }
}

/** Applications that fit all of the filter. */
export function filteredApplications(db: Kysely<Tables>, filter: ApplicationFilter) {
  return db.selectFrom('applications').where((eb) => eb.and(conditions(eb, filter)))
}

function conditions(eb: ExpressionBuilder<Tables, 'applications'>, filter: ApplicationFilter): Expression<SqlBool>[] {
  const { applicationSetId, clusterId, sync, health, clusterLabels, nameContains } = filter
  return [
    ...(applicationSetId === undefined ? [] : [eb('application_set_id', '=', rowId(applicationSetId))]),
    ...(clusterId === undefined ? [] : [eb('cluster_id', '=', rowId(clusterId))]),
    ...(sync === undefined ? [] : [eb('sync', '=', sync)]),
    ...(health === undefined ? [] : [eb('health', '=', health)]),
    ...(clusterLabels === undefined
      ? []
      : [
          eb(
            'cluster_id',
            'in',
            eb
              .selectFrom('clusters')
              .select('id')
              .where(sql<boolean>`labels @> ${toJsonColumn(clusterLabels)}::jsonb`),
          ),
        ]),
    ...(nameContains === undefined ? [] : [sql<boolean>`strpos(lower(name), lower(${nameContains}::text)) > 0`]),
  ]
}
