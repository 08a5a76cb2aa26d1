import type { Migration } from 'kysely/migration'
import { up as first } from './0001-first.ts'
import { up as secrets } from './0002-secrets.ts'

/** Every migration, by the name that the database remembers. They run in the order of their names; released ones never change. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': { up: first },
  '0002-secrets': { up: secrets },
}
