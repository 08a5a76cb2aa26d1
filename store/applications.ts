import { type Kysely, sql, type Transaction } from 'kysely'
import type { Application } from '../fleet/application.ts'
import { FleetError } from '../fleet/errors.ts'
import { type ApplicationRow, filteredApplications, toApplication } from './application-rows.ts'
import { applyApplications } from './apply-applications.ts'
import type { Database } from './database.ts'
import { isUuid, rowId, rowIds } from './ids.ts'
import { toJsonColumn } from './json-column.ts'
import { keysetPage } from './keyset.ts'
import type { ApplicationStore, RepositoryUse } from './store.ts'
import type { Tables } from './tables.ts'

export function createApplicationStore({ read, write, nowMs }: Database): ApplicationStore {
  const one = (column: 'id' | 'name', value: string): Promise<Application | null> =>
    read(async (db) => {
      const row = await db.selectFrom('applications').selectAll().where(column, '=', value).executeTakeFirst()
      return row === undefined ? null : toApplication(row)
    })
  const many = (narrow: (query: ReturnType<typeof applications>) => ReturnType<typeof applications>): Promise<readonly Application[]> =>
    read(async (db) => (await narrow(applications(db)).orderBy('name').execute()).map(toApplication))

  return {
    applyAll: (input) =>
      write(async ({ tx, changed }) => {
        const applied = await applyApplications(tx, input, nowMs())
        for (const { row, outcome, visible } of applied)
          if (visible) changed('Application', outcome === 'created' ? 'created' : 'updated', row)
        return applied.map(({ row, outcome }) => ({ application: toApplication(row), outcome }))
      }),

    get: (id) => one('id', rowId(id)),
    many: (ids) => many((query) => query.where(sql<boolean>`id = any(${rowIds(ids)}::uuid[])`)),
    getByName: (name) => one('name', name),
    manyByName: (names) => many((query) => query.where(sql<boolean>`name = any(${[...names]}::text[])`)),
    repositoryUses: () =>
      read(async (db) => {
        const { rows } = await sql<RepositoryUse>`
          select distinct application_set_id as "applicationSetId", case when application_set_id is null then id end as "applicationId",
            manifest #>> '{spec,source,repoURL}' as "repoUrl", coalesce(manifest #>> '{spec,source,targetRevision}', '') as "revision"
          from applications where manifest #>> '{spec,source,repoURL}' is not null
        `.execute(db)
        return rows
      }),
    ofSet: (id) => many((query) => query.where('application_set_id', '=', rowId(id))),
    ofCluster: (id) => many((query) => query.where('cluster_id', '=', rowId(id))),
    standalone: () => many((query) => query.where('application_set_id', 'is', null)),
    deleted: () => many((query) => query.where('deletion', 'is not', null)),

    page: (filter, request) =>
      read((db) =>
        keysetPage<string, ApplicationRow, Application>(request, {
          keyType: 'string',
          rows: (after, limit) =>
            filteredApplications(db, filter)
              .selectAll()
              .$if(after !== null, (query) =>
                query.where((eb) => eb(eb.refTuple('name', 'id'), '>', eb.tuple(after?.key ?? '', after?.id ?? ''))),
              )
              .orderBy('name')
              .orderBy('id')
              .limit(limit)
              .execute(),
          count: async () =>
            (
              await filteredApplications(db, filter)
                .select((eb) => eb.fn.countAll<number>().as('count'))
                .executeTakeFirstOrThrow()
            ).count,
          position: (row) => ({ key: row.name, id: row.id }),
          node: toApplication,
        }),
      ),

    countByStatus: (filter) =>
      read((db) =>
        filteredApplications(db, filter)
          .select(['sync', 'health'])
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .groupBy(['sync', 'health'])
          .orderBy('sync')
          .orderBy('health')
          .execute(),
      ),

    countByStatusOf: (owner, ids) =>
      read(async (db) => {
        const column = owner === 'clusterId' ? 'cluster_id' : 'application_set_id'
        const rows = await db
          .selectFrom('applications')
          .select([`${column} as id`, 'sync', 'health'])
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where(sql<boolean>`${sql.ref(column)} = any(${rowIds(ids)}::uuid[])`)
          .groupBy([column, 'sync', 'health'])
          .execute()
        return rows.flatMap(({ id, ...count }) => (id === null ? [] : [{ id, ...count }]))
      }),

    putVersions: (versions) =>
      write(async ({ tx }) => {
        const input = versions.map(({ id, applicationId, spec, revision, contentKey }) => ({
          id,
          application_id: applicationId,
          spec,
          revision,
          content_key: contentKey,
        }))
        await sql`
          insert into application_versions (id, application_id, spec, revision, content_key, created_at_ms)
          select v.id, v.application_id, v.spec, v.revision, v.content_key, ${nowMs()}::bigint
          from jsonb_to_recordset(${toJsonColumn(input)}::jsonb) as v (id text, application_id uuid, spec jsonb, revision text, content_key text)
          -- Those of an application that was removed meanwhile are of no use.
          join applications on applications.id = v.application_id
          order by v.id
          on conflict (id) do nothing
        `.execute(tx)
      }),

    versions: (ids) =>
      read(async (db) => {
        const rows = await db
          .selectFrom('application_versions')
          .selectAll()
          .where(sql<boolean>`id = any(${[...ids]}::text[])`)
          .orderBy('id')
          .execute()
        return rows.map((row) => ({
          id: row.id,
          applicationId: row.application_id,
          spec: row.spec,
          revision: row.revision,
          contentKey: row.content_key,
        }))
      }),

    setWanted: (wanted) =>
      write(async ({ tx, changed }) => {
        const input = wanted
          .filter((item) => isUuid(item.applicationId))
          .map((item) => ({ id: item.applicationId, version: item.versionId, generation: item.observedGeneration }))
        await lock(
          tx,
          input.map((item) => item.id),
        )
        const { rows } = await sql<{ id: string; name: string }>`
          update applications as a set
            wanted_version_id = w.version,
            observed_generation = greatest(a.observed_generation, w.generation),
            sync = case when w.version is distinct from a.pinned_version_id then 'OutOfSync' else a.sync end
          from jsonb_to_recordset(${toJsonColumn(input)}::jsonb) as w (id uuid, version text, generation bigint)
          where a.id = w.id and (a.wanted_version_id is distinct from w.version or a.observed_generation < w.generation
            or (w.version is distinct from a.pinned_version_id and a.sync <> 'OutOfSync'))
          returning a.id, a.name
        `.execute(tx)
        for (const row of rows) changed('Application', 'updated', row)
      }),

    setConditions: (id, conditions, observedGeneration) =>
      write(async ({ tx, changed }) => {
        const before = await locked(tx, id)
        const json = toJsonColumn(conditions)
        const { rows } = await sql<{ visible: boolean }>`
          update applications set
            conditions = case when conditions_content(conditions) = conditions_content(${json}::jsonb) then conditions else ${json}::jsonb end,
            observed_generation = greatest(observed_generation, ${observedGeneration}::bigint)
          where id = ${before.id}
          returning (old.conditions, old.observed_generation) is distinct from (new.conditions, new.observed_generation) as visible
        `.execute(tx)
        if (rows[0]?.visible === true) changed('Application', 'updated', before)
      }),

    pin: (id, versionId, rolloutId) =>
      write(async ({ tx, changed }) => {
        const before = await locked(tx, id)
        if (before.deletion !== null) throw new FleetError('FENCED', `the application ${before.name} is being deleted: its version stays`)
        if (rolloutId !== null) await requireHolder(tx, before, rolloutId)
        if (before.pinned_version_id === versionId) return before.pin_generation
        const version = await tx
          .selectFrom('application_versions')
          .select('id')
          .where('id', '=', versionId)
          .where('application_id', '=', before.id)
          .executeTakeFirst()
        if (version === undefined) throw new FleetError('NOT_FOUND', `the application ${before.name} has no version ${versionId}`)
        const pinGeneration = before.pin_generation + 1
        await tx
          .updateTable('applications')
          .set({ pinned_version_id: versionId, pin_generation: pinGeneration })
          .where('id', '=', before.id)
          .execute()
        changed('Application', 'updated', before)
        return pinGeneration
      }),

    recordSynced: (id, pinGeneration, { versionId, revision, atMs }) =>
      write(async ({ tx, changed }) => {
        const before = await locked(tx, id)
        if (before.pin_generation !== pinGeneration) {
          throw new FleetError(
            'FENCED',
            `the pin of the application ${before.name} has moved on (from ${pinGeneration} to ${before.pin_generation}): what was synced is out of date`,
          )
        }
        const answered = before.sync_requested_at_ms !== null && before.sync_requested_at_ms <= atMs
        await tx
          .updateTable('applications')
          .set({ synced_version_id: versionId, revision, synced_at_ms: atMs, ...(answered ? noSyncRequest : {}) })
          .where('id', '=', before.id)
          .execute()
        const same = !answered && before.synced_version_id === versionId && before.revision === revision && before.synced_at_ms === atMs
        if (!same) changed('Application', 'updated', before)
      }),

    requestSync: (id, actor, atMs) =>
      write(async ({ tx, changed }) => {
        const before = await locked(tx, id)
        const row = await tx
          .updateTable('applications')
          .set({ sync_requested_by: actor, sync_requested_at_ms: atMs })
          .where('id', '=', before.id)
          .returningAll()
          .executeTakeFirstOrThrow()
        changed('Application', 'updated', row)
        return toApplication(row)
      }),

    lagging: () =>
      many((query) =>
        query.where((eb) =>
          eb.or([
            eb('sync_requested_at_ms', 'is not', null),
            eb.and([eb('application_set_id', 'is', null), eb('generation', '>', eb.ref('observed_generation'))]),
          ]),
        ),
      ),

    recordStatus: (statuses) =>
      write(async ({ tx, changed }) => {
        const newest = new Map<string, (typeof statuses)[number]>()
        for (const item of statuses) {
          const other = newest.get(item.applicationId)
          if (isUuid(item.applicationId) && (item.status.observedAtMs ?? 0) >= (other?.status.observedAtMs ?? 0))
            newest.set(item.applicationId, item)
        }
        const input = [...newest.values()].map(({ applicationId, status }) => ({
          id: applicationId,
          sync: status.sync,
          health: status.health,
          message: status.message,
          resources: status.resources,
          observed_at_ms: status.observedAtMs,
        }))
        await lock(tx, [...newest.keys()])
        const { rows } = await sql<{ id: string; name: string; visible: boolean }>`
          update applications as a set
            sync = s.sync, health = s.health, message = s.message, observed_at_ms = s.observed_at_ms,
            resources = case when a.resources = s.resources then a.resources else s.resources end
          from jsonb_to_recordset(${toJsonColumn(input)}::jsonb)
            as s (id uuid, sync text, health text, message text, resources jsonb, observed_at_ms bigint)
          where a.id = s.id and coalesce(s.observed_at_ms, 0) >= coalesce(a.observed_at_ms, 0)
          returning new.id, new.name, (old.sync, old.health, old.message, old.resources)
            is distinct from (new.sync, new.health, new.message, new.resources) as visible
        `.execute(tx)
        for (const row of rows) if (row.visible) changed('Application', 'updated', row)
      }),

    markDeleted: (ids, mode) =>
      write(async ({ tx, changed }) => {
        await lock(tx, rowIds(ids))
        const { rows } = await sql<{ id: string; name: string }>`
          update applications set deletion = ${mode}::text, generation = generation + 1
          where id = any(${rowIds(ids)}::uuid[]) and deletion is distinct from ${mode}::text
          returning id, name
        `.execute(tx)
        for (const row of rows) changed('Application', 'updated', row)
      }),

    remove: (id) =>
      write(async ({ tx, changed }) => {
        const row = await tx.deleteFrom('applications').where('id', '=', rowId(id)).returning(['id', 'name']).executeTakeFirst()
        if (row !== undefined) changed('Application', 'deleted', row)
      }),
  }
}

