import type { Parsed, Problem } from './errors.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'

/** What is taken from a kubeconfig, and nothing else of it. */
export interface KubeconfigAccess {
  readonly server: string
  /** PEM; null: the system's roots. */
  readonly caData: string | null
  readonly tlsServerName: string | null
  readonly credentials:
    | { readonly kind: 'bearerToken'; readonly token: string }
    | { readonly kind: 'clientCertificate'; readonly certificate: string; readonly key: string }
}

const noCode = 'would run a command here; a kubeconfig is only read. Make a service account and use its token'
const noFiles = 'names a file, and files of your machine mean nothing here'
const noImpersonation = 'is impersonation, which is not taken. Use credentials of the identity itself'

/** Fields that mean something which is refused, and what to do instead. */
const refusedOfUser: Readonly<Record<string, string>> = {
  exec: noCode,
  'auth-provider': noCode,
  tokenFile: `${noFiles}: put the token itself into token`,
  'client-certificate': `${noFiles}: put the certificate itself into client-certificate-data (kubectl config view --flatten --raw)`,
  'client-key': `${noFiles}: put the key itself into client-key-data (kubectl config view --flatten --raw)`,
  as: noImpersonation,
  'as-groups': noImpersonation,
  'as-uid': noImpersonation,
  'as-user-extra': noImpersonation,
  username: 'is basic authentication, which Kubernetes has dropped: use a token or a client certificate',
  password: 'is basic authentication, which Kubernetes has dropped: use a token or a client certificate',
}
const refusedOfCluster: Readonly<Record<string, string>> = {
  'certificate-authority': `${noFiles}: put the CA itself into certificate-authority-data (kubectl config view --flatten --raw)`,
  'proxy-url': 'is a proxy, and clusters are reached directly or not at all',
}
/** Allowed, and not copied. */
const ignored = ['extensions', 'disable-compression']
const fieldsOfFile = new Set(['apiVersion', 'kind', 'preferences', 'clusters', 'users', 'contexts', 'current-context', 'extensions'])
const fieldsOfCluster = new Set(['server', 'certificate-authority-data', 'tls-server-name', 'insecure-skip-tls-verify', ...ignored])
const fieldsOfUser = new Set(['token', 'client-certificate-data', 'client-key-data', ...ignored])
const fieldsOfContext = new Set(['cluster', 'user', 'namespace', ...ignored])

const certificatePem = /-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/
const keyPem = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s[A-Za-z0-9+/=\s]+-----END (?:[A-Z]+ )?PRIVATE KEY-----/

/**
 * Reads the access of one context (the current one unless named) from a kubeconfig that has been parsed as data. Only that context, its cluster and
 * its user are looked at. Problems name the field and never quote a credential.
 */
export function parseKubeconfig(config: Json, contextName: string | null = null): Parsed<KubeconfigAccess> {
  const problems: Problem[] = []
  if (!isJsonObject(config)) return { value: null, problems: [{ path: '', message: 'is not a kubeconfig: it has to be a YAML mapping' }] }
  nameUnknown(config, '', fieldsOfFile, {}, problems)
  const kind = config['kind']
  if (kind !== undefined && kind !== 'Config') problems.push({ path: 'kind', message: 'is not a kubeconfig: it has to be Config' })

  const wanted = contextName ?? config['current-context']
  if (typeof wanted !== 'string' || wanted === '') {
    problems.push({ path: 'current-context', message: 'is not set: name the context to take' })
    return { value: null, problems }
  }
  const context = named(config, 'contexts', 'context', wanted, fieldsOfContext, {}, problems)
  if (context === null) return { value: null, problems }
  const clusterName = text(context.fields, context.path, 'cluster', problems)
  const userName = text(context.fields, context.path, 'user', problems)
  if (clusterName === null) problems.push({ path: `${context.path}.cluster`, message: 'is missing' })
  if (userName === null) problems.push({ path: `${context.path}.user`, message: 'is missing' })
  const cluster =
    clusterName === null ? null : named(config, 'clusters', 'cluster', clusterName, fieldsOfCluster, refusedOfCluster, problems)
  const user = userName === null ? null : named(config, 'users', 'user', userName, fieldsOfUser, refusedOfUser, problems)
  const address = cluster === null ? null : addressOf(cluster, problems)
  const credentials = user === null ? null : credentialsOf(user, problems)
  if (problems.length > 0 || address === null || credentials === null) return { value: null, problems }
  return { value: { ...address, credentials }, problems }
}

interface Entry {
  readonly path: string
  readonly fields: JsonObject
}

