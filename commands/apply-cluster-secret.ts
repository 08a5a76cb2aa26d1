import { parseClusterSecret } from '../clusters/cluster-secret.ts'
import { canonicalJson } from '../fleet/canonical-json.ts'
import type { Cluster } from '../fleet/cluster.ts'
import { FleetError, invalidInput, type Parsed } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import type { ClusterSecretDocument } from '../manifests/manifest.ts'
import type { ApplyResult } from './apply-result.ts'
import { type CheckedAccess, checkRead } from './cluster-access.ts'
import type { CommandContext, Viewer } from './context.ts'
import { type ClusterIdentity, identityProblems, register } from './register-cluster.ts'
import { rotate } from './rotate-cluster-credentials.ts'
import { updateCluster } from './update-cluster.ts'

/** A cluster Secret that can be registered as it is. */
export interface CheckedSecret {
  readonly identity: ClusterIdentity
  readonly access: CheckedAccess
}

/** Reads an Argo CD cluster Secret by the rules that hold for registerCluster. Problems never quote a credential. */
export function checkClusterSecret({ allowLoopbackClusters }: CommandContext, { json }: ClusterSecretDocument): Parsed<CheckedSecret> {
  const { value, problems } = parseClusterSecret(json)
  if (value === null) return { value: null, problems }
  const access = checkRead(value, 'data.config', { allowLoopback: allowLoopbackClusters })
  const found = [...problems, ...identityProblems(value), ...access.problems]
  if (access.value === null || found.length > 0) return { value: null, problems: found }
  const { name, labels, annotations, project } = value
  return { value: { identity: { name, labels, annotations, project }, access: access.value }, problems: [] }
}

/** Registers the cluster of a Secret, or brings the registered one of that name to what the Secret says. */
export async function applyClusterSecret(context: CommandContext, viewer: Viewer, secret: ClusterSecretDocument): Promise<ApplyResult> {
  const { value, problems } = checkClusterSecret(context, secret)
  if (value === null) throw invalidInput('The cluster Secret', problems)
  const { identity, access } = value
  const there = await context.store.clusters.getByName(identity.name)
  if (there === null) {
    const { id, name } = await register(context, identity, access, false)
    return { kind: 'Cluster', id, name, outcome: 'created' }
  }
  if (there.project !== identity.project) {
    throw new FleetError(
      'UNSUPPORTED',
      `The project of the registered cluster ${there.name} can't be changed yet: remove and register it again`,
    )
  }
  const after = await configure(context, viewer, there, value)
  return { kind: 'Cluster', id: there.id, name: there.name, outcome: after.generation === there.generation ? 'unchanged' : 'configured' }
}

async function configure(context: CommandContext, viewer: Viewer, cluster: Cluster, { identity, access }: CheckedSecret): Promise<Cluster> {
  const stored = await context.store.clusters.access(cluster.id)
  const { generation: _, ...before } = { ...stored, credentials: JSON.parse(stored.credentials) as Json }
  if (canonicalJson(before) !== canonicalJson({ ...access, credentials: { ...access.credentials } })) {
    await rotate(context, cluster, access, { allowUnreachable: false, allowDifferentCluster: false })
  }
  return updateCluster(context, viewer, { id: cluster.id, labels: identity.labels, annotations: identity.annotations })
}
