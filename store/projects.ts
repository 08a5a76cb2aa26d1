import { type Selectable, sql } from 'kysely'
import type { Project } from '../fleet/application-set.ts'
import type { Database } from './database.ts'
import { toJsonColumn } from './json-column.ts'
import type { ProjectStore } from './store.ts'
import type { ProjectsTable } from './tables.ts'

export function createProjectStore({ read, write }: Database): ProjectStore {
  return {
    apply: (name, spec) =>
      write(async ({ tx, changed }) => {
        const row = await tx
          .insertInto('projects')
          .values({ name, spec: toJsonColumn(spec) })
          .onConflict((conflict) =>
            conflict
              .column('name')
              .doUpdateSet({ spec: sql`excluded.spec`, generation: sql`projects.generation + 1` })
              .where(sql<boolean>`projects.spec <> excluded.spec`),
          )
          .returningAll()
          .executeTakeFirst()
        if (row === undefined)
          return toProject(await tx.selectFrom('projects').selectAll().where('name', '=', name).executeTakeFirstOrThrow())
        changed('Project', row.generation === 1 ? 'created' : 'updated', row)
        return toProject(row)
      }),

    getByName: (name) =>
      read(async (db) => {
        const row = await db.selectFrom('projects').selectAll().where('name', '=', name).executeTakeFirst()
        return row === undefined ? null : toProject(row)
      }),

    all: () => read(async (db) => (await db.selectFrom('projects').selectAll().orderBy('name').execute()).map(toProject)),
  }
}

function toProject({ id, name, spec, generation }: Selectable<ProjectsTable>): Project {
  return { id, name, spec, generation }
}
