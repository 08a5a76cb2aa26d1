import { isIP } from 'node:net'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import { type Cluster, type DispatcherOptions, KubeConfig, RequestContext, type User } from '@kubernetes/client-node'
import type { AddressPolicy } from '../fleet/cluster-address.ts'
import { FleetError } from '../fleet/errors.ts'
import type { ClusterAccess } from './gateway.ts'
import { guardedLookup } from './guarded-lookup.ts'

/** Puts an access on requests: credentials as headers, CA and client certificate as the dispatcher that they go out by. */
export interface Authenticator {
  readonly authenticate: (request: RequestContext) => Promise<void>
  /** Closes all sockets at once, whatever runs on them. */
  readonly close: () => Promise<void>
}

/**
 * Authentication and TLS by the library's KubeConfig, filled field by field from an access that has been checked: nothing is parsed, no file
 * and no environment is read, and there are neither exec plugins nor auth providers to run.
 */
export function authenticatorOf(
  access: ClusterAccess,
  options: { readonly policy: AddressPolicy; readonly connectTimeoutMs: number },
): Authenticator {
  const config = new GuardedKubeConfig({
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    lookup: guardedLookup(options.policy),
    timeout: options.connectTimeoutMs,
    // each request on a socket of its own: one that hangs doesn't hold others up, and a lost one is noticed
    allowH2: false,
    ...identityCheckOf(access),
  })
  config.loadFromClusterAndUser(clusterOf(access), userOf(access))
  // KubeConfig makes a new dispatcher, and so a new TLS connection, for each request that it authenticates: it is asked once
  const model = new RequestContext(access.server, 'GET')
  let asked: Promise<void> | null = null
  return {
    authenticate: async (request) => {
      asked ??= config.applySecurityAuthentication(model)
      await asked
      for (const [name, value] of Object.entries(model.getHeaders())) request.setHeaderParam(name, value)
      const dispatcher = model.getDispatcher()
      if (dispatcher !== undefined) request.setDispatcher(dispatcher)
    },
    close: async () => {
      await model.getDispatcher()?.destroy()
    },
  }
}

type Connect = ConnectionOptions & { readonly allowH2: boolean }

/** A KubeConfig whose connections all go out with our checks, whatever else is in it. */
class GuardedKubeConfig extends KubeConfig {
  readonly #checks: Connect

  constructor(checks: Connect) {
    super()
    this.#checks = checks
  }

  override createDispatcherOptions(...args: Parameters<KubeConfig['createDispatcherOptions']>): DispatcherOptions {
    const made = super.createDispatcherOptions(...args)
    if (made.type === 'proxy' || made.type === 'socks')
      throw new FleetError('CREDENTIAL_REFUSED', 'Clusters are reached directly, not through a proxy')
    // 'none' would be the global dispatcher, which checks nothing of ours
    return { type: 'agent', connect: { ...(made.type === 'agent' ? made.connect : {}), ...this.#checks } }
  }
}

/** Fields that the library takes as data are base64 of PEM, as in a kubeconfig. */
function clusterOf({ server, caData, tlsServerName }: ClusterAccess): Cluster {
  return {
    name: 'cluster',
    server,
    skipTLSVerify: false,
    ...(caData === null ? {} : { caData: base64(caData) }),
    ...(tlsServerName === null || isIP(tlsServerName) !== 0 ? {} : { tlsServerName }),
  }
}

function userOf({ credentials }: ClusterAccess): User {
  return credentials.kind === 'bearerToken'
    ? { name: 'user', token: credentials.token }
    : { name: 'user', certData: base64(credentials.certificate), keyData: base64(credentials.key) }
}

/** An address can't be sent as a server name, but the certificate may be for one. */
function identityCheckOf({ tlsServerName }: ClusterAccess): Pick<ConnectionOptions, 'checkServerIdentity'> {
  if (tlsServerName === null || isIP(tlsServerName) === 0) return {}
  return { checkServerIdentity: (_host, certificate) => checkServerIdentity(tlsServerName, certificate) }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
