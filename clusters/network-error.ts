import { FleetError } from '../fleet/errors.ts'

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name could not be resolved just now',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ETIMEDOUT: 'it did not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_DESTROYED: 'the connection was closed here',
}

const tlsCauses: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed and not the registered CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate was signed by a CA other than the registered one',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate was signed by a CA other than the registered one',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate was signed by a CA other than the registered one',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate was signed by a CA other than the registered one',
  CERT_SIGNATURE_FAILURE: 'its certificate was signed by a CA other than the registered one',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for other names: set tlsServerName to one that it has',
  EPROTO: 'the TLS handshake failed',
}

/**
 * CLUSTER_UNREACHABLE with a reason in words, from whatever the network threw. The original error isn't kept: its
 * text and properties may hold request headers.
 */
export function unreachable(server: string, error: unknown): FleetError {
  if (error instanceof FleetError) return error
  const code = codeOf(error)
  const tls = tlsCauses[code] ?? (/^(ERR_TLS|ERR_SSL|CERT_|ERR_OSSL)/.test(code) ? 'the TLS handshake failed' : undefined)
  const cause = tls === undefined ? (causes[code] ?? 'the request failed') : `TLS: ${tls}`
  const suffix = code === '' ? '' : ` (${code})`
  return new FleetError('CLUSTER_UNREACHABLE', `${server} can't be reached: ${cause}${suffix}`, { cause: code, tls: tls !== undefined })
}

export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  const code = 'code' in error ? error.code : undefined
  if (typeof code === 'string' && code !== '') return code
  return 'errors' in error && Array.isArray(error.errors) ? codeOf(error.errors[0]) : ''
}
