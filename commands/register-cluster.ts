import type { Cluster } from '../fleet/cluster.ts'
import { hubTaskQueue } from '../fleet/cluster.ts'
import { FleetError, type Problem } from '../fleet/errors.ts'
import { subdomainProblem } from '../fleet/set/names.ts'
import { type AddressInput, accessRefused, type CheckedAccess, type CredentialsInput, checkAccess } from './cluster-access.ts'
import type { CommandContext, Viewer } from './context.ts'
import { fleetChanged } from './fleet-changed.ts'
import { annotationProblems, clusterNameProblems, labelProblems } from './metadata-problems.ts'
import { requireWriter } from './permission.ts'
import { probeCluster } from './probe-cluster.ts'

export interface ClusterIdentity {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** AppProject that it belongs to; null: all may use it. */
  readonly project: string | null
}

export interface RegisterClusterInput extends ClusterIdentity, AddressInput {
  readonly credentials: CredentialsInput
  readonly allowUnreachable: boolean
}

/**
 * Registers a cluster: checks everything, asks the cluster who it is, then writes it down with its credentials sealed.
 * Errors: INVALID_INPUT (every problem at once), CREDENTIAL_REFUSED, CONFLICT (name, server or uid is registered), CLUSTER_DENIED,
 * CLUSTER_UNREACHABLE unless allowed.
 */
export async function registerCluster(context: CommandContext, viewer: Viewer, input: RegisterClusterInput): Promise<Cluster> {
  requireWriter(viewer)
  const access = checkAccess(input, input.credentials, { allowLoopback: context.allowLoopbackClusters })
  const problems = [...identityProblems(input), ...access.problems]
  if (access.value === null || problems.length > 0) throw accessRefused('The cluster', problems)
  return register(context, input, access.value, input.allowUnreachable)
}

export function identityProblems(input: ClusterIdentity): readonly Problem[] {
  const project = input.project === null ? null : subdomainProblem(input.project)
  return [
    ...clusterNameProblems(input.name),
    ...labelProblems(input.labels),
    ...annotationProblems(input.annotations),
    ...(project === null ? [] : [{ path: 'project', message: project }]),
  ]
}

/** The part that comes after the checks; a cluster Secret comes here, too. */
export async function register(
  context: CommandContext,
  identity: ClusterIdentity,
  access: CheckedAccess,
  allowUnreachable: boolean,
): Promise<Cluster> {
  const { store, hints } = context
  // Asked before the probe, so that nobody is sent credentials for nothing; the store asks again when it writes.
  if ((await store.clusters.getByName(identity.name)) !== null) {
    throw new FleetError(
      'CONFLICT',
      `A cluster called ${identity.name} is registered already: choose another name, or update or rotate that one`,
      { field: 'name' },
    )
  }
  const same = await store.clusters.getByServer(access.server)
  if (same !== null) throw new FleetError('CONFLICT', `${access.server} is registered already, as ${same.name}`, { field: 'server' })

  const connection = await probeCluster(context, access, allowUnreachable)
  const { name, labels, annotations, project } = identity
  const cluster = await store.clusters.register(
    {
      name,
      labels,
      annotations,
      project,
      server: access.server,
      caData: access.caData,
      tlsServerName: access.tlsServerName,
      taskQueue: hubTaskQueue,
      connection,
    },
    JSON.stringify(access.credentials),
  )
  hints.clusterChanged(cluster.id)
  await fleetChanged(context)
  return cluster
}
