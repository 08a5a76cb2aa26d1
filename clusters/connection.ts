import { type Configuration, createConfiguration, ServerConfiguration, wrapHttpLibrary } from '@kubernetes/client-node'
import { type AddressPolicy, serverProblem } from '../fleet/cluster-address.ts'
import { FleetError } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import { type AnsweredRequest, type Call, createBoundedHttp } from './bounded-http.ts'
import type { ClusterAccess } from './gateway.ts'
import { authenticationOf } from './guarded-kube-config.ts'
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

/** Both ways throw KubeApiError for an answer other than 2xx, and FleetError CLUSTER_UNREACHABLE without one. */
export interface Connection {
  /**
   * Gives the parsed answer as it is. For objects of applications, which the library's clients would read and write by their own models: a
   * field that those don't know would be lost.
   */
  readonly send: (request: KubeRequest) => Promise<Json>
  /** For one call of one of the library's clients, such as `new VersionApi(connection.configuration({ what: 'get the version' }))`. */
  readonly configuration: (call: Call) => Configuration
  /** Ends what runs, too. */
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
  const authentication = authenticationOf(access, { policy, connectTimeoutMs: limits.requestTimeoutMs })
  const http = createBoundedHttp(server, { limits, secret: credentials.kind === 'bearerToken' ? credentials.token : null, onAnswer })
  const baseServer = new ServerConfiguration(server.replace(/\/+$/, ''), {})
  return {
    send: async (sent) => {
      const context = baseServer.makeRequestContext(sent.path, sent.method)
      for (const [name, value] of Object.entries(sent.query ?? {})) context.setQueryParam(name, value)
      context.setHeaderParam('accept', sent.accept ?? 'application/json')
      if (sent.body !== undefined) {
        context.setHeaderParam('content-type', sent.contentType ?? 'application/json')
        context.setBody(JSON.stringify(sent.body))
      }
      await authentication.applySecurityAuthentication(context)
      return (await http.exchange(context, sent)).body
    },
    configuration: (call) =>
      createConfiguration({
        baseServer,
        authMethods: { default: authentication },
        httpApi: wrapHttpLibrary({ send: async (context) => (await http.exchange(context, call)).response }),
      }),
    close: () => authentication.close(),
  }
}
