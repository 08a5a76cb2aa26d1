import type { Cluster } from '../fleet/cluster.ts'
import { FleetError } from '../fleet/errors.ts'
import { type AddressInput, accessRefused, type CheckedAccess, type CredentialsInput, checkAccess } from './cluster-access.ts'
import type { CommandContext, Viewer } from './context.ts'
import { fleetChanged } from './fleet-changed.ts'
import { found } from './found.ts'
import { requireWriter } from './permission.ts'
import { probeCluster } from './probe-cluster.ts'

export interface RotateClusterCredentialsInput extends AddressInput {
  readonly id: string
  readonly credentials: CredentialsInput
  readonly allowUnreachable: boolean
  /** Take it though another cluster answers there now, as after a rebuild. */
  readonly allowDifferentCluster: boolean
}

/**
 * Replaces credentials, and the address where one is given: stored ones are never sent to a new address. They are tried first; what
 * is stored stays when they don't work. Server, CA and server name that aren't given stay as they are, unless a kubeconfig brings them.
 * Errors as registerCluster's; ILLEGAL_STATE when another cluster answers than before.
 */
export async function rotateClusterCredentials(
  context: CommandContext,
  viewer: Viewer,
  input: RotateClusterCredentialsInput,
): Promise<Cluster> {
  requireWriter(viewer)
  const cluster = found(await context.store.clusters.get(input.id), 'cluster')
  const stored = await context.store.clusters.access(cluster.id)
  const address = input.credentials.kind === 'kubeconfig' ? input : addressOver(stored, input)
  const access = checkAccess(address, input.credentials, { allowLoopback: context.allowLoopbackClusters })
  if (access.value === null) throw accessRefused('The new access', access.problems)
  return rotate(context, cluster, access.value, input)
}

/** The part that comes after the checks; a cluster Secret comes here, too. */
export async function rotate(
  context: CommandContext,
  cluster: Cluster,
  access: CheckedAccess,
  allow: { readonly allowUnreachable: boolean; readonly allowDifferentCluster: boolean },
): Promise<Cluster> {
  const { store, hints, gateway } = context
  const { server, caData, tlsServerName, credentials } = access
  if (cluster.removing) throw new FleetError('ILLEGAL_STATE', `${cluster.name} is being removed`)
  const other = await store.clusters.getByServer(server)
  if (other !== null && other.id !== cluster.id)
    throw new FleetError('CONFLICT', `${server} is registered already, as ${other.name}`, { field: 'server' })

  const connection = await probeCluster(context, access, allow.allowUnreachable)
  const { uid } = cluster.connection
  if (connection.uid !== null && uid !== null && connection.uid !== uid && !allow.allowDifferentCluster) {
    throw new FleetError(
      'ILLEGAL_STATE',
      `Another cluster answers at ${server} than the one registered as ${cluster.name} (kube-system uid ${connection.uid}, was ${uid}): register it by itself, or set allowDifferentCluster if it was rebuilt`,
      { field: 'server' },
    )
  }
  const rotated = await store.clusters.rotate(cluster.id, { server, caData, tlsServerName }, JSON.stringify(credentials), {
    ...connection,
    // What was known stays known while it can't be reached.
    version: connection.version ?? cluster.connection.version,
    uid: connection.uid ?? uid,
    seenAtMs: connection.seenAtMs ?? cluster.connection.seenAtMs,
  })
  gateway.forget(cluster.id)
  hints.clusterChanged(cluster.id)
  if (server !== cluster.server) await fleetChanged(context)
  return rotated
}

function addressOver(stored: AddressInput & { readonly server: string }, input: AddressInput): AddressInput {
  const moved = input.server !== null && input.server !== stored.server
  return {
    server: input.server ?? stored.server,
    // The CA of the old address says nothing about a new one.
    caData: input.caData ?? (moved ? null : stored.caData),
    tlsServerName: input.tlsServerName ?? (moved ? null : stored.tlsServerName),
  }
}
