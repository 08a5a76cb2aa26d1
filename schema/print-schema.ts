import { writeFileSync } from 'node:fs'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { buildSchema } from './schema.ts'

/** Where the committed schema is. */
export const schemaFile = new URL('./schema.graphql', import.meta.url)

/** The schema as clients read it. Sorted, so that moving code changes nothing. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(buildSchema()))}\n`
}

// `node schema/print-schema.ts` writes it.
if (import.meta.main) writeFileSync(schemaFile, printedSchema())
