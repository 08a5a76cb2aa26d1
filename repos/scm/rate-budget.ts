import type { IncomingHttpHeaders } from 'node:http'
import { Slots } from '../single-flight.ts'

/** What one credential may still ask of one host. Shared by everybody who uses that credential. */
export interface RateBudget {
  readonly slots: Slots
  /** Until when the host wants to be left alone; 0: it doesn't. */
  pausedUntilMs: number
}

/** Rate budgets by credential, the last used ones kept. */
export class RateBudgets {
  readonly #budgets = new Map<string, RateBudget>()
  readonly #concurrentMax: number
  readonly #budgetsMax: number

  constructor(options: { readonly concurrentMax: number; readonly budgetsMax: number }) {
    this.#concurrentMax = options.concurrentMax
    this.#budgetsMax = options.budgetsMax
  }

  of(credential: string): RateBudget {
    const budget = this.#budgets.get(credential) ?? { slots: new Slots(this.#concurrentMax), pausedUntilMs: 0 }
    this.#budgets.delete(credential)
    this.#budgets.set(credential, budget)
    for (const oldest of this.#budgets.keys()) {
      if (this.#budgets.size <= this.#budgetsMax) break
      this.#budgets.delete(oldest)
    }
    return budget
  }
}

/**
 * Until when an answer says to wait, in ms since the epoch, an hour from now at most; null when it doesn't. `Retry-After` in seconds or as a date, and the budget
 * headers of GitHub, Azure DevOps and Gitea (`X-RateLimit-*`) and of GitLab (`RateLimit-*`) once nothing remains.
 */
export function pausedUntilMs(status: number, headers: IncomingHttpHeaders, nowMs: number): number | null {
  const untilMs = saidUntilMs(status, headers, nowMs)
  return untilMs === null ? null : Math.min(untilMs, nowMs + pauseMaxMs)
}

/** Budgets are by the hour or shorter. Whoever says more is asked again: one wrong header would stop a credential for good. */
const pauseMaxMs = 60 * 60_000

function saidUntilMs(status: number, headers: IncomingHttpHeaders, nowMs: number): number | null {
  const header = (name: string) => {
    const value = headers[name]
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
  }
  const retryAfter = header('retry-after')
  // Azure DevOps slows callers down with it on answers of 200 as well.
  if (retryAfter !== null) {
    const seconds = Number(retryAfter)
    const untilMs = Number.isFinite(seconds) ? nowMs + Math.max(0, seconds) * 1_000 : Date.parse(retryAfter)
    if (Number.isFinite(untilMs)) return untilMs
  }
  const remaining = header('x-ratelimit-remaining') ?? header('ratelimit-remaining')
  const reset = Number(header('x-ratelimit-reset') ?? header('ratelimit-reset') ?? Number.NaN)
  if (remaining !== null && Number(remaining) <= 0 && Number.isFinite(reset)) return resetMs(reset, nowMs)
  return status === 429 ? nowMs + unsaidPauseMs : null
}

/** Where a 429 doesn't say for how long. */
const unsaidPauseMs = 60_000
/** Larger numbers are a time, smaller ones a number of seconds from now. */
const secondsFromNowMax = 10_000_000

function resetMs(reset: number, nowMs: number): number {
  return reset > secondsFromNowMax ? reset * 1_000 : nowMs + reset * 1_000
}
