import type { ClusterCredentials } from '../clusters/gateway.ts'
import { readKubeconfig } from '../clusters/kubeconfig.ts'
import { type AddressPolicy, serverProblem } from '../fleet/cluster-address.ts'
import { FleetError, invalidInput, type Parsed, type Problem } from '../fleet/errors.ts'
import type { KubeconfigAccess } from '../fleet/kubeconfig.ts'
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
export function checkAccess(address: AddressInput, credentials: CredentialsInput, policy: AddressPolicy): Parsed<CheckedAccess> {
  if (credentials.kind === 'kubeconfig') return fromKubeconfig(address, credentials, policy)
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

function checkServer(server: string | null, policy: AddressPolicy, problems: Problem[]): string | null {
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
    return {
      value: null,
      problems: [
        { path: 'credentials.bearerToken.token', message: `must be 1 to ${tokenCharactersMax} printable ASCII characters without blanks` },
      ],
    }
  }
  return { value: { kind: 'bearerToken', token }, problems: [] }
}

/** Server and CA come with it; given beside it they would leave open which counts. */
function fromKubeconfig(
  address: AddressInput,
  { yaml, context }: Extract<CredentialsInput, { kind: 'kubeconfig' }>,
  policy: AddressPolicy,
): Parsed<CheckedAccess> {
  const problems: Problem[] = []
  if (address.server !== null) problems.push({ path: 'server', message: 'comes from the kubeconfig: leave it out' })
  if (address.caData !== null) problems.push({ path: 'caData', message: 'comes from the kubeconfig: leave it out' })
  const read = readKubeconfig(yaml, context)
  problems.push(
    ...read.problems.map((problem) => ({ ...problem, path: problem.path === '' ? kubeconfigPath : `${kubeconfigPath}.${problem.path}` })),
  )
  if (read.value === null) return { value: null, problems }
  return checkRead({ ...read.value, tlsServerName: address.tlsServerName ?? read.value.tlsServerName }, kubeconfigPath, policy, problems)
}

const kubeconfigPath = 'credentials.kubeconfig'

/** What a kubeconfig or a cluster Secret says is checked like what is given field by field. */
export function checkRead(read: KubeconfigAccess, path: string, policy: AddressPolicy, problems: Problem[] = []): Parsed<CheckedAccess> {
  const server = checkServer(read.server, policy, problems)
  const ca = read.caData === null ? null : parseCertificates(read.caData, path)
  const { credentials } = read
  const checked: Parsed<ClusterCredentials> =
    credentials.kind === 'bearerToken'
      ? { value: credentials, problems: [] }
      : parseClientCertificate(credentials.certificate, credentials.key, path)
  problems.push(...(ca?.problems ?? []), ...checked.problems)
  if (problems.length > 0 || server === null || checked.value === null) return { value: null, problems }
  return { value: { server, caData: ca?.value ?? null, tlsServerName: read.tlsServerName, credentials: checked.value }, problems }
}

/** INVALID_INPUT with every problem; CREDENTIAL_REFUSED where it is only the kubeconfig that asks for too much. */
export function accessRefused(what: string, problems: readonly Problem[]): FleetError {
  const error = invalidInput(what, problems)
  return problems.every((problem) => problem.path.startsWith(kubeconfigPath))
    ? new FleetError('CREDENTIAL_REFUSED', error.message, error.details)
    : error
}
