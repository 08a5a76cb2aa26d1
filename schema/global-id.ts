/**
 * Global ids are opaque to clients: base64 of `<type>:<id>`. Reading one never throws: a malformed id, one of another type and one
 * that nobody has are all the same to the caller, so that nothing can be learned by trying.
 */
export function encodeGlobalId(typename: string, id: string): string {
  return Buffer.from(`${typename}:${id}`, 'utf8').toString('base64')
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Type and row id; null when it isn't one of ours. */
export function decodeGlobalId(globalId: string): { readonly typename: string; readonly id: string } | null {
  // Longer than any of ours; don't decode books.
  if (globalId.length > 200) return null
  const text = Buffer.from(globalId, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon <= 0) return null
  const typename = text.slice(0, colon)
  const id = text.slice(colon + 1)
  if (!/^[A-Z][A-Za-z]*$/.test(typename) || !uuid.test(id)) return null
  // One spelling each: base64 has many.
  if (encodeGlobalId(typename, id) !== globalId) return null
  return { typename, id }
}

/** Row id when it is a global id of that type; otherwise an id that no row has, so that looking it up says NOT_FOUND like any other. */
export function rowId(typename: string, globalId: string): string {
  const decoded = decodeGlobalId(globalId)
  return decoded !== null && decoded.typename === typename ? decoded.id : nobody
}

/** The nil UUID. */
export const nobody = '00000000-0000-0000-0000-000000000000'
