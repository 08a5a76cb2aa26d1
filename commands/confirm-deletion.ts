import type { ApplicationSet } from '../fleet/application-set.ts'
import { FleetError } from '../fleet/errors.ts'
import type { CommandContext, Viewer } from './context.ts'
import { found } from './found.ts'
import { requireWriter } from './permission.ts'

/** Lets a set's held deletions go, those that the digest stands for and no others. CONFLICT when others are held by now. */
export async function confirmDeletion(
  { store, hints }: CommandContext,
  viewer: Viewer,
  input: { readonly id: string; readonly digest: string },
): Promise<ApplicationSet> {
  requireWriter(viewer)
  const set = found(await store.applicationSets.get(input.id), 'application set')
  if (set.heldDeletion === null) throw new FleetError('ILLEGAL_STATE', `${set.name} holds no deletions back: there is nothing to confirm`)
  if (set.heldDeletion.digest !== input.digest) {
    throw new FleetError('CONFLICT', `${set.name} holds other deletions by now than those of this digest: look at heldDeletion again`, {
      field: 'digest',
    })
  }
  await store.applicationSets.confirmDeletion(set.id, input.digest, viewer.name)
  hints.applicationSetsChanged(await store.applicationSets.touch([set.id]))
  return found(await store.applicationSets.get(set.id), 'application set')
}
