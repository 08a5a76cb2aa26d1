import { setTimeout as sleep } from 'node:timers/promises'

const firstWaitMs = 50
const waitMaxMs = 1_000

/** Asks again and again, with growing pauses, until the answer is yes (true) or the deadline has passed (false). */
export async function untilTrue(
  options: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
  ask: () => Promise<boolean>,
): Promise<boolean> {
  const endMs = performance.now() + options.deadlineMs
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, waitMaxMs)) {
    if (await ask()) return true
    if (performance.now() + waitMs > endMs) return false
    await sleep(waitMs, undefined, options.signal === undefined ? {} : { signal: options.signal })
  }
}
