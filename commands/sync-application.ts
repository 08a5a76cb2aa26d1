import type { Application } from '../fleet/application.ts'
import { FleetError } from '../fleet/errors.ts'
import type { CommandContext, Viewer } from './context.ts'
import { found } from './found.ts'
import { requireWriter } from './permission.ts'

/** Asks for a sync by hand. It is written down and happens in a workflow; `syncRequest` is open until it has. */
export async function syncApplication(
  { store, hints, nowMs }: CommandContext,
  viewer: Viewer,
  input: { readonly id: string },
): Promise<Application> {
  requireWriter(viewer)
  const application = found(await store.applications.get(input.id), 'application')
  if (application.deletion !== null) throw new FleetError('ILLEGAL_STATE', `${application.name} is being deleted`)
  if (application.clusterId === null) {
    throw new FleetError(
      'ILLEGAL_STATE',
      `${application.name} has a destination that is no registered cluster: register it, or change the destination`,
    )
  }
  if (application.wantedVersionId === null) {
    const why = application.status.conditions[0]?.message
    throw new FleetError('ILLEGAL_STATE', `${application.name} has no resolved version yet${why === undefined ? '' : `: ${why}`}`)
  }
  const asked = await store.applications.requestSync(application.id, viewer.name, nowMs())
  hints.applicationChanged(application.id)
  return asked
}
