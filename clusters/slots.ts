export interface Slots {
  /** Runs `work` when there is a free slot, first come first served. Rejects with the signal's reason when that is aborted before. */
  readonly run: <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>
}

/** At most `max` at a time. The library's pool opens a socket for each request that finds none free, however many there are. */
export function createSlots(max: number): Slots {
  let taken = 0
  // the order of a Set is that of insertion
  const waiting = new Set<() => void>()
  const turn = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const stop = () => {
        waiting.delete(go)
        reject(signal.reason)
      }
      const go = () => {
        waiting.delete(go)
        signal.removeEventListener('abort', stop)
        resolve()
      }
      waiting.add(go)
      signal.addEventListener('abort', stop, { once: true })
    })
  return {
    run: async (signal, work) => {
      signal.throwIfAborted()
      if (taken < max) taken++
      else await turn(signal)
      try {
        return await work()
      } finally {
        const [next] = waiting
        // the slot goes from hand to hand
        if (next === undefined) taken--
        else next()
      }
    },
  }
}
