import { type Kysely, type Selectable, sql } from 'kysely'
import { FleetError } from '../fleet/errors.ts'
import { finalPhases, type RolloutCommand } from '../fleet/rollout/state.ts'
import type { Database } from './database.ts'
import { violatedConstraint } from './database-errors.ts'
import { rowId } from './ids.ts'
import { toJsonColumn } from './json-column.ts'
import { keysetPage } from './keyset.ts'
import type { Rollout, RolloutStore } from './store.ts'
import type { RolloutCommandsTable, RolloutsTable, Tables } from './tables.ts'

type RolloutRow = Selectable<RolloutsTable>

export function createRolloutStore({ read, write, nowMs }: Database): RolloutStore {
  return {
    create: (input) =>
      write(async ({ tx, changed }) => {
        // Locking the set makes numbers rise without holes.
        const set = await tx
          .selectFrom('application_sets')
          .select(['id', 'name'])
          .where('id', '=', rowId(input.applicationSetId))
          .forNoKeyUpdate()
          .executeTakeFirst()
        if (set === undefined) throw new FleetError('NOT_FOUND', `there is no ApplicationSet with the id ${input.applicationSetId}`)
        const active = !finalPhases.includes(input.state.phase)
        const holder = await tx
          .selectFrom('rollouts')
          .select('number')
          .where('application_set_id', '=', set.id)
          .where('active', '=', true)
          .executeTakeFirst()
        if (active && holder !== undefined) throw stillActive(set.name, holder.number)
        const { number } = await tx
          .selectFrom('rollouts')
          .select((eb) => eb.fn.coalesce(eb.fn.max('number'), eb.lit(0)).as('number'))
          .where('application_set_id', '=', set.id)
          .executeTakeFirstOrThrow()
        const row = await tx
          .insertInto('rollouts')
          .values({
            application_set_id: set.id,
            application_set_name: set.name,
            number: number + 1,
            plan: toJsonColumn(input.plan),
            state: toJsonColumn(input.state),
            waits: '[]',
            phase: input.state.phase,
            active,
            set_generation: input.setGeneration,
            revisions: toJsonColumn(input.revisions),
            requested_by: input.requestedBy,
            created_at_ms: nowMs(),
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        changed('Rollout', 'created', feedNode(row))
        return toRollout(row)
      }),

    get: (id) =>
      read(async (db) => {
        const row = await db.selectFrom('rollouts').selectAll().where('id', '=', rowId(id)).executeTakeFirst()
        return row === undefined ? null : toRollout(row)
      }),

    latest: (applicationSetId) =>
      read(async (db) => {
        const row = await db
          .selectFrom('rollouts')
          .selectAll()
          .where('application_set_id', '=', rowId(applicationSetId))
          .orderBy('number', 'desc')
          .limit(1)
          .executeTakeFirst()
        return row === undefined ? null : toRollout(row)
      }),

    active: () =>
      read(async (db) => {
        const rows = await db.selectFrom('rollouts').selectAll().where('active', '=', true).orderBy('created_at_ms').orderBy('id').execute()
        return rows.map(toRollout)
      }),

    page: (filter, request) =>
      read((db) =>
        keysetPage<number, RolloutRow, Rollout>(request, {
          keyType: 'number',
          // Newest first.
          rows: (after, limit) =>
            filtered(db, filter)
              .selectAll()
              .$if(after !== null, (query) =>
                query.where((eb) => eb(eb.refTuple('created_at_ms', 'id'), '<', eb.tuple(after?.key ?? 0, after?.id ?? ''))),
              )
              .orderBy('created_at_ms', 'desc')
              .orderBy('id', 'desc')
              .limit(limit)
              .execute(),
          count: async () =>
            (
              await filtered(db, filter)
                .select((eb) => eb.fn.countAll<number>().as('count'))
                .executeTakeFirstOrThrow()
            ).count,
          position: (row) => ({ key: row.created_at_ms, id: row.id }),
          node: toRollout,
        }),
      ),

    save: (id, sequence, state, waits) =>
      write(async ({ tx, changed }) => {
        const { rows } = await sql<{ id: string; application_set_name: string; number: number; visible: boolean }>`
          update rollouts set
            sequence = ${sequence}::bigint,
            state = ${toJsonColumn(state)}::jsonb,
            waits = ${toJsonColumn(waits)}::jsonb,
            phase = ${state.phase},
            active = ${!finalPhases.includes(state.phase)}
          where id = ${rowId(id)} and sequence < ${sequence}::bigint
          returning new.id, new.application_set_name, new.number, (old.state, old.waits) is distinct from (new.state, new.waits) as visible
        `
          .execute(tx)
          .catch((error: unknown) => {
            if (violatedConstraint(error) === 'rollouts_one_active')
              throw new FleetError('FENCED', `the rollout ${id} has ended, and its ApplicationSet has another one`)
            throw error
          })
        const row = rows[0]
        if (row === undefined) await requireRollout(tx, id)
        else if (row.visible) changed('Rollout', 'updated', feedNode(row))
      }),

    sequence: (id) =>
      read(async (db) => {
        const row = await db.selectFrom('rollouts').select('sequence').where('id', '=', rowId(id)).executeTakeFirst()
        if (row === undefined) throw notFound(id)
        return row.sequence
      }),

    addCommand: (rolloutId, command, idempotencyKey) =>
      write(async ({ tx }) => {
        // Ids of one rollout are given out one after the other: a reader that saw one has seen all before it.
        const rollout = await tx.selectFrom('rollouts').select('id').where('id', '=', rowId(rolloutId)).forNoKeyUpdate().executeTakeFirst()
        if (rollout === undefined) throw notFound(rolloutId)
        if (idempotencyKey !== undefined) {
          const first = await tx
            .selectFrom('rollout_commands')
            .selectAll()
            .where('rollout_id', '=', rollout.id)
            .where('idempotency_key', '=', idempotencyKey)
            .executeTakeFirst()
          if (first !== undefined) return toCommand(first)
        }
        const row = await tx
          .insertInto('rollout_commands')
          .values({
            rollout_id: rollout.id,
            verb: command.verb,
            actor: command.actor,
            stage: command.stage ?? null,
            plan_digest: command.planDigest ?? null,
            reason: command.reason ?? null,
            idempotency_key: idempotencyKey ?? null,
            at_ms: nowMs(),
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        return toCommand(row)
      }),

    findCommand: (rolloutId, idempotencyKey) =>
      read(async (db) => {
        const row = await db
          .selectFrom('rollout_commands')
          .selectAll()
          .where('rollout_id', '=', rowId(rolloutId))
          .where('idempotency_key', '=', idempotencyKey)
          .executeTakeFirst()
        return row === undefined ? null : toCommand(row)
      }),

    commandsAfter: (rolloutId, commandId) =>
      read(async (db) => {
        const rows = await db
          .selectFrom('rollout_commands')
          .selectAll()
          .where('rollout_id', '=', rowId(rolloutId))
          .where('id', '>', commandId)
          .orderBy('id')
          .execute()
        return rows.map(toCommand)
      }),
  }
}

function filtered(db: Kysely<Tables>, { applicationSetId, active }: { readonly applicationSetId?: string; readonly active?: boolean }) {
  let query = db.selectFrom('rollouts')
  if (applicationSetId !== undefined) query = query.where('application_set_id', '=', rowId(applicationSetId))
  if (active !== undefined) query = query.where('active', '=', active)
  return query
}

function toRollout(row: RolloutRow): Rollout {
  return {
    id: row.id,
    applicationSetId: row.application_set_id,
    applicationSetName: row.application_set_name,
    number: row.number,
    plan: row.plan,
    state: row.state,
    waits: row.waits,
    setGeneration: row.set_generation,
    revisions: row.revisions,
    requestedBy: row.requested_by,
    createdAtMs: row.created_at_ms,
  }
}

function toCommand(row: Selectable<RolloutCommandsTable>): RolloutCommand {
  return {
    id: row.id,
    verb: row.verb,
    actor: row.actor,
    atMs: row.at_ms,
    ...(row.stage === null ? {} : { stage: row.stage }),
    ...(row.plan_digest === null ? {} : { planDigest: row.plan_digest }),
    ...(row.reason === null ? {} : { reason: row.reason }),
  }
}

/** What the feed calls a rollout: `guestbook/7`. */
function feedNode(row: Pick<RolloutRow, 'id' | 'application_set_name' | 'number'>): { readonly id: string; readonly name: string } {
  return { id: row.id, name: `${row.application_set_name}/${row.number}` }
}

async function requireRollout(db: Kysely<Tables>, id: string): Promise<void> {
  const row = await db.selectFrom('rollouts').select('id').where('id', '=', rowId(id)).executeTakeFirst()
  if (row === undefined) throw notFound(id)
}

function stillActive(setName: string, number: number): FleetError {
  return new FleetError(
    'CONFLICT',
    `the ApplicationSet ${setName} has a rollout under way, number ${number}: wait until it ends, or end it first`,
  )
}

function notFound(id: string): FleetError {
  return new FleetError('NOT_FOUND', `there is no rollout with the id ${id}`)
}
