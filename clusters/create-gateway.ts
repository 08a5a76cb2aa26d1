import { textAt } from '../fleet/json-at.ts'
import { applyManifests } from './apply.ts'
import type { AnsweredRequest } from './bounded-http.ts'
import { connect } from './connection.ts'
import { listCustomResources } from './custom-resources.ts'
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
    // what still runs on a session that is dropped comes to its end: nobody has to try again because a token was rotated
    sessions.delete(clusterId)
    const oldest = sessions.keys().next()
    if (sessions.size >= limits.connectionsMax && oldest.done !== true) sessions.delete(oldest.value)
    const session = open(access)
    sessions.set(clusterId, { generation, session })
    return session
  }

  return {
    probe: async (access, { signal, timeoutMs = limits.probeTimeoutMs }) => {
      const { connection } = sessionOf(access)
      const bounds = { signal, timeoutMs }
      const [version, system] = await Promise.all([
        connection.send({ method: 'GET', path: '/version', what: 'get the version', ...bounds }),
        connection.send({ method: 'GET', path: '/api/v1/namespaces/kube-system', what: 'get namespace kube-system', ...bounds }),
      ])
      return { version: textAt(version, 'gitVersion'), uid: textAt(system, 'metadata', 'uid') }
    },
    apply: async (access, input, applyOptions) => applyManifests(sessionOf(access), input, applyOptions),
    observe: async (access, input, { signal }) => observeApplication(sessionOf(access), input, signal),
    remove: async (access, applicationName, { signal }) => removeApplication(sessionOf(access), applicationName, signal),
    listCustomResources: async (access, query, { signal }) => listCustomResources(sessionOf(access), query, signal),
    forget: (clusterId) => void sessions.delete(clusterId),
    close: async () => {
      const kept = [...sessions.values()]
      sessions.clear()
      await Promise.all(kept.map(({ session }) => session.connection.close()))
    },
  }
}
