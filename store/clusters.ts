import { randomUUID } from 'node:crypto'
import { type ExpressionBuilder, type Selectable, sql, type Transaction } from 'kysely'
import type { Cluster, ClusterConnection } from '../fleet/cluster.ts'
import { FleetError } from '../fleet/errors.ts'
import type { Database } from './database.ts'
import { rowId, rowIds } from './ids.ts'
import { toJsonColumn, toTextColumn } from './json-column.ts'
import { keysetPage } from './keyset.ts'
import { clusterSecrets, putSecret, sealedSecret } from './secrets.ts'
import type { ClusterStore, Sealer } from './store.ts'
import type { ClustersTable, Tables } from './tables.ts'
import { wakeEverySet, wakeSetsOfLabels } from './wake-sets.ts'

const columns = [
  'id',
  'name',
  'server',
  'labels',
  'annotations',
  'project',
  'task_queue',
  'generation',
  'observed_generation',
  'connection_status',
  'connection_message',
  'version',
  'uid',
  'attempted_at_ms',
  'seen_at_ms',
  'removing',
  'created_at_ms',
] as const satisfies readonly (keyof ClustersTable)[]

/** Held while somebody makes sure that a name, a server and a uid are free, and then takes them: "clus" in ASCII. */
const registrationLock = 0x636c7573

