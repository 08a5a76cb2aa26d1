import type { Store } from '../store/store.ts'

/** The token of the first administrator, made when there is no token at all. It is shown once and stored hashed. */
export async function bootstrapToken(store: Store): Promise<string | null> {
  if ((await store.tokens.all()).length > 0) return null
  const { clear } = await store.tokens.create({ name: 'bootstrap-admin', role: 'admin', expiresAtMs: null })
  return clear
}