const noSyncRequest = { sync_requested_by: null, sync_requested_at_ms: null }

function applications(db: Kysely<Tables>) {
  return db.selectFrom('applications').selectAll()
}

/** Locks rows in the order of their ids, so that two batches can't deadlock. */
async function lock(tx: Transaction<Tables>, ids: readonly string[]): Promise<void> {
  await sql`select from applications where id = any(${[...ids]}::uuid[]) order by id for no key update`.execute(tx)
}

async function locked(tx: Transaction<Tables>, id: string): Promise<Omit<ApplicationRow, 'manifest' | 'resources' | 'conditions'>> {
  const row = await tx.selectFrom('applications').selectAll().where('id', '=', rowId(id)).forNoKeyUpdate().executeTakeFirst()
  if (row === undefined) throw new FleetError('NOT_FOUND', `there is no application with the id ${id}`)
  return row
}

/** FENCED unless the rollout is the active one of the application's set. Shared lock: it can't become final before the pin has moved. */
async function requireHolder(
  tx: Transaction<Tables>,
  application: Pick<ApplicationRow, 'name' | 'application_set_id'>,
  rolloutId: string,
): Promise<void> {
  const holder = await tx
    .selectFrom('rollouts')
    .select('id')
    .where('id', '=', rowId(rolloutId))
    .where('application_set_id', '=', application.application_set_id)
    .where('active', '=', true)
    .forShare()
    .executeTakeFirst()
  if (holder === undefined)
    throw new FleetError(
      'FENCED',
      `the rollout ${rolloutId} does not hold the ApplicationSet of ${application.name}: it has ended, or is of another set`,
    )
}
