import type { Application } from '../fleet/application.ts'
import { FleetError } from '../fleet/errors.ts'
import type { CommandContext, Viewer } from './context.ts'
import { found } from './found.ts'
import { requireWriter } from './permission.ts'

/** Marks an application that stands by itself to go. One that a set makes would come back: ILLEGAL_STATE says so. */
export async function deleteApplication(
  { store, hints }: CommandContext,
  viewer: Viewer,
  input: { readonly id: string; readonly resources: 'cascade' | 'orphan' },
): Promise<Application> {
  requireWriter(viewer)
  const application = found(await store.applications.get(input.id), 'application')
  if (application.applicationSetId !== null) {
    const set = await store.applicationSets.get(application.applicationSetId)
    throw new FleetError(
      'ILLEGAL_STATE',
      `${application.name} is made by the application set ${set?.name ?? ''}, which would make it again: change or delete the set`,
    )
  }
  await store.applications.markDeleted([application.id], input.resources)
  hints.applicationChanged(application.id)
  return found(await store.applications.get(application.id), 'application')
}
