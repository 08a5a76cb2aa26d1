/** Milliseconds that the work took, and what it gave. */
export function timed<T>(work: () => T): { readonly ms: number; readonly value: T } {
  const startedMs = performance.now()
  const value = work()
  return { ms: performance.now() - startedMs, value }
}

export async function timedAsync<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly value: T }> {
  const startedMs = performance.now()
  const value = await work()
  return { ms: performance.now() - startedMs, value }
}

/** The value at a share of the sorted list: 0.5 is the median. NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Looks every `everyMs` until there is something. Throws after `patienceMs`. */
export async function awaited<T>(
  what: string,
  options: { readonly everyMs: number; readonly patienceMs: number },
  look: () => Promise<T | null>,
): Promise<T> {
  const endMs = performance.now() + options.patienceMs
  while (performance.now() < endMs) {
    const found = await look()
    if (found !== null) return found
    await new Promise((resolve) => setTimeout(resolve, options.everyMs))
  }
  throw new Error(`${what}: not within ${options.patienceMs / 1000} s`)
}
