/**
 * Runs one piece of work per key at a time and gives its result to everybody who asks meanwhile. Each caller may leave by its
 * own signal; the work is aborted only when the last one has left.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, { readonly promise: Promise<T>; readonly controller: AbortController; waiting: number }>()

  async run(key: string, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal?.throwIfAborted()
    let flight = this.#flights.get(key)
    if (flight === undefined || flight.controller.signal.aborted) {
      const controller = new AbortController()
      const started = { promise: work(controller.signal), controller, waiting: 0 }
      flight = started
      this.#flights.set(key, started)
      const land = (): void => {
        if (this.#flights.get(key) === started) this.#flights.delete(key)
      }
      started.promise.then(land, land)
    }
    const joined = flight
    joined.waiting += 1
    let leave: (() => void) | undefined
    try {
      if (signal === undefined) return await joined.promise
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(signal.reason)
        signal.addEventListener('abort', leave, { once: true })
      })
      return await Promise.race([joined.promise, left])
    } finally {
      if (leave !== undefined) signal?.removeEventListener('abort', leave)
      joined.waiting -= 1
      if (joined.waiting === 0) joined.controller.abort()
    }
  }
}

/** At most `limit` pieces of work at once; the others wait in order. */
export class Slots {
  readonly #queue: (() => void)[] = []
  #free: number

  constructor(limit: number) {
    this.#free = limit
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#queue.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#queue.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}
