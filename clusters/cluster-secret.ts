import type { Parsed, Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { objectAt, textAt } from '../fleet/json-at.ts'
import { decodeBase64, type KubeconfigAccess } from '../fleet/kubeconfig.ts'

/** What a declarative cluster of Argo CD says. */
export interface ClusterSecret extends KubeconfigAccess {
  readonly name: string
  /** Without the label that makes the Secret a cluster. */
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** AppProject that the cluster is bound to; null for all. */
  readonly project: string | null
}

const secretTypeLabel = 'argocd.argoproj.io/secret-type'
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** Whether a manifest is meant as one of Argo CD's clusters. */
export function isClusterSecret(manifest: JsonObject): boolean {
  return (
    textAt(manifest, 'apiVersion') === 'v1' &&
    textAt(manifest, 'kind') === 'Secret' &&
    textAt(manifest, 'metadata', 'labels', secretTypeLabel) === 'cluster'
  )
}

const fieldsOfData = new Set(['name', 'server', 'config', 'project', 'namespaces', 'clusterResources', 'shard'])
const fieldsOfConfig = new Set(['bearerToken', 'tlsClientConfig', 'disableCompression'])
const fieldsOfTls = new Set(['insecure', 'serverName', 'caData', 'certData', 'keyData'])
const refusedOfConfig: Readonly<Record<string, string>> = {
  username: 'is basic authentication, which Kubernetes has dropped: use a bearerToken or a client certificate',
  password: 'is basic authentication, which Kubernetes has dropped: use a bearerToken or a client certificate',
  awsAuthConfig: 'would fetch tokens with the credentials of the machine: use the token of a service account',
  execProviderConfig: 'would run a command here: use the token of a service account',
  proxyUrl: 'is a proxy, and clusters are reached directly or not at all',
}

/** Reads an Argo CD cluster Secret (its "declarative setup"). Problems name the field and never quote a credential. */
export function parseClusterSecret(manifest: JsonObject): Parsed<ClusterSecret> {
  const problems: Problem[] = []
  if (!isClusterSecret(manifest))
    return {
      value: null,
      problems: [{ path: 'metadata.labels', message: `is not a cluster: a Secret labelled ${secretTypeLabel}: cluster is` }],
    }
  const data = dataOf(manifest, problems)
  for (const name of data.keys())
    if (!fieldsOfData.has(name)) problems.push({ path: `data.${name}`, message: 'is not a known field of a cluster Secret' })
  if (set(data, 'namespaces') !== null || set(data, 'clusterResources') !== null)
    problems.push({
      path: 'data.namespaces',
      message: 'binds the cluster to some namespaces, which is not supported: leave namespaces and clusterResources out',
    })
  const server = set(data, 'server')
  if (server === null) problems.push({ path: 'data.server', message: 'is missing' })
  const config = configOf(data, problems)
  const access = config === null ? null : accessOf(config, problems)
  if (problems.length > 0 || server === null || access === null) return { value: null, problems }
  const { [secretTypeLabel]: _, ...labels } = texts(objectAt(manifest, 'metadata', 'labels'))
  const { [lastApplied]: _secret, ...annotations } = texts(objectAt(manifest, 'metadata', 'annotations'))
  // a cluster without a name is called by its server, as in Argo CD
  return { value: { ...access, name: set(data, 'name') ?? server, server, labels, annotations, project: set(data, 'project') }, problems }
}

/** `stringData` counts more than `data`, as the API server has it. */
function dataOf(manifest: JsonObject, problems: Problem[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of Object.entries(objectAt(manifest, 'data'))) {
    const decoded = typeof value === 'string' ? decodeBase64(value) : null
    if (decoded === null) problems.push({ path: `data.${name}`, message: 'is not base64' })
    else values.set(name, decodeUtf8(decoded))
  }
  for (const [name, value] of Object.entries(objectAt(manifest, 'stringData'))) {
    if (typeof value === 'string') values.set(name, value)
    else problems.push({ path: `stringData.${name}`, message: 'has to be text' })
  }
  return values
}

function decodeUtf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

function set(data: ReadonlyMap<string, string>, name: string): string | null {
  const value = data.get(name)
  return value === undefined || value === '' ? null : value
}

function configOf(data: ReadonlyMap<string, string>, problems: Problem[]): JsonObject | null {
  const text = set(data, 'config')
  let config: Json | undefined
  try {
    config = text === null ? undefined : (JSON.parse(text) as Json)
  } catch {
    config = undefined
  }
  if (isJsonObject(config)) return config
  problems.push({ path: 'data.config', message: text === null ? 'is missing' : 'is not a JSON object' })
  return null
}

function accessOf(config: JsonObject, problems: Problem[]): Pick<KubeconfigAccess, 'caData' | 'tlsServerName' | 'credentials'> | null {
  const tls = objectAt(config, 'tlsClientConfig')
  nameUnknown(config, 'config', fieldsOfConfig, refusedOfConfig, problems)
  nameUnknown(tls, 'config.tlsClientConfig', fieldsOfTls, {}, problems)
  if (tls['insecure'] === true)
    problems.push({
      path: 'config.tlsClientConfig.insecure',
      message: 'insecure is refused: anybody could answer in the name of this cluster. Give its CA in caData',
    })
  const caData = pemOf(tls, 'caData', /-----BEGIN CERTIFICATE-----/, problems)
  const certificate = pemOf(tls, 'certData', /-----BEGIN CERTIFICATE-----/, problems)
  const key = pemOf(tls, 'keyData', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/, problems)
  const token = textAt(config, 'bearerToken')
  const serverName = textAt(tls, 'serverName')
  const credentials = credentialsOf(token, certificate, key, problems)
  return credentials === null ? null : { caData, tlsServerName: serverName === '' ? null : serverName, credentials }
}

function credentialsOf(
  token: string,
  certificate: string | null,
  key: string | null,
  problems: Problem[],
): KubeconfigAccess['credentials'] | null {
  const hasCertificate = certificate !== null || key !== null
  if (token !== '' && hasCertificate)
    problems.push({ path: 'config', message: 'has a bearerToken and a client certificate: keep one of the two' })
  else if (token !== '' && !/^[\x21-\x7e]+$/.test(token))
    problems.push({ path: 'config.bearerToken', message: 'has characters that no token has (blanks or line breaks?)' })
  else if (token !== '') return { kind: 'bearerToken', token }
  else if (certificate !== null && key !== null) return { kind: 'clientCertificate', certificate, key }
  else problems.push({ path: 'config', message: 'needs a bearerToken, or certData and keyData in tlsClientConfig' })
  return null
}

function nameUnknown(
  object: JsonObject,
  path: string,
  known: ReadonlySet<string>,
  refused: Readonly<Record<string, string>>,
  problems: Problem[],
): void {
  for (const [name, value] of Object.entries(object)) {
    if (known.has(name) || value === undefined || value === null || value === '') continue
    const why = Object.hasOwn(refused, name) ? refused[name] : undefined
    problems.push({ path: `${path}.${name}`, message: why === undefined ? 'is not a known field of a cluster Secret' : `${name} ${why}` })
  }
}

function pemOf(tls: JsonObject, name: string, form: RegExp, problems: Problem[]): string | null {
  const encoded = textAt(tls, name)
  if (encoded === '') return null
  const decoded = decodeBase64(encoded)
  if (decoded !== null && form.test(decoded)) return decoded
  problems.push({ path: `config.tlsClientConfig.${name}`, message: 'is not the base64 of a PEM text' })
  return null
}

function texts(object: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}