export function createClusterStore(database: Database, sealer: Sealer): ClusterStore {
  const { read, write, nowMs } = database

  const one = (column: 'id' | 'name' | 'server', value: string): Promise<Cluster | null> =>
    read(async (db) => {
      const row = await db.selectFrom('clusters').select(columns).where(column, '=', value).executeTakeFirst()
      return row === undefined ? null : toCluster(row)
    })

  return {
    register: (input, credentials) =>
      write(async ({ tx, changed }) => {
        await sql`select pg_advisory_xact_lock(${registrationLock}::bigint)`.execute(tx)
        await requireFree(tx, null, input.name, input.server, input.connection.uid)
        const row = await tx
          .insertInto('clusters')
          .values({
            id: randomUUID(),
            name: input.name,
            server: input.server,
            ca_data: input.caData,
            tls_server_name: input.tlsServerName,
            labels: toJsonColumn(input.labels),
            annotations: toJsonColumn(input.annotations),
            project: input.project,
            task_queue: input.taskQueue,
            created_at_ms: nowMs(),
            ...connectionColumns(input.connection),
          })
          .returning(columns)
          .executeTakeFirstOrThrow()
        await putSecret(tx, sealer, clusterSecrets, row.id, credentials)
        await wakeEverySet(tx)
        changed('Cluster', 'created', row)
        return toCluster(row)
      }),

    get: (id) => one('id', rowId(id)),
    many: (ids) =>
      read(async (db) =>
        (
          await db
            .selectFrom('clusters')
            .select(columns)
            .where(sql<boolean>`id = any(${rowIds(ids)}::uuid[])`)
            .execute()
        ).map(toCluster),
      ),
    getByName: (name) => one('name', name),
    getByServer: (server) => one('server', server),

    all: () => read(async (db) => (await db.selectFrom('clusters').select(columns).orderBy('name').execute()).map(toCluster)),

    registeredSince: (createdAtMs, limit) =>
      read(async (db) =>
        (
          await db
            .selectFrom('clusters')
            .select(columns)
            .where('created_at_ms', '>=', createdAtMs)
            .where('removing', '=', false)
            .orderBy('created_at_ms', 'desc')
            .limit(limit)
            .execute()
        ).map(toCluster),
      ),

    page: ({ labels }, request) =>
      read((db) =>
        keysetPage<string, ClusterRow, Cluster>(request, {
          keyType: 'string',
          rows: (after, limit) =>
            db
              .selectFrom('clusters')
              .select(columns)
              .where((eb) => hasLabels(eb, labels))
              .$if(after !== null, (query) =>
                query.where((eb) => eb(eb.refTuple('name', 'id'), '>', eb.tuple(after?.key ?? '', after?.id ?? ''))),
              )
              .orderBy('name')
              .orderBy('id')
              .limit(limit)
              .execute(),
          count: async () => {
            const query = db.selectFrom('clusters').where((eb) => hasLabels(eb, labels))
            return (await query.select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()).count
          },
          position: (row) => ({ key: row.name, id: row.id }),
          node: toCluster,
        }),
      ),

    update: (id, change, expectedGeneration) =>
      write(async ({ tx, changed }) => {
        const before = await locked(tx, id)
        if (expectedGeneration !== undefined && expectedGeneration !== before.generation) {
          throw new FleetError(
            'CONFLICT',
            `the cluster ${before.name} was changed meanwhile: it is at generation ${before.generation}, not ${expectedGeneration}. Read it again and repeat the change`,
          )
        }
        const labels = toJsonColumn(change.labels ?? before.labels)
        const annotations = toJsonColumn(change.annotations ?? before.annotations)
        const row = await tx
          .updateTable('clusters')
          .set((eb) => ({ labels, annotations, generation: eb('generation', '+', 1) }))
          .where('id', '=', before.id)
          .where(sql<boolean>`(labels, annotations) is distinct from (${labels}::jsonb, ${annotations}::jsonb)`)
          .returning(columns)
          .executeTakeFirst()
        if (row === undefined) return toCluster(before)
        await wakeSetsOfLabels(tx)
        changed('Cluster', 'updated', row)
        return toCluster(row)
      }),

    rotate: (id, access, credentials, connection) =>
      write(async ({ tx, changed }) => {
        await sql`select pg_advisory_xact_lock(${registrationLock}::bigint)`.execute(tx)
        const before = await locked(tx, id)
        await requireFree(tx, before.id, null, access.server ?? null, connection.uid)
        const row = await tx
          .updateTable('clusters')
          .set((eb) => ({
            ...(access.server === undefined ? {} : { server: access.server }),
            ...(access.caData === undefined ? {} : { ca_data: access.caData }),
            ...(access.tlsServerName === undefined ? {} : { tls_server_name: access.tlsServerName }),
            ...connectionColumns(connection),
            generation: eb('generation', '+', 1),
            access_generation: eb('access_generation', '+', 1),
          }))
          .where('id', '=', before.id)
          .returning(columns)
          .executeTakeFirstOrThrow()
        await putSecret(tx, sealer, clusterSecrets, row.id, credentials)
        await wakeEverySet(tx)
        changed('Cluster', 'updated', row)
        return toCluster(row)
      }),

    access: (id) =>
      read(async (db) => {
        const row = await db
          .selectFrom('clusters')
          .innerJoin('cluster_credentials as secret', 'secret.cluster_id', 'clusters.id')
          .select(['clusters.id', 'access_generation', 'server', 'ca_data', 'tls_server_name', 'key_id', 'nonce', 'ciphertext'])
          .where('clusters.id', '=', rowId(id))
          .executeTakeFirst()
        if (row === undefined) throw notFound(id)
        return {
          generation: row.access_generation,
          server: row.server,
          caData: row.ca_data,
          tlsServerName: row.tls_server_name,
          credentials: sealer.open(row.id, sealedSecret(row)),
        }
      }),

    recordConnection: (id, connection, observedGeneration) =>
      write(async ({ tx, changed }) => {
        const before = await locked(tx, id)
        if ((connection.attemptedAtMs ?? 0) < (before.attempted_at_ms ?? 0)) return
        const after = {
          ...connectionColumns(connection),
          // An attempt that failed saw neither: what was last seen stays.
          version: connection.version ?? before.version,
          uid: connection.uid ?? before.uid,
          seen_at_ms: connection.seenAtMs ?? before.seen_at_ms,
          observed_generation: Math.max(before.observed_generation, observedGeneration),
        }
        await tx.updateTable('clusters').set(after).where('id', '=', before.id).execute()
        const visible = ['connection_status', 'connection_message', 'version', 'uid', 'observed_generation'] as const
        if (visible.some((column) => after[column] !== before[column])) changed('Cluster', 'updated', before)
      }),

    markRemoving: (id) =>
      write(async ({ tx, changed }) => {
        const before = await locked(tx, id)
        if (before.removing) return
        await tx
          .updateTable('clusters')
          .set((eb) => ({ removing: true, generation: eb('generation', '+', 1) }))
          .where('id', '=', before.id)
          .execute()
        await wakeEverySet(tx)
        changed('Cluster', 'updated', before)
      }),

    remove: (id) =>
      write(async ({ tx, changed }) => {
        const row = await lockedForRemoval(tx, id)
        if (row === null) return
        const { count } = await tx
          .selectFrom('applications')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('cluster_id', '=', row.id)
          .where(sql<boolean>`deletion is distinct from 'orphan'`)
          .executeTakeFirstOrThrow()
        if (count > 0) {
          throw new FleetError(
            'CONFLICT',
            `the cluster ${row.name} still has ${count} application${count === 1 ? '' : 's'}: delete or orphan them first`,
            { applications: count },
          )
        }
        await tx.deleteFrom('clusters').where('id', '=', row.id).execute()
        await wakeEverySet(tx)
        changed('Cluster', 'deleted', row)
      }),
  }
}

