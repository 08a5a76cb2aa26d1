import { GraphQLError } from 'graphql'
import { FleetError } from '../fleet/errors.ts'
import type { Change } from '../store/store.ts'
import type { GraphQLContext } from './context.ts'

/** Changes read at once. Nothing is queued: the next are read when the client has taken these. */
const batchSize = 200
/** How often a stream asks whether its token still stands. */
export const reverifyAfterMs = 60_000

/**
 * Changes after a cursor, then as they happen. Ends when the client is gone; ends with an error when the cursor is too old
 * (CURSOR_EXPIRED) or the token no longer stands (UNAUTHENTICATED).
 */
export async function* changesAfter(
  after: string | null,
  kinds: readonly Change['kind'][] | null,
  { commands: { store, nowMs }, signal, stillAllowed }: GraphQLContext,
): AsyncGenerator<Change, void, undefined> {
  const bell = createBell(signal)
  // Listening starts before the first read, so that nothing falls between the two.
  const stop = store.changes.listen(bell.ring)
  try {
    let cursor = after === null ? await store.changes.latestSequence() : sequenceOf(after)
    let verifiedAtMs = nowMs()
    while (!signal.aborted) {
      if (nowMs() - verifiedAtMs >= reverifyAfterMs) {
        if (!(await stillAllowed())) throw new FleetError('UNAUTHENTICATED', 'The token has expired or was revoked: sign in again')
        verifiedAtMs = nowMs()
      }
      bell.reset()
      const { changes, expired } = await store.changes.after(cursor, batchSize)
      if (expired) {
        throw new GraphQLError(
          'This cursor is too old: changes after it are no longer kept. Read the state again, then subscribe after latestCursor',
          {
            extensions: { code: 'CURSOR_EXPIRED' },
          },
        )
      }
      for (const change of changes) {
        cursor = change.sequence
        if (kinds === null || kinds.includes(change.kind)) yield change
      }
      if (changes.length < batchSize) await bell.wait(reverifyAfterMs)
    }
  } finally {
    stop()
  }
}

function sequenceOf(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor))
    throw new FleetError('INVALID_INPUT', 'after is not a cursor of changes: pass the cursor of the last change, or none')
  return Number(cursor)
}

/** Remembers a ring until it is waited for. A stream that waits wakes when its client goes, too: a generator can't be ended while it waits. */
function createBell(signal: AbortSignal) {
  let rung = false
  let wake: (() => void) | null = null
  const ring = () => {
    rung = true
    wake?.()
  }
  return {
    ring,
    reset: () => {
      rung = false
    },
    wait: async (timeoutMs: number): Promise<void> => {
      if (rung || signal.aborted) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        const done = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          wake = null
          resolve()
        }
        wake = done
        signal.addEventListener('abort', done, { once: true })
      })
    },
  }
}
