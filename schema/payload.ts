import { FleetError } from '../fleet/errors.ts'
import { builder } from './builder.ts'
import { type UserError, UserErrorRef, userErrors } from './errors.ts'
import type { Loaders } from './loaders.ts'

/** What a mutation gives: what came of it, or why it was refused. */
export type Outcome<T> =
  | { readonly value: T; readonly userErrors: readonly [] }
  | { readonly value: null; readonly userErrors: readonly UserError[] }

/** Runs a command. What the caller can put right becomes userErrors; anything else goes on, to be logged and masked. */
export async function outcomeOf<T>(loaders: Pick<Loaders, 'reset'>, command: () => Promise<T>): Promise<Outcome<T>> {
  // What was read for an earlier mutation of the same operation may no longer be so.
  loaders.reset()
  try {
    return { value: await command(), userErrors: [] }
  } catch (error) {
    if (!(error instanceof FleetError) || error.code === 'INTERNAL') throw error
    return { value: null, userErrors: userErrors(error) }
  }
}

/** A payload type: the fields of its result, which are null when it was refused, and `userErrors`. */
export function payloadRef<T>(name: string) {
  const ref = builder.objectRef<Outcome<T>>(name)
  builder.objectField(ref, 'userErrors', (t) =>
    t.field({
      type: [UserErrorRef],
      description: 'Why nothing was changed; empty when it was.',
      resolve: (outcome) => [...outcome.userErrors],
    }),
  )
  return ref
}
