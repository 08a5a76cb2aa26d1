import { FleetError } from '../fleet/errors.ts'
import type { Token } from '../store/store.ts'
import type { CommandContext, Viewer } from './context.ts'
import { requireWriter } from './permission.ts'

const tokenName = /^[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,98}[A-Za-z0-9])?$/

export interface CreateTokenInput {
  /** Who it stands for: shown as the actor of what it does. */
  readonly name: string
  readonly role: Token['role']
  /** Null: never. */
  readonly expiresAtMs: number | null
}

/** Makes a token and gives it in clear, this once: only its hash is stored. CONFLICT when the name is taken. */
export async function createToken(
  { store, nowMs }: CommandContext,
  viewer: Viewer,
  input: CreateTokenInput,
): Promise<{ readonly token: Token; readonly clear: string }> {
  requireWriter(viewer)
  if (!tokenName.test(input.name)) {
    throw new FleetError(
      'INVALID_INPUT',
      'name must be 1 to 100 letters, digits or any of . _ @ -, starting and ending with a letter or digit',
      { field: 'name' },
    )
  }
  if (input.expiresAtMs !== null && input.expiresAtMs <= nowMs()) {
    throw new FleetError('INVALID_INPUT', 'expiresAt must lie in the future', { field: 'expiresAt' })
  }
  return store.tokens.create(input)
}