type ClusterRow = Pick<Selectable<ClustersTable>, (typeof columns)[number]>

function toCluster(row: ClusterRow): Cluster {
  return {
    id: row.id,
    name: row.name,
    server: row.server,
    labels: row.labels,
    annotations: row.annotations,
    project: row.project,
    taskQueue: row.task_queue,
    generation: row.generation,
    observedGeneration: row.observed_generation,
    connection: {
      status: row.connection_status,
      message: row.connection_message,
      version: row.version,
      uid: row.uid,
      attemptedAtMs: row.attempted_at_ms,
      seenAtMs: row.seen_at_ms,
    },
    removing: row.removing,
    createdAtMs: row.created_at_ms,
  }
}

function connectionColumns(connection: ClusterConnection) {
  return {
    connection_status: connection.status,
    connection_message: toTextColumn(connection.message),
    version: connection.version,
    uid: connection.uid,
    attempted_at_ms: connection.attemptedAtMs,
    seen_at_ms: connection.seenAtMs,
  }
}

function hasLabels(eb: ExpressionBuilder<Tables, 'clusters'>, labels: Readonly<Record<string, string>> | undefined) {
  return labels === undefined ? eb.lit(true) : sql<boolean>`clusters.labels @> ${toJsonColumn(labels)}::jsonb`
}

/** For changes. Writers that refer to the row (applications being written) don't wait for this lock. */
async function locked(tx: Transaction<Tables>, id: string): Promise<ClusterRow> {
  const row = await tx.selectFrom('clusters').select(columns).where('id', '=', rowId(id)).forNoKeyUpdate().executeTakeFirst()
  if (row === undefined) throw notFound(id)
  return row
}

/** For removal: nobody can refer to the row any more. Null when it is gone already. */
async function lockedForRemoval(tx: Transaction<Tables>, id: string): Promise<ClusterRow | null> {
  return (await tx.selectFrom('clusters').select(columns).where('id', '=', rowId(id)).forUpdate().executeTakeFirst()) ?? null
}

/** CONFLICT that names what is taken, and by whom. Null isn't looked for. */
async function requireFree(
  tx: Transaction<Tables>,
  exceptId: string | null,
  name: string | null,
  server: string | null,
  uid: string | null,
): Promise<void> {
  const others = await tx
    .selectFrom('clusters')
    .select(['id', 'name', 'server', 'uid'])
    .where((eb) => eb.or([eb('name', '=', name), eb('server', '=', server), eb('uid', '=', uid)]))
    .execute()
  for (const other of others) {
    if (other.id === exceptId) continue
    if (other.name === name)
      throw new FleetError('CONFLICT', `the cluster name ${name} is taken: choose another, or remove that cluster first`, {
        clusterId: other.id,
        field: 'name',
      })
    const again = 'Update or rotate that one instead, or remove it first'
    if (other.server === server)
      throw new FleetError('CONFLICT', `the server ${server} is registered already, as the cluster ${other.name}. ${again}`, {
        clusterId: other.id,
        field: 'server',
      })
    throw new FleetError(
      'CONFLICT',
      `this is the same Kubernetes cluster as ${other.name} (its kube-system namespace has the uid ${uid}), registered at ${other.server}. ${again}`,
      {
        clusterId: other.id,
        field: 'uid',
      },
    )
  }
}

function notFound(id: string): FleetError {
  return new FleetError('NOT_FOUND', `there is no cluster with the id ${id}`)
}
