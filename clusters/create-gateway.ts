import { CoreV1Api, VersionApi } from '@kubernetes/client-node'
import { applyManifests } from './apply.ts'
import type { AnsweredRequest } from './bounded-http.ts'
import { connect } from './connection.ts'
import { createDiscovery } from './discovery.ts'
import type { ClusterAccess, ClusterGateway } from './gateway.ts'
import { createInventory } from './inventory.ts'
import { defaultLimits, type GatewayLimits } from './limits.ts'
import { observeApplication } from './observe.ts'
import { removeApplication } from './remove.ts'
import type { Session } from './session.ts'

/** What is logged: facts as fields, the message a constant. */
export interface GatewayLog {
  readonly warn: (facts: object, message: string) => void
}

export interface GatewayOptions {
  readonly log?: GatewayLog
  readonly limits?: Partial<GatewayLimits>
  /** Clusters on this machine: for development, the demo and tests. False when left out. */
  readonly allowLoopback?: boolean
  /** Called after each answer, for metrics. */
  readonly onAnswer?: (answered: AnsweredRequest) => void
}

/** The gateway to all clusters of the fleet. Keeps what it learns of a cluster until its access changes, up to `connectionsMax` clusters. */
export function createClusterGateway(options: GatewayOptions = {}): ClusterGateway {
  const limits: GatewayLimits = { ...defaultLimits, ...options.limits }
  const policy = { allowLoopback: options.allowLoopback === true }
  // the order of a Map is that of insertion: whoever is used is moved to the end
  const sessions = new Map<string, { readonly generation: number; readonly session: Session }>()

  const drop = async (clusterId: string): Promise<void> => {
    const dropped = sessions.get(clusterId)
    sessions.delete(clusterId)
    await dropped?.session.connection.close()
  }
  const open = (access: ClusterAccess): Session => {
    const connection = connect(access, { limits, policy, onAnswer: options.onAnswer })
    const discovery = createDiscovery(connection, limits, (incompleteGroups) => {
      options.log?.warn({ clusterId: access.clusterId, incompleteGroups }, 'API groups of a cluster do not answer')
    })
    return { connection, discovery, inventory: createInventory(connection, discovery, limits), limits }
  }
  const sessionOf = (access: ClusterAccess): Session => {
    const { clusterId, generation } = access
    const known = sessions.get(clusterId)
    if (known !== undefined && known.generation === generation) {
      sessions.delete(clusterId)
      sessions.set(clusterId, known)
      return known.session
    }
    // who comes with an older generation gets a connection of its own and doesn't push out the newer one
    if (known !== undefined && known.generation > generation) return open(access)
    void drop(clusterId)
    const oldest = sessions.keys().next()
    if (sessions.size >= limits.connectionsMax && oldest.done !== true) void drop(oldest.value)
    const session = open(access)
    sessions.set(clusterId, { generation, session })
    return session
  }

  return {
    probe: async (access, { signal, timeoutMs = limits.probeTimeoutMs }) => {
      const { connection } = sessionOf(access)
      const bounds = { signal, timeoutMs }
      const [version, system] = await Promise.all([
        new VersionApi(connection.configuration({ what: 'get the version', ...bounds })).getCode(),
        new CoreV1Api(connection.configuration({ what: 'get namespace kube-system', ...bounds })).readNamespace({ name: 'kube-system' }),
      ])
      return { version: version.gitVersion ?? '', uid: system.metadata?.uid ?? '' }
    },
    apply: async (access, input, applyOptions) => applyManifests(sessionOf(access), input, applyOptions),
    observe: async (access, input, { signal }) => observeApplication(sessionOf(access), input, signal),
    remove: async (access, applicationName, { signal }) => removeApplication(sessionOf(access), applicationName, signal),
    forget: (clusterId) => void drop(clusterId),
    close: async () => {
      await Promise.all([...sessions.keys()].map(drop))
    },
  }
}
