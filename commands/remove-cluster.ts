import type { Cluster } from '../fleet/cluster.ts'
import { FleetError } from '../fleet/errors.ts'
import type { CommandContext, Viewer } from './context.ts'
import { fleetChanged } from './fleet-changed.ts'
import { found } from './found.ts'
import { requireWriter } from './permission.ts'

const namesShown = 5

export interface RemoveClusterInput {
  readonly id: string
  /** What becomes of the applications that target it; `refuse`: it stays while there are any. */
  readonly applications: 'refuse' | 'cascade' | 'orphan'
}

/**
 * Removes a cluster. With applications on it, it is hidden from generators at once and goes when the last of them is gone.
 * `removed` says whether it is gone already. ILLEGAL_STATE names applications that still target it.
 */
export async function removeCluster(
  context: CommandContext,
  viewer: Viewer,
  input: RemoveClusterInput,
): Promise<{ readonly cluster: Cluster; readonly removed: boolean }> {
  requireWriter(viewer)
  const { store, hints, gateway } = context
  const cluster = found(await store.clusters.get(input.id), 'cluster')
  const applications = await store.applications.ofCluster(cluster.id)
  if (applications.length > 0 && input.applications === 'refuse') {
    const names = applications.slice(0, namesShown).map((application) => application.name)
    const more = applications.length > namesShown ? ` and ${applications.length - namesShown} more` : ''
    throw new FleetError(
      'ILLEGAL_STATE',
      `${applications.length} applications target ${cluster.name}: ${names.join(', ')}${more}. Say whether to delete them (DELETE) or to leave what they made (ORPHAN)`,
      { field: 'applications' },
    )
  }
  if (applications.length === 0) {
    await store.clusters.remove(cluster.id)
    gateway.forget(cluster.id)
  } else if (input.applications !== 'refuse') {
    await store.clusters.markRemoving(cluster.id)
    // Read again: what came before it was hidden has to go, too.
    const targeting = await store.applications.ofCluster(cluster.id)
    await store.applications.markDeleted(
      targeting.map((application) => application.id),
      input.applications,
    )
    for (const application of targeting) hints.applicationChanged(application.id)
  }
  hints.clusterChanged(cluster.id)
  await fleetChanged(context)
  const left = applications.length === 0 ? null : await store.clusters.get(cluster.id)
  return { cluster: left ?? cluster, removed: left === null }
}