/** The one entry of that name in a list of the file. */
function named(
  config: JsonObject,
  list: string,
  inner: string,
  name: string,
  known: ReadonlySet<string>,
  refused: Readonly<Record<string, string>>,
  problems: Problem[],
): Entry | null {
  const entries = config[list]
  const items: readonly Json[] = Array.isArray(entries) ? (entries as readonly Json[]) : []
  const found = items.flatMap((item, index) => (isJsonObject(item) && item['name'] === name ? [{ item, index }] : []))
  const [first] = found
  if (first === undefined) {
    const names = items.flatMap((item) => (isJsonObject(item) && typeof item['name'] === 'string' ? [item['name']] : []))
    const there = names.length === 0 ? 'there are none' : `there are ${names.slice(0, 10).join(', ')}`
    problems.push({ path: list, message: `has no entry named ${JSON.stringify(name)}: ${there}` })
    return null
  }
  const path = `${list}[${first.index}].${inner}`
  if (found.length > 1) problems.push({ path: list, message: `has ${found.length} entries named ${JSON.stringify(name)}` })
  const fields = first.item[inner]
  if (!isJsonObject(fields)) {
    problems.push({ path, message: 'is missing' })
    return null
  }
  nameUnknown(first.item, `${list}[${first.index}]`, new Set(['name', inner]), {}, problems)
  nameUnknown(fields, path, known, refused, problems)
  return { path, fields }
}

function nameUnknown(
  object: JsonObject,
  path: string,
  known: ReadonlySet<string>,
  refused: Readonly<Record<string, string>>,
  problems: Problem[],
): void {
  for (const [name, value] of Object.entries(object)) {
    if (known.has(name) || isUnset(value)) continue
    const why = Object.hasOwn(refused, name) ? refused[name] : undefined
    problems.push({
      path: path === '' ? name : `${path}.${name}`,
      message: why === undefined ? 'is not a known field of a kubeconfig' : `${name} ${why}`,
    })
  }
}

/** kubectl writes empty values for what isn't set. */
function isUnset(value: Json | undefined): boolean {
  return value === undefined || value === null || value === ''
}

function addressOf({ path, fields }: Entry, problems: Problem[]): Pick<KubeconfigAccess, 'server' | 'caData' | 'tlsServerName'> | null {
  const server = text(fields, path, 'server', problems)
  if (server === null) problems.push({ path: `${path}.server`, message: 'is missing' })
  else if (!/^https:\/\//i.test(server))
    problems.push({ path: `${path}.server`, message: 'must be https: over http anybody on the way can read the credentials' })
  const insecure = fields['insecure-skip-tls-verify']
  if (insecure !== undefined && insecure !== null && insecure !== false)
    problems.push({
      path: `${path}.insecure-skip-tls-verify`,
      message:
        'insecure-skip-tls-verify is refused: anybody could answer in the name of this cluster. Give its CA in certificate-authority-data',
    })
  const caData = pem(fields, path, 'certificate-authority-data', certificatePem, 'certificate', problems)
  return server === null ? null : { server, caData, tlsServerName: text(fields, path, 'tls-server-name', problems) }
}

function credentialsOf({ path, fields }: Entry, problems: Problem[]): KubeconfigAccess['credentials'] | null {
  const token = text(fields, path, 'token', problems)
  const certificate = pem(fields, path, 'client-certificate-data', certificatePem, 'certificate', problems)
  const key = pem(fields, path, 'client-key-data', keyPem, 'private key', problems)
  const hasCertificate = !isUnset(fields['client-certificate-data']) || !isUnset(fields['client-key-data'])
  if (token !== null && hasCertificate) {
    problems.push({ path, message: 'has a token and a client certificate: keep one of the two' })
    return null
  }
  if (token !== null) {
    if (/^[\x21-\x7e]+$/.test(token)) return { kind: 'bearerToken', token }
    problems.push({ path: `${path}.token`, message: 'has characters that no token has (blanks or line breaks?)' })
    return null
  }
  if (!hasCertificate) problems.push({ path, message: 'has neither token nor client-certificate-data and client-key-data' })
  else if (isUnset(fields['client-certificate-data']))
    problems.push({ path: `${path}.client-certificate-data`, message: 'is missing beside client-key-data' })
  else if (isUnset(fields['client-key-data']))
    problems.push({ path: `${path}.client-key-data`, message: 'is missing beside client-certificate-data' })
  return certificate === null || key === null ? null : { kind: 'clientCertificate', certificate, key }
}

/** Null when it isn't set. */
function text(fields: JsonObject, path: string, name: string, problems: Problem[]): string | null {
  const value = fields[name]
  if (isUnset(value)) return null
  if (typeof value === 'string') return value
  problems.push({ path: `${path}.${name}`, message: 'has to be text' })
  return null
}

function pem(fields: JsonObject, path: string, name: string, form: RegExp, what: string, problems: Problem[]): string | null {
  const encoded = text(fields, path, name, problems)
  if (encoded === null) return null
  const decoded = decodeBase64(encoded)
  if (decoded !== null && form.test(decoded)) return decoded
  problems.push({ path: `${path}.${name}`, message: `is not the base64 of a PEM ${what}` })
  return null
}

/** Null for what isn't base64. PEM is ASCII. */
export function decodeBase64(encoded: string): string | null {
  const compact = encoded.replaceAll(/\s/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.replace(/=+$/, '').length % 4 === 1) return null
  return atob(compact)
}
