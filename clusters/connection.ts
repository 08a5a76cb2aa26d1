import { ServerConfiguration } from '@kubernetes/client-node'
import { type AddressPolicy, serverProblem } from '../fleet/cluster-address.ts'
import { FleetError } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import { type AnsweredRequest, type Call, createBoundedHttp } from './bounded-http.ts'
import type { ClusterAccess } from './gateway.ts'
import { authenticatorOf } from './guarded-kube-config.ts'
import type { GatewayLimits } from './limits.ts'

export interface KubeRequest extends Call {
  readonly method: 'GET' | 'PATCH' | 'DELETE'
  /** From the root, escaped. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly accept?: string
  readonly contentType?: string
  readonly body?: Json
}

export interface Connection {
  /** The parsed answer of a 2xx. Throws KubeApiError for every other answer, and FleetError CLUSTER_UNREACHABLE without one. */
  readonly send: (request: KubeRequest) => Promise<Json>
  /** Ends what runs, too. Who only stops to use it needn't: the dispatcher closes sockets that were idle for four seconds. */
  readonly close: () => Promise<void>
}

/** Connections to one API server by @kubernetes/client-node, with certificates always verified and every request within bounds. */
export function connect(
  access: ClusterAccess,
  options: {
    readonly limits: GatewayLimits
    readonly policy: AddressPolicy
    readonly onAnswer?: ((answered: AnsweredRequest) => void) | undefined
  },
): Connection {
  const { limits, policy, onAnswer } = options
  const { server, credentials } = access
  const problem = serverProblem(server, policy)
  if (problem !== null) throw new FleetError('CLUSTER_UNREACHABLE', `The server address ${problem}`, { refused: true })
  const authenticator = authenticatorOf(access, { policy, connectTimeoutMs: limits.probeTimeoutMs })
  const http = createBoundedHttp(server, { limits, secret: credentials.kind === 'bearerToken' ? credentials.token : null, onAnswer })
  const { origin, pathname } = new URL(server)
  const root = pathname.replace(/\/+$/, '')
  const baseServer = new ServerConfiguration(`${origin}${root}`, {})
  return {
    send: async (sent) => {
      const context = baseServer.makeRequestContext(sent.path, sent.method)
      // `..` in a name would lead to another object: URLs are resolved before they are sent
      if (new URL(context.getUrl()).pathname !== `${root}${sent.path}`)
        throw new FleetError('INVALID_INPUT', `Not a path of the Kubernetes API: ${JSON.stringify(sent.path)}`)
      for (const [name, value] of Object.entries(sent.query ?? {})) context.setQueryParam(name, value)
      context.setHeaderParam('accept', sent.accept ?? 'application/json')
      context.setHeaderParam('user-agent', 'roadstead')
      if (sent.body !== undefined) {
        context.setHeaderParam('content-type', sent.contentType ?? 'application/json')
        context.setBody(JSON.stringify(sent.body))
      }
      await authenticator.authenticate(context)
      return http.exchange(context, sent)
    },
    close: authenticator.close,
  }
}
