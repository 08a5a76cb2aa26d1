import { FleetError } from '../fleet/errors.ts'
import type { Page, PageRequest } from '../store/store.ts'
import { builder } from './builder.ts'
import { pageSizeDefault, pageSizeMax } from './limits.ts'

/** Relay's forward paging. Backward paging isn't offered. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ description: `How many, 1 to ${pageSizeMax}.`, defaultValue: pageSizeDefault }),
  after: t.string({ description: 'Cursor of the last edge that was seen: `pageInfo.endCursor` of the page before.' }),
}))

interface PageArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
}

/** What a connection costs: everything below it, once for each row that was asked for. */
export function pageCost(args: PageArgs): { readonly field: number; readonly multiplier: number } {
  return { field: 1, multiplier: Math.max(1, args.first ?? pageSizeDefault) }
}

/** INVALID_INPUT when the page is larger than allowed. */
export function pageRequest(args: PageArgs): PageRequest {
  const first = args.first ?? pageSizeDefault
  if (first < 1 || first > pageSizeMax) {
    throw new FleetError('INVALID_INPUT', `first must be from 1 to ${pageSizeMax}, not ${first}: walk longer lists with after`)
  }
  return { first, after: args.after ?? undefined }
}

/** A store's page as Relay shapes it. */
export function connection<T>(page: Page<T>) {
  return {
    totalCount: page.totalCount,
    edges: page.items.map(({ node, cursor }) => ({ node, cursor })),
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: false,
      startCursor: page.items[0]?.cursor ?? null,
      endCursor: page.items.at(-1)?.cursor ?? null,
    },
  }
}

/** A page of a list that is whole in memory and never changes its order, such as the targets of a plan. Cursors are positions. */
export function pageOfList<T>(list: readonly T[], args: PageArgs): Page<T> {
  const { first, after } = pageRequest(args)
  const start = after === undefined ? 0 : positionOf(after) + 1
  const items = list.slice(start, start + first).map((node, index) => ({ node, cursor: `${start + index}` }))
  return { items, hasNextPage: start + first < list.length, totalCount: list.length }
}

/** A page of a list that is whole in memory and may change between pages: sorted by a unique key, which is the cursor. */
export function pageOfSorted<T>(sorted: readonly T[], keyOf: (item: T) => string, args: PageArgs): Page<T> {
  const { first, after } = pageRequest(args)
  const last = after === undefined ? null : Buffer.from(after, 'base64url').toString('utf8')
  const rest = last === null ? sorted : sorted.filter((item) => keyOf(item) > last)
  const items = rest.slice(0, first).map((node) => ({ node, cursor: Buffer.from(keyOf(node), 'utf8').toString('base64url') }))
  return { items, hasNextPage: rest.length > first, totalCount: sorted.length }
}

function positionOf(cursor: string): number {
  if (!/^\d{1,9}$/.test(cursor))
    throw new FleetError('INVALID_INPUT', 'after is not a cursor of this list: pass the endCursor of the page before')
  return Number(cursor)
}
