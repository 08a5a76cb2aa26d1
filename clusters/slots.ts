export interface Slots {
  /** Waits for a free slot, first come first served, and gives what frees it again. Rejects with the signal's reason once that is aborted. */
  readonly take: (signal: AbortSignal) => Promise<() => void>
}

/** At most `max` at a time. The library's pool opens a socket for each request that finds none free, however many there are. */
export function createSlots(max: number): Slots {
  let taken = 0
  // the order of a Set is that of insertion
  const waiting = new Set<() => void>()
  const release = (): void => {
    const [next] = waiting
    if (next === undefined) taken--
    else next()
  }
  return {
    take: async (signal) => {
      signal.throwIfAborted()
      if (taken < max) taken++
      else
        await new Promise<void>((resolve, reject) => {
          const settle = (then: () => void) => () => {
            waiting.delete(go)
            signal.removeEventListener('abort', stop)
            then()
          }
          const go = settle(resolve)
          const stop = settle(() => reject(signal.reason))
          waiting.add(go)
          signal.addEventListener('abort', stop)
        })
      let released = false
      return () => {
        if (!released) release()
        released = true
      }
    },
  }
}
