import { type Selectable, sql, type Transaction } from 'kysely'
import type { ApplicationSet } from '../fleet/application-set.ts'
import { FleetError } from '../fleet/errors.ts'
import { concernsWhatItMakes } from '../fleet/set/requeue.ts'
import type { Database } from './database.ts'
import { rowId } from './ids.ts'
import { toJsonColumn } from './json-column.ts'
import { keysetPage } from './keyset.ts'
import type { ApplicationSetStore } from './store.ts'
import type { ApplicationSetsTable, Tables } from './tables.ts'
import { wakeSets } from './wake-sets.ts'

type ApplicationSetRow = Selectable<ApplicationSetsTable>

export function createApplicationSetStore({ read, write, nowMs }: Database): ApplicationSetStore {
  const one = (column: 'id' | 'name', value: string): Promise<ApplicationSet | null> =>
    read(async (db) => {
      const row = await db.selectFrom('application_sets').selectAll().where(column, '=', value).executeTakeFirst()
      return row === undefined ? null : toApplicationSet(row)
    })

  return {
    apply: (metadata, spec, requestedBy) =>
      write(async ({ tx, changed }) => {
        const before = await tx.selectFrom('application_sets').selectAll().where('name', '=', metadata.name).forUpdate().executeTakeFirst()
        // Without a new generation it is written all the same.
        const looksAgain = before === undefined || concernsWhatItMakes(before, { metadata, spec }) ? 1 : 0
        const row = await tx
          .insertInto('application_sets')
          .values({
            name: metadata.name,
            metadata: toJsonColumn(metadata),
            spec: toJsonColumn(spec),
            last_changed_by: requestedBy,
            created_at_ms: nowMs(),
            ...unobserved,
          })
          .onConflict((conflict) =>
            conflict
              .column('name')
              .doUpdateSet({
                metadata: sql`excluded.metadata`,
                spec: sql`excluded.spec`,
                last_changed_by: sql`excluded.last_changed_by`,
                generation: sql`application_sets.generation + ${looksAgain}::int`,
                wanted_pass: sql`application_sets.wanted_pass + ${looksAgain}::int`,
              })
              .where(sql<boolean>`(application_sets.metadata, application_sets.spec) is distinct from (excluded.metadata, excluded.spec)`)
              .where('application_sets.deletion', 'is', null),
          )
          .returningAll()
          .executeTakeFirst()
        if (row === undefined) {
          const there = await tx.selectFrom('application_sets').selectAll().where('name', '=', metadata.name).executeTakeFirstOrThrow()
          if (there.deletion !== null)
            throw new FleetError('CONFLICT', `the ApplicationSet ${there.name} is being deleted: apply it again when it is gone`)
          return { set: toApplicationSet(there), outcome: 'unchanged' }
        }
        const outcome = before === undefined && row.generation === 1 ? 'created' : 'configured'
        changed('ApplicationSet', outcome === 'created' ? 'created' : 'updated', row)
        return { set: toApplicationSet(row), outcome }
      }),

    get: (id) => one('id', rowId(id)),
    getByName: (name) => one('name', name),
    all: () => read(async (db) => (await db.selectFrom('application_sets').selectAll().orderBy('name').execute()).map(toApplicationSet)),

    page: (request) =>
      read((db) =>
        keysetPage<string, ApplicationSetRow, ApplicationSet>(request, {
          keyType: 'string',
          rows: (after, limit) =>
            db
              .selectFrom('application_sets')
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
              await db
                .selectFrom('application_sets')
                .select((eb) => eb.fn.countAll<number>().as('count'))
                .executeTakeFirstOrThrow()
            ).count,
          position: (row) => ({ key: row.name, id: row.id }),
          node: toApplicationSet,
        }),
      ),

    touch: (ids) => write(({ tx }) => wakeSets(tx, ids)),

    lagging: () =>
      read(async (db) => {
        const rows = await db
          .selectFrom('application_sets')
          .select('id')
          .where((eb) => eb.or([eb('wanted_pass', '>', eb.ref('observed_pass')), eb('generation', '>', eb.ref('observed_generation'))]))
          .orderBy('name')
          .execute()
        return rows.map((row) => row.id)
      }),

    pass: (id) =>
      read(async (db) => {
        const row = await db
          .selectFrom('application_sets')
          .select(['wanted_pass', 'observed_pass'])
          .where('id', '=', rowId(id))
          .executeTakeFirst()
        if (row === undefined) throw notFound(id)
        return { wantedPass: row.wanted_pass, observedPass: row.observed_pass }
      }),

    recordPass: (id, seen) =>
      write(async ({ tx, changed }) => {
        const before = await locked(tx, id)
        if (seen.pass < before.observed_pass) return
        const { rows } = await sql<{ visible: boolean }>`
          update application_sets set
            observed_pass = ${seen.pass}::bigint,
            observed_generation = greatest(observed_generation, ${seen.generation}::bigint),
            conditions = case when conditions_content(conditions) = conditions_content(${toJsonColumn(seen.conditions)}::jsonb)
              then conditions else ${toJsonColumn(seen.conditions)}::jsonb end,
            held_deletion = ${seen.heldDeletion === null ? null : toJsonColumn(seen.heldDeletion)}::jsonb,
            expanded_at_ms = greatest(expanded_at_ms, ${seen.expandedAtMs}::bigint),
            -- A confirmation is for one digest, once: when that isn't held any more, it is used up.
            confirmed_digest = case when confirmed_digest = ${seen.heldDeletion?.digest ?? null}::text then confirmed_digest end,
            confirmed_by = case when confirmed_digest = ${seen.heldDeletion?.digest ?? null}::text then confirmed_by end
          where id = ${before.id}
          returning (old.observed_generation, old.conditions, old.held_deletion - 'heldAtMs')
            is distinct from (new.observed_generation, new.conditions, new.held_deletion - 'heldAtMs') as visible
        `.execute(tx)
        if (rows[0]?.visible === true) changed('ApplicationSet', 'updated', before)
      }),

    confirmDeletion: (id, digest, actor) =>
      write(async ({ tx }) => {
        const row = await locked(tx, id)
        await tx
          .updateTable('application_sets')
          .set((eb) => ({ confirmed_digest: digest, confirmed_by: actor, wanted_pass: eb('wanted_pass', '+', 1) }))
          .where('id', '=', row.id)
          .execute()
      }),

    confirmedDeletion: (id) =>
      read(
        async (db) =>
          (await db.selectFrom('application_sets').select('confirmed_digest').where('id', '=', rowId(id)).executeTakeFirst())
            ?.confirmed_digest ?? null,
      ),

    unblock: (id, rolloutId, actor) =>
      write(async ({ tx, changed }) => {
        const before = await locked(tx, id)
        const rollout = await tx
          .selectFrom('rollouts')
          .select('id')
          .where('id', '=', rowId(rolloutId))
          .where('application_set_id', '=', before.id)
          .executeTakeFirst()
        if (rollout === undefined)
          throw new FleetError('NOT_FOUND', `the ApplicationSet ${before.name} has no rollout with the id ${rolloutId}`)
        const row = await tx
          .updateTable('application_sets')
          .set((eb) => ({ unblocked_rollout_id: rollout.id, unblocked_by: actor, wanted_pass: eb('wanted_pass', '+', 1) }))
          .where('id', '=', before.id)
          .returningAll()
          .executeTakeFirstOrThrow()
        if (before.unblocked_rollout_id !== rollout.id) changed('ApplicationSet', 'updated', row)
        return toApplicationSet(row)
      }),

    markDeleted: (id, mode) =>
      write(async ({ tx, changed }) => {
        const before = await locked(tx, id)
        if (before.deletion === mode) return toApplicationSet(before)
        const row = await tx
          .updateTable('application_sets')
          .set((eb) => ({ deletion: mode, generation: eb('generation', '+', 1), wanted_pass: eb('wanted_pass', '+', 1) }))
          .where('id', '=', before.id)
          .returningAll()
          .executeTakeFirstOrThrow()
        changed('ApplicationSet', 'updated', row)
        return toApplicationSet(row)
      }),

    remove: (id) =>
      write(async ({ tx, changed }) => {
        const row = await lockedForRemoval(tx, id)
        if (row === null) return
        const { count } = await tx
          .selectFrom('applications')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('application_set_id', '=', row.id)
          .executeTakeFirstOrThrow()
        if (count > 0)
          throw new FleetError(
            'CONFLICT',
            `the ApplicationSet ${row.name} still has ${count} application${count === 1 ? '' : 's'}: they have to go first`,
          )
        await tx.deleteFrom('application_sets').where('id', '=', row.id).execute()
        changed('ApplicationSet', 'deleted', row)
      }),
  }
}

