import { ApplicationFailure, Context } from '@temporalio/activity'
import { FleetError } from '../fleet/errors.ts'

const heartbeatEveryMs = 4_000

/**
 * Turns FleetError into the ApplicationFailure that workflows understand: type is the code, retryable as its table says. Anything else
 * is a bug: it stays as it is and is retried, visibly. `retryAfterMs`: when to try again instead of when the workflow says; null for not at all.
 */
export function failureFrom(error: unknown, retryAfterMs?: number | null): unknown {
  if (!(error instanceof FleetError)) return error
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nonRetryable: !error.retryable || retryAfterMs === null,
    ...(typeof retryAfterMs === 'number' ? { nextRetryDelay: retryAfterMs } : {}),
    cause: error,
  })
}

type Activity = (input: never) => Promise<unknown>

/** Maps errors of every activity in the table, and heartbeats while it runs, so that a dead worker is noticed in seconds. */
export function asActivities<T extends { readonly [K in keyof T]: Activity }>(table: T): T {
  const wrapped = Object.entries<Activity>(table).map(([name, activity]) => [
    name,
    async (input: never) => {
      const context = Context.current()
      const pulse = setInterval(() => context.heartbeat(), heartbeatEveryMs)
      try {
        return await activity(input)
      } catch (error) {
        throw context.cancellationSignal.aborted ? context.cancellationSignal.reason : failureFrom(error)
      } finally {
        clearInterval(pulse)
      }
    },
  ])
  return Object.fromEntries(wrapped)
}
