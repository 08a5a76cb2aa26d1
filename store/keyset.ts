import { FleetError } from '../fleet/errors.ts'
import { isUuid } from './ids.ts'
import type { Page, PageRequest } from './store.ts'

/** The most rows that one page holds, whatever is asked for. */
export const pageSizeMax = 1_000

/** Where a page begins: after the row with this sort key and id. */
export interface Position<Key extends string | number> {
  readonly key: Key
  readonly id: string
}

/**
 * One page by keyset. `rows` gives at most `limit` rows after the position, in order; one more than asked for is fetched, to know
 * whether there are more. INVALID_INPUT when the cursor isn't ours or `first` isn't a count.
 */
export async function keysetPage<Key extends string | number, Row, Node>(
  request: PageRequest,
  query: {
    readonly keyType: Key extends string ? 'string' : 'number'
    readonly rows: (after: Position<Key> | null, limit: number) => Promise<readonly Row[]>
    readonly count: () => Promise<number>
    readonly position: (row: Row) => Position<Key>
    readonly node: (row: Row) => Node
  },
): Promise<Page<Node>> {
  if (!Number.isSafeInteger(request.first) || request.first < 0)
    throw new FleetError('INVALID_INPUT', 'first has to be a whole number of 0 or more')
  const first = Math.min(request.first, pageSizeMax)
  const after = request.after === undefined ? null : decodeCursor<Key>(request.after, query.keyType)
  const rows = await query.rows(after, first + 1)
  const totalCount = await query.count()
  return {
    items: rows.slice(0, first).map((row) => ({ node: query.node(row), cursor: encodeCursor(query.position(row)) })),
    hasNextPage: rows.length > first,
    totalCount,
  }
}

export function encodeCursor({ key, id }: Position<string | number>): string {
  return Buffer.from(JSON.stringify([key, id])).toString('base64url')
}

function decodeCursor<Key extends string | number>(cursor: string, keyType: 'string' | 'number'): Position<Key> {
  const value = parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  if (Array.isArray(value) && value.length === 2) {
    const [key, id]: readonly unknown[] = value
    if (isKey<Key>(key, keyType) && typeof id === 'string' && isUuid(id)) return { key, id }
  }
  throw new FleetError('INVALID_INPUT', 'after is not a cursor of an earlier page: start again without it')
}

function isKey<Key extends string | number>(key: unknown, keyType: 'string' | 'number'): key is Key {
  return keyType === 'string' ? typeof key === 'string' && !key.includes('\0') : Number.isSafeInteger(key)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