const unobserved = {
  held_deletion: null,
  expanded_at_ms: null,
  confirmed_digest: null,
  confirmed_by: null,
  unblocked_rollout_id: null,
  unblocked_by: null,
  deletion: null,
}

function toApplicationSet(row: ApplicationSetRow): ApplicationSet {
  return {
    id: row.id,
    name: row.name,
    metadata: row.metadata,
    spec: row.spec,
    generation: row.generation,
    observedGeneration: row.observed_generation,
    conditions: row.conditions,
    heldDeletion: row.held_deletion,
    expandedAtMs: row.expanded_at_ms,
    deletion: row.deletion,
    lastChangedBy: row.last_changed_by,
    unblockedRolloutId: row.unblocked_rollout_id,
    createdAtMs: row.created_at_ms,
  }
}

/** For changes. Writers that refer to the row (applications being written) don't wait for this lock. */
async function locked(tx: Transaction<Tables>, id: string): Promise<ApplicationSetRow> {
  const row = await tx.selectFrom('application_sets').selectAll().where('id', '=', rowId(id)).forNoKeyUpdate().executeTakeFirst()
  if (row === undefined) throw notFound(id)
  return row
}

/** For removal: nobody can refer to the row any more. Null when it is gone already. */
async function lockedForRemoval(tx: Transaction<Tables>, id: string): Promise<ApplicationSetRow | null> {
  return (await tx.selectFrom('application_sets').selectAll().where('id', '=', rowId(id)).forUpdate().executeTakeFirst()) ?? null
}

function notFound(id: string): FleetError {
  return new FleetError('NOT_FOUND', `there is no ApplicationSet with the id ${id}`)
}
