import { createHash, createHmac } from 'node:crypto'

/** Keys of a user, or with a session token those of a role for a while. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** What a signature is good for besides its day. */
export interface AwsScope {
  readonly region: string
  /** The name that signatures know the service by: `codecommit`. */
  readonly service: string
}

interface Unsigned {
  readonly method: string
  readonly url: URL
  /** What is signed besides the host; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const algorithm = 'AWS4-HMAC-SHA256'

/**
 * The headers of a request with those that sign it: `x-amz-date`, `x-amz-security-token` for a session, `authorization`. AWS Signature
 * Version 4, in headers, as every service but S3 wants it (S3 encodes paths once, the others twice).
 */
export function signed(
  request: Unsigned,
  credentials: AwsCredentials,
  { region, service }: AwsScope,
  nowMs: number,
): Readonly<Record<string, string>> {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '')
  const day = time.slice(0, 8)
  const { sessionToken } = credentials
  const headers = {
    ...request.headers,
    'x-amz-date': time,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  }
  const lines = Object.entries({ ...headers, host: request.url.host })
    .map(([name, value]) => [name, value.trim().replace(/ +/g, ' ')] as const)
    .toSorted(([one], [other]) => order(one, other))
  const names = lines.map(([name]) => name).join(';')
  const canonical = [
    request.method,
    request.url.pathname.split('/').map(encoded).join('/'),
    canonicalQuery(request.url.searchParams),
    ...lines.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    sha256(request.body),
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`)
  const signature = hmac(key, [algorithm, time, scope, sha256(canonical)].join('\n')).toString('hex')
  const authorization = `${algorithm} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`
  return { ...headers, authorization }
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .toSorted(([one, first], [other, second]) => order(one, other) || order(first, second))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** Everything but RFC 3986's unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** By code point: no language has a say in it. */
function order(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
