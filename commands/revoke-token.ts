import { FleetError } from '../fleet/errors.ts'
import type { Token } from '../store/store.ts'
import type { CommandContext, Viewer } from './context.ts'
import { found } from './found.ts'
import { requireWriter } from './permission.ts'

/** Ends a token at once. ILLEGAL_STATE for the last administrator's: nobody could make another. */
export async function revokeToken({ store, nowMs }: CommandContext, viewer: Viewer, input: { readonly id: string }): Promise<Token> {
  requireWriter(viewer)
  const tokens = await store.tokens.all()
  const token = found(tokens.find(({ id }) => id === input.id) ?? null, 'token')
  const standing = tokens.filter(
    ({ role, expiresAtMs, id }) => role === 'admin' && id !== token.id && (expiresAtMs === null || expiresAtMs > nowMs()),
  )
  if (token.role === 'admin' && standing.length === 0) {
    throw new FleetError('ILLEGAL_STATE', `${token.name} is the last token with the role admin: create another first`)
  }
  await store.tokens.revoke(token.id)
  return token
}
