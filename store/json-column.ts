const unstorable = /\\u0000|\\ud[89a-f]/i

/**
 * JSON text for a jsonb column. PostgreSQL refuses NUL and lone surrogates, which a message from a cluster or a file from Git may
 * hold: each becomes U+FFFD, so that one odd character can't block a whole batch.
 */
export function toJsonColumn(value: unknown): string {
  const text = JSON.stringify(value)
  return unstorable.test(text) ? JSON.stringify(storable(value)) : text
}

/** The same for a text column. */
export function toTextColumn(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

function storable(value: unknown): unknown {
  if (typeof value === 'string') return toTextColumn(value)
  if (Array.isArray(value)) return value.map(storable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [toTextColumn(key), storable(item)]))
}
