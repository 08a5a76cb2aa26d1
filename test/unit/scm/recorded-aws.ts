import type { AwsEnvironment } from '../../../repos/scm/aws-account.ts'
import { signed } from '../../../repos/scm/aws-signature.ts'
import { type Asked, type Recorded, type RecordedHost, startRecordedHost } from './recorded-host.ts'

/** What AWS answers to an operation: a list is given one after the other, its last one for ever. */
export type AwsAnswers = Record<string, Recorded | readonly Recorded[] | ((input: Record<string, unknown>, asked: Asked) => Recorded)>

export interface RecordedAws {
  readonly environment: AwsEnvironment
  /** `codecommit ListRepositories {"nextToken":"2"}`: service and region are those of the signature. */
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
    const scope = signedFor(asked, host.url)
    if (scope === null) return failure('InvalidSignatureException', 'The request signature we calculated does not match')
    const target = asked.headers['x-amz-target']
    const form = new URLSearchParams(asked.body)
    const operation = typeof target === 'string' ? (target.split('.')[1] ?? '') : (form.get('Action') ?? '')
    const input = typeof target === 'string' ? JSON.parse(asked.body) : Object.fromEntries(form)
    aws.asked.push(`${scope} ${operation} ${JSON.stringify(input)}`)
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

export function failure(code: string, message: string, status = 400): Recorded {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: { __type: code, message } }
}

/** `service region` of a request that one of the known keys signed as it came; null for any other. */
function signedFor({ headers, body }: Asked, url: string): string | null {
  const authorization = headers.authorization ?? ''
  const [, id, region, service, names] =
    /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+),/.exec(authorization) ?? []
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date']))
  const keys = [ownKeys, roleKeys].find((one) => one.accessKeyId === id)
  if (keys === undefined || region === undefined || service === undefined || names === undefined || date === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = date.slice(1).map(Number)
  const others = names.split(';').filter((name) => !['host', 'x-amz-date', 'x-amz-security-token'].includes(name))
  const request = {
    method: 'POST',
    url: new URL(`http://${headers.host}/`),
    headers: Object.fromEntries(others.map((name) => [name, String(headers[name])])),
    body,
  }
  const again = signed(request, keys, { region, service }, Date.UTC(year, month - 1, day, hour, minute, second))
  const isTheirs = again['authorization'] === authorization && again['x-amz-security-token'] === headers['x-amz-security-token']
  return isTheirs && new URL(url).host === headers.host ? `${service} ${region}` : null
}
