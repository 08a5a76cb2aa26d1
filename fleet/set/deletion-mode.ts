import { type ObjectMeta, resourcesFinalizer } from '../application.ts'

/** Argo CD's finalizer, alone or with the propagation policy that it may name. */
const cascading = [resourcesFinalizer, `${resourcesFinalizer}/foreground`, `${resourcesFinalizer}/background`]

/**
 * What becomes of the resources of an application that its set no longer generates: deleted with it when it has Argo CD's resources
 * finalizer, which a set gives to each unless its template lists others, or resources are to be preserved. Left as they are otherwise.
 */
export function deletionMode(metadata: Pick<ObjectMeta, 'finalizers'>, preserve: boolean): 'cascade' | 'orphan' {
  if (preserve) return 'orphan'
  return (metadata.finalizers ?? []).some((finalizer) => cascading.includes(finalizer)) ? 'cascade' : 'orphan'
}
