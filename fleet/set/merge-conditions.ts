import type { Condition } from '../application.ts'

/** What a pass found out about one condition. */
export type Finding = Omit<Condition, 'lastTransitionAtMs'> & {
  /** Since when it is so, where that is known; otherwise since now. */
  readonly sinceMs?: number
}

/**
 * Conditions after a pass: what it found, and what was there of types that it didn't look at. One that says the same keeps its time.
 * Of several findings of one type the last counts. Sorted by type. Follows SetConditions of Argo CD.
 */
export function mergeConditions(input: {
  readonly before: readonly Condition[]
  readonly found: readonly Finding[]
  /** Types that it looked at: what isn't found of them goes. */
  readonly lookedAt: readonly string[]
  readonly nowMs: number
}): readonly Condition[] {
  const { before, found, lookedAt, nowMs } = input
  const types = new Set([...lookedAt, ...found.map(({ type }) => type)])
  const kept = before.filter(({ type }) => !types.has(type))
  const last = [...new Map(found.map((finding) => [finding.type, finding])).values()]
  return [...kept, ...last.map((finding) => timed(finding, before, nowMs))].toSorted((a, b) => (a.type < b.type ? -1 : 1))
}

function timed({ sinceMs, ...finding }: Finding, before: readonly Condition[], nowMs: number): Condition {
  const { type, status, reason, message } = finding
  const same = before.find((one) => one.type === type && one.status === status && one.reason === reason && one.message === message)
  return same ?? { type, status, reason, message, lastTransitionAtMs: sinceMs ?? nowMs }
}

/** With what follows from what was found: an error means that resources aren't up to date, and up to date means that there is no error. */
export function withDerived(found: readonly Finding[]): readonly Finding[] {
  return found.flatMap((finding): readonly Finding[] => {
    const { type, status, reason, message } = finding
    if (status !== 'True') return [finding]
    if (type === 'ErrorOccurred') return [finding, { type: 'ResourcesUpToDate', status: 'False', reason: 'ErrorOccurred', message }]
    if (type === 'ResourcesUpToDate') return [finding, { type: 'ErrorOccurred', status: 'False', reason, message }]
    return [finding]
  })
}
