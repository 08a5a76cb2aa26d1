/**
 * Collects the keys that are asked for in one tick and loads them together, each once: a list of fifty applications reads its
 * clusters in one query. Keeps what it loaded, so one belongs to one request.
 */
export function batched<Key, Value>(load: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>): (key: Key) => Promise<Value | null> {
  const loaded = new Map<Key, Promise<Value | null>>()
  let waiting: Key[] = []
  let flush: Promise<ReadonlyMap<Key, Value>> | null = null

  const nextFlush = async (): Promise<ReadonlyMap<Key, Value>> => {
    // After the resolvers of this level have all run: they are promises, so one turn of the event loop is the earliest sure moment.
    await new Promise((resolve) => setImmediate(resolve))
    const keys = waiting
    waiting = []
    flush = null
    return load(keys)
  }

  return (key) => {
    const known = loaded.get(key)
    if (known !== undefined) return known
    waiting.push(key)
    flush ??= nextFlush()
    const value = flush.then((values) => values.get(key) ?? null)
    loaded.set(key, value)
    return value
  }
}
