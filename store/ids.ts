const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** The nil UUID: no row has it. */
const noId = '00000000-0000-0000-0000-000000000000'

export function isUuid(text: string): boolean {
  return uuid.test(text)
}

/** An id for a query. Text that isn't a UUID names nothing, and must not become an error of the database. */
export function rowId(id: string): string {
  return isUuid(id) ? id : noId
}

export function rowIds(ids: readonly string[]): string[] {
  return ids.filter(isUuid)
}
