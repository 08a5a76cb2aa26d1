import { randomUUID } from 'node:crypto'
import type { ClusterConnection } from '../fleet/cluster.ts'
import { FleetError } from '../fleet/errors.ts'
import type { CheckedAccess } from './cluster-access.ts'
import type { CommandContext } from './context.ts'

/** Somebody waits for the answer. */
const probeTimeoutMs = 10_000

/**
 * Asks a cluster for its version and uid before anything is written. Errors: CLUSTER_DENIED always; CLUSTER_UNREACHABLE unless that is
 * allowed: then the connection says Failed, and why.
 */
export async function probeCluster(context: CommandContext, access: CheckedAccess, allowUnreachable: boolean): Promise<ClusterConnection> {
  // A name of its own, so that no cached connection of a registered cluster answers in its place.
  const clusterId = `probe-${randomUUID()}`
  try {
    const { version, uid } = await context.gateway.probe({ clusterId, generation: 0, ...access }, { timeoutMs: probeTimeoutMs })
    const nowMs = context.nowMs()
    return { status: 'Successful', message: '', version, uid, attemptedAtMs: nowMs, seenAtMs: nowMs }
  } catch (error) {
    if (!(error instanceof FleetError)) throw error
    if (error.code === 'CLUSTER_DENIED') {
      throw new FleetError(
        'CLUSTER_DENIED',
        `${access.server} answers, but refuses these credentials: ${error.message}. They must be allowed to get the namespace kube-system`,
        {
          field: 'credentials',
        },
      )
    }
    if (error.code !== 'CLUSTER_UNREACHABLE') throw error
    if (!allowUnreachable) {
      throw new FleetError(
        'CLUSTER_UNREACHABLE',
        `${access.server} can't be reached: ${error.message}. Check address and CA, or set allowUnreachable to register it all the same`,
        {
          field: 'server',
        },
      )
    }
    return { status: 'Failed', message: error.message, version: null, uid: null, attemptedAtMs: context.nowMs(), seenAtMs: null }
  } finally {
    context.gateway.forget(clusterId)
  }
}
