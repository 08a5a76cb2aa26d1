import type { ApplicationSet } from '../fleet/application-set.ts'
import type { CommandContext, Viewer } from './context.ts'
import { found } from './found.ts'
import { requireWriter } from './permission.ts'

/** Marks a set, and with it its applications, to go: with their resources (`cascade`) or leaving those (`orphan`). */
export async function deleteApplicationSet(
  { store, hints }: CommandContext,
  viewer: Viewer,
  input: { readonly id: string; readonly resources: 'cascade' | 'orphan' },
): Promise<ApplicationSet> {
  requireWriter(viewer)
  const set = found(await store.applicationSets.get(input.id), 'application set')
  const marked = await store.applicationSets.markDeleted(set.id, input.resources)
  hints.applicationSetsChanged(await store.applicationSets.touch([set.id]))
  return marked
}
