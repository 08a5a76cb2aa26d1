import type { Viewer } from '../commands/context.ts'
import type { Store } from '../store/store.ts'

/** Who a request's `Authorization` header stands for; null for none, and for tokens that are unknown, expired or revoked alike. */
export type Authenticate = (authorization: string | undefined) => Promise<Viewer | null>

// A token is looked up by its digest: longer ones than ours aren't worth digesting.
const bearer = /^Bearer +([\x21-\x7e]{1,200})$/i

/** The one way in: a bearer token, looked up each time, so that a revoked one ends at once. */
export function authenticate(store: Pick<Store, 'tokens'>, nowMs: () => number): Authenticate {
  return async (authorization) => {
    const clear = bearer.exec(authorization?.trim() ?? '')?.[1]
    if (clear === undefined) return null
    const token = await store.tokens.verify(clear, nowMs())
    return token === null ? null : { id: token.id, name: token.name, role: token.role }
  }
}
