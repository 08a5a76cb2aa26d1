import type { ApplicationSet } from '../fleet/application-set.ts'
import { FleetError } from '../fleet/errors.ts'
import { finalPhases } from '../fleet/rollout/state.ts'
import type { CommandContext, Viewer } from './context.ts'
import { found } from './found.ts'
import { requireWriter } from './permission.ts'

/**
 * Asks that what a rolled back, aborted or failed rollout was to bring be tried again: versions that ended badly are blocked until
 * somebody does. ILLEGAL_STATE when a rollout goes on, or nothing is blocked.
 */
export async function startRollout(
  { store, hints }: CommandContext,
  viewer: Viewer,
  input: { readonly id: string },
): Promise<ApplicationSet> {
  requireWriter(viewer)
  const set = found(await store.applicationSets.get(input.id), 'application set')
  const latest = await store.rollouts.latest(set.id)
  if (latest === null || latest.state.phase === 'Succeeded') {
    throw new FleetError('ILLEGAL_STATE', `No rollout of ${set.name} has ended badly: changes start one by themselves`)
  }
  if (!finalPhases.includes(latest.state.phase)) {
    throw new FleetError(
      'ILLEGAL_STATE',
      `Rollout ${latest.number} of ${set.name} goes on (${latest.state.phase}): retry, resume or abort that one`,
    )
  }
  const unblocked = await store.applicationSets.unblock(set.id, latest.id, viewer.name)
  hints.applicationSetsChanged([set.id])
  return unblocked
}
