import type { Problem } from '../errors.ts'
import type { CountOrPercent } from './strategy.ts'

/** How a count was written: as a number, or as a part of a total that isn't known yet. */
export type Count = { readonly count: number } | { readonly percent: number }

const wanted = 'write a whole number such as 2, or a percent such as 25%'

/** Reads `2`, `"2"` or `"25%"`. A text: what is wrong with it. */
export function readCount(value: CountOrPercent): Count | string {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? { count: value } : `${value} is not a count; ${wanted}`
  const match = /^(\d{1,15})(%?)$/.exec(value)
  if (match === null) return `${JSON.stringify(value)} is not a count; ${wanted}`
  const number = Number(match[1])
  if (match[2] === '') return { count: number }
  return { percent: number }
}

/** The count that is meant of `total`: percents round down, but to at least 1 where more than 0 % was asked for. */
export function countOf(count: Count, total: number): number {
  if ('count' in count) return count.count
  return count.percent === 0 ? 0 : Math.max(1, partOf(count.percent, total))
}

/** As `countOf`, for what is tolerated: a percent of few may well be none. */
export function budgetOf(count: Count, total: number): number {
  return 'count' in count ? count.count : partOf(count.percent, total)
}

function partOf(percent: number, total: number): number {
  return Math.floor((percent * total) / 100)
}

/** Reads a count that says how much may happen at once, which has to be something. Undefined gives the default. */
export function readConcurrency(value: CountOrPercent | undefined, byDefault: Count, path: string, problems: Problem[]): Count {
  const count = readTolerance(value, byDefault, path, problems)
  if (!('count' in count ? count.count === 0 : count.percent === 0)) return count
  problems.push({ path, message: 'has to be at least 1: with none at once nothing would ever start' })
  return byDefault
}

/** Reads a count of what is tolerated, of which none is fine. Undefined gives the default. */
export function readTolerance<T extends Count | null>(
  value: CountOrPercent | undefined,
  byDefault: T,
  path: string,
  problems: Problem[],
): Count | T {
  if (value === undefined) return byDefault
  const count = readCount(value)
  if (typeof count !== 'string') return count
  problems.push({ path, message: count })
  return byDefault
}

export interface MaxUpdate {
  /** Applications at once, at least 1. */
  readonly maxConcurrent: number
  /** 0 was asked for: somebody syncs them by hand. */
  readonly manual: boolean
}

/**
 * RollingSync's maxUpdate as Argo CD reads it: a number, a percent of the step's applications (rounded down, at least 1), absent for
 * all, 0 for by hand, and a number in quotes for 1 at a time (`isQuotedNumber`). Two differences, both on purpose: any other text is a
 * problem, not 1 at a time, and the percentage is of the step's own applications only.
 */
export function readMaxUpdate(value: number | string | undefined, total: number, path: string, problems: Problem[]): MaxUpdate {
  const read = readTolerance(value, { percent: 100 }, path, problems)
  const count = isQuotedNumber(value) ? 1 : countOf(read, total)
  return { maxConcurrent: Math.max(1, count), manual: count === 0 && total > 0 }
}

/** `"5"`: Argo CD takes texts for percents only, so that whoever comes from there has seen 1 at a time. */
export function isQuotedNumber(value: number | string | undefined): boolean {
  return typeof value === 'string' && !value.endsWith('%') && typeof readCount(value) !== 'string'
}
