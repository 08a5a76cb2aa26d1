import type { ClusterCredentials } from '../clusters/gateway.ts'
import { serverProblem } from '../fleet/cluster-address.ts'
import type { Parsed, Problem } from '../fleet/errors.ts'
import { parseCertificates, parseClientCertificate } from './pem.ts'

/** How somebody hands credentials in. Exactly one kind; a kubeconfig brings server and CA along. */
export type CredentialsInput =
  | { readonly kind: 'bearerToken'; readonly token: string }
  | { readonly kind: 'clientCertificate'; readonly certificate: string; readonly key: string }
  | { readonly kind: 'kubeconfig'; readonly yaml: string; readonly context: string | null }

export interface AddressInput {
  readonly server: string | null
  /** PEM, or base64 of it; null: the system's roots. */
  readonly caData: string | null
  readonly tlsServerName: string | null
}

/** All that is needed to reach a cluster, checked. Clear credentials: it goes to the probe and into the seal, and nowhere else. */
export interface CheckedAccess extends AddressInput {
  readonly server: string
  readonly credentials: ClusterCredentials
}

const tokenCharactersMax = 16 * 1024

/** Checks address and credentials against the policy. Messages never quote a credential. */
export function checkAccess(address: AddressInput, credentials: CredentialsInput, policy: { readonly allowLoopback: boolean }): Parsed<CheckedAccess> {
  if (credentials.kind === 'kubeconfig') return kubeconfigLater()
  const problems: Problem[] = []
  const server = checkServer(address.server, policy, problems)
  const ca = address.caData === null ? null : parseCertificates(address.caData, 'caData')
  if (ca !== null) problems.push(...ca.problems)
  const parsed =
    credentials.kind === 'bearerToken'
      ? parseToken(credentials.token)
      : parseClientCertificate(credentials.certificate, credentials.key, 'credentials.clientCertificate')
  problems.push(...parsed.problems)
  if (problems.length > 0 || server === null || parsed.value === null) return { value: null, problems }
  return { value: { server, caData: ca?.value ?? null, tlsServerName: address.tlsServerName, credentials: parsed.value }, problems }
}

function checkServer(server: string | null, policy: { readonly allowLoopback: boolean }, problems: Problem[]): string | null {
  if (server === null) {
    problems.push({ path: 'server', message: 'is needed unless a kubeconfig brings it: the https URL of the API server' })
    return null
  }
  const problem = serverProblem(server, policy)
  if (problem !== null) problems.push({ path: 'server', message: problem })
  return server.replace(/\/+$/, '')
}

function parseToken(text: string): Parsed<ClusterCredentials> {
  const token = text.trim()
  if (token.length === 0 || token.length > tokenCharactersMax || !/^[\x21-\x7e]+$/.test(token)) {
    return { value: null, problems: [{ path: 'credentials.bearerToken.token', message: `must be 1 to ${tokenCharactersMax} printable ASCII characters without blanks` }] }
  }
  return { value: { kind: 'bearerToken', token }, problems: [] }
}

function kubeconfigLater(): Parsed<CheckedAccess> {
  return { value: null, problems: [{ path: 'credentials.kubeconfig', message: 'is not taken yet' }] }
}
