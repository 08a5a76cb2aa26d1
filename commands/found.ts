import { FleetError } from '../fleet/errors.ts'

/** The row, or NOT_FOUND. Says the same of ids that never were, that are of something else, and that are malformed. */
export function found<T>(row: T | null, what: string): T {
  if (row === null) throw new FleetError('NOT_FOUND', `There is no ${what} with this id`, { field: 'id' })
  return row
}
