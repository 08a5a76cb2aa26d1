import { createHash, createHmac } from 'node:crypto'
import type { AwsEnvironment } from '../../../repos/scm/aws-environment.ts'
import { type Asked, type Recorded, type RecordedHost, startRecordedHost } from './recorded-host.ts'

/** What AWS answers to an operation: a list is given one after the other, its last one for ever. */
export type AwsAnswers = Record<string, Recorded | readonly Recorded[] | ((input: Record<string, unknown>, asked: Asked) => Recorded)>

export interface RecordedAws {
  readonly environment: AwsEnvironment
  /** `codecommit eu-central-1 ListRepositories {"nextToken":"2"}`: service and region are those of the signature, fields in the order of the alphabet. */
  readonly asked: string[]
  readonly requests: readonly Asked[]
  answers: AwsAnswers
  stop(): Promise<void>
}

export const ownKeys = { accessKeyId: 'AKIDOWN0000000000000', secretAccessKey: 'own/secret+of/tests' }
export const roleKeys = {
  accessKeyId: 'ASIAROLE000000000000',
  secretAccessKey: 'role/secret+of/tests',
  sessionToken: 'session//token+of/tests==',
}

/** CodeCommit, the tagging API and STS at one address on loopback. A request whose signature isn't that of the known keys is refused as AWS does. */
export async function startRecordedAws(): Promise<RecordedAws> {
  const host: RecordedHost = await startRecordedHost()
  const given = new Map<string, number>()
  const aws: RecordedAws = {
    environment: {
      ...ownKeys,
      region: 'eu-central-1',
      endpoints: { codecommit: host.url, tagging: host.url, sts: host.url },
    },
    asked: [],
    requests: host.asked,
    answers: {},
    stop: () => host.stop(),
  }
  host.answers['POST /'] = (asked) => {
    const isToken = new URLSearchParams(asked.body).get('Action') === 'AssumeRoleWithWebIdentity'
    const scope = isToken && asked.headers.authorization === undefined ? 'unsigned' : signedFor(asked, host.url)
    if (scope === null) return failure('InvalidSignatureException', 'The request signature we calculated does not match')
    const target = asked.headers['x-amz-target']
    const form = new URLSearchParams(asked.body)
    const operation = typeof target === 'string' ? (target.split('.')[1] ?? '') : (form.get('Action') ?? '')
    const input = typeof target === 'string' ? JSON.parse(asked.body) : Object.fromEntries(form)
    aws.asked.push(`${scope} ${operation} ${inOrder(input)}`)
    const found = aws.answers[operation]
    if (found === undefined) return failure('UnknownOperationException', operation)
    if (typeof found === 'function') return found(input, asked)
    const count = given.get(operation) ?? 0
    given.set(operation, count + 1)
    const list: readonly Recorded[] = 'length' in found ? found : [found]
    return list[Math.min(count, list.length - 1)] ?? failure('InternalFailure', '')
  }
  return aws
}

function inOrder(input: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(input).toSorted(([one], [other]) => (one < other ? -1 : 1))))
}

export function failure(code: string, message: string, status = 400): Recorded {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: { __type: code, message } }
}

/** What STS answers to `AssumeRole` and, by another name, to `AssumeRoleWithWebIdentity`. */
export function assumed(untilMs: number, operation = 'AssumeRole'): Recorded {
  return {
    headers: { 'content-type': 'text/xml' },
    body: `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result>
      <AssumedRoleUser><AssumedRoleId>ARO123:roadstead</AssumedRoleId><Arn>arn:aws:sts::222222222222:assumed-role/discovery/roadstead</Arn></AssumedRoleUser>
      <Credentials><AccessKeyId>${roleKeys.accessKeyId}</AccessKeyId><SecretAccessKey>${roleKeys.secretAccessKey}</SecretAccessKey>
      <SessionToken>${roleKeys.sessionToken}</SessionToken><Expiration>${new Date(untilMs).toISOString()}</Expiration></Credentials>
      </${operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${operation}Response>`,
  }
}

/** `service region` of a `POST /` that one of the known keys signed as it came (AWS Signature Version 4); null for any other. */
export function signedFor({ headers, body }: Pick<Asked, 'headers' | 'body'>, url: string): string | null {
  const [, id, day, region, service, names, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=(\w{64})$/.exec(
      headers.authorization ?? '',
    ) ?? []
  const keys = [ownKeys, roleKeys].find((one) => one.accessKeyId === id)
  const time = String(headers['x-amz-date'])
  if (keys === undefined || day === undefined || region === undefined || service === undefined || names === undefined) return null
  const token = 'sessionToken' in keys ? keys.sessionToken : undefined
  const mustBeSigned = ['host', 'x-amz-date', ...(token === undefined ? [] : ['x-amz-security-token'])]
  if (!time.startsWith(day) || headers['x-amz-security-token'] !== token || headers.host !== new URL(url).host) return null
  if (!mustBeSigned.every((name) => names.split(';').includes(name))) return null
  const lines = names.split(';').map((name) => `${name}:${String(headers[name])}`)
  const canonical = ['POST', '/', '', ...lines, '', names, sha256(body)].join('\n')
  const scope = [day, region, service, 'aws4_request']
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${keys.secretAccessKey}`)
  const again = hmac(key, ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n')).toString('hex')
  return again === signature ? `${service} ${region}` : null
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
