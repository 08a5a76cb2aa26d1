import { setTimeout as sleep } from 'node:timers/promises'
import { FleetError } from '../../fleet/errors.ts'
import type { Answer, Exchanger, Question } from './exchange.ts'
import type { ScmLimits } from './limits.ts'
import { pausedUntilMs, type RateBudget } from './rate-budget.ts'

export interface Pacing {
  readonly exchanger: Exchanger
  readonly limits: ScmLimits
  readonly nowMs: () => number
  readonly signal: AbortSignal | undefined
}

/** One request of a credential, when it is its turn and after the pause that the host asked for. `question` is called when it is sent. */
export async function pacedExchange(question: () => Question, origin: string, budget: RateBudget, pacing: Pacing): Promise<Answer> {
  const answer = await budget.slots.run(async () => {
    await pause(budget, origin, pacing)
    return pacing.exchanger.exchange(question())
  })
  const untilMs = pausedUntilMs(answer.status, answer.headers, pacing.nowMs())
  if (untilMs !== null) budget.pausedUntilMs = Math.max(budget.pausedUntilMs, untilMs)
  return answer
}

/** Waits for the end of a short pause; a long one is an error that says when it ends. */
async function pause(budget: RateBudget, origin: string, { limits, nowMs, signal }: Pacing): Promise<void> {
  const waitMs = budget.pausedUntilMs - nowMs()
  if (waitMs <= 0) return
  if (waitMs > limits.pauseMaxMs) {
    const until = new Date(budget.pausedUntilMs).toISOString()
    throw new FleetError('GIT_UNREACHABLE', `the rate limit of ${origin} is used up for this credential until ${until}`, {
      pausedUntilMs: budget.pausedUntilMs,
    })
  }
  await sleep(waitMs, undefined, signal === undefined ? {} : { signal })
}
