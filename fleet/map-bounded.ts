/** Runs `work` for every item, at most `parallelMax` at a time, and gives the results in the order of the items. The first error ends it. */
export async function mapBounded<T, R>(items: readonly T[], parallelMax: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      const item = items[index] as T
      try {
        results[index] = await work(item)
      } catch (error) {
        next = items.length
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallelMax, items.length) }, worker))
  return results
}
