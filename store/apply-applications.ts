import { sql, type Transaction } from 'kysely'
import { FleetError } from '../fleet/errors.ts'
import type { ApplicationRow } from './application-rows.ts'
import { violatedConstraint } from './database-errors.ts'
import { toJsonColumn } from './json-column.ts'
import type { NewApplication } from './store.ts'
import type { Tables } from './tables.ts'

/** Rows written by one statement. */
const batchSize = 1_000
/** Names that a message lists. */
const namesMax = 10

export type ApplyOutcome = 'created' | 'configured' | 'unchanged'

export interface AppliedRow {
  readonly row: ApplicationRow
  readonly outcome: ApplyOutcome
  /** Something that users see changed, if only a condition. */
  readonly visible: boolean
}

/**
 * Creates or updates by name, and gives the rows in the order of the input. Applications that are being deleted are left as they are
 * (their resources are being removed from the cluster that the row names), as are since-when times of conditions that say the same.
 */
export async function applyApplications(
  tx: Transaction<Tables>,
  applications: readonly NewApplication[],
  nowMs: number,
): Promise<readonly AppliedRow[]> {
  requireDistinctNames(applications)
  // Sorted, so that two writers lock the same rows in the same order.
  const sorted = applications.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const applied = new Map<string, AppliedRow>()
  for (let from = 0; from < sorted.length; from += batchSize) {
    for (const item of await applyBatch(tx, sorted.slice(from, from + batchSize), nowMs)) applied.set(item.row.name, item)
  }
  return applications.flatMap(({ name }) => applied.get(name) ?? [])
}

async function applyBatch(tx: Transaction<Tables>, batch: readonly NewApplication[], nowMs: number): Promise<readonly AppliedRow[]> {
  const input = batch.map((application, position) => ({
    position,
    name: application.name,
    application_set_id: application.applicationSetId,
    cluster_id: application.clusterId,
    manifest: application.manifest,
    conditions: application.conditions,
  }))
  const written = await sql<{ name: string; outcome: ApplyOutcome }>`
    insert into applications as a (name, application_set_id, cluster_id, manifest, conditions, created_at_ms)
    select name, application_set_id, cluster_id, manifest, conditions, ${nowMs}::bigint
    from jsonb_to_recordset(${toJsonColumn(input)}::jsonb)
      as input (position int, name text, application_set_id uuid, cluster_id uuid, manifest jsonb, conditions jsonb)
    order by position
    on conflict (name) do update set
      cluster_id = excluded.cluster_id,
      manifest = excluded.manifest,
      conditions = case when conditions_content(a.conditions) = conditions_content(excluded.conditions) then a.conditions else excluded.conditions end,
      generation = a.generation + case when (a.cluster_id, a.manifest) is distinct from (excluded.cluster_id, excluded.manifest) then 1 else 0 end
    where a.application_set_id is not distinct from excluded.application_set_id
      and a.deletion is null
      and ((a.cluster_id, a.manifest) is distinct from (excluded.cluster_id, excluded.manifest)
        or conditions_content(a.conditions) <> conditions_content(excluded.conditions))
    returning new.name, case when old.id is null then 'created' when old.generation < new.generation then 'configured' else 'unchanged' end as outcome
  `
    .execute(tx)
    .catch((error: unknown) => {
      throw missingReference(error) ?? error
    })
  const outcomes = new Map(written.rows.map((row) => [row.name, row.outcome]))
  const rows = await tx
    .selectFrom('applications')
    .selectAll()
    .where(sql<boolean>`name = any(${batch.map((application) => application.name)}::text[])`)
    .execute()
  requireOwned(batch, rows)
  return rows.map((row) => ({ row, outcome: outcomes.get(row.name) ?? 'unchanged', visible: outcomes.has(row.name) }))
}

function requireDistinctNames(applications: readonly NewApplication[]): void {
  const seen = new Set<string>()
  for (const { name } of applications) {
    if (seen.has(name))
      throw new FleetError('CONFLICT', `the application name ${name} occurs twice: names are unique in the fleet`, { names: [name] })
    seen.add(name)
  }
}

/** An application belongs to the set that made it, or to nobody: another set never takes it over (invariant I20). */
function requireOwned(batch: readonly NewApplication[], rows: readonly ApplicationRow[]): void {
  const wanted = new Map(batch.map((application) => [application.name, application.applicationSetId]))
  const names = rows.filter((row) => row.application_set_id !== wanted.get(row.name)).map((row) => row.name)
  if (names.length === 0) return
  const shown = names.slice(0, namesMax).join(', ')
  const more = names.length > namesMax ? ` and ${names.length - namesMax} more` : ''
  throw new FleetError(
    'CONFLICT',
    `applications of these names belong to another ApplicationSet, or were applied by themselves: ${shown}${more}. Choose other names, or delete those first`,
    { names },
  )
}

/** A set or a cluster that was removed while the applications were made. */
function missingReference(error: unknown): FleetError | null {
  const constraint = violatedConstraint(error)
  if (constraint === 'applications_application_set_id_fkey')
    return new FleetError('NOT_FOUND', 'the ApplicationSet of these applications is gone')
  if (constraint === 'applications_cluster_id_fkey')
    return new FleetError('CONFLICT', 'a cluster that these applications target was removed meanwhile: expand again')
  return null
}
