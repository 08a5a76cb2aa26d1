import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import type { Json, JsonObject } from '../../fleet/json.ts'
import { textAt } from '../../fleet/json-at.ts'
import { type AwsCredentials, signed } from './aws-signature.ts'
import type { Answer } from './exchange.ts'
import type { ClientParts } from './host-client.ts'
import { pacedExchange } from './paced-exchange.ts'

export type AwsService = 'codecommit' | 'tagging' | 'sts'

/** One service in one region, asked by one identity. */
export interface AwsConnection {
  readonly service: AwsService
  readonly region: string
  readonly base: URL
  readonly credentials: AwsCredentials
  /** What the rate budget belongs to: a role whose keys change, or the id of a key. */
  readonly identity: string
  /** For messages: `the role arn:...`. */
  readonly who: string
  readonly signal: AbortSignal | undefined
}

/**
 * Asks one service of AWS; what is asked only reads, and is tried again. Errors: GIT_DENIED, GIT_NOT_FOUND (`...DoesNotExist...`),
 * GIT_UNREACHABLE (no answer, throttled, 5xx, an answer of another shape), LIMIT_EXCEEDED; `details.awsCode` is AWS's own name for it.
 */
export interface AwsClient {
  /** The JSON protocol (1.1) of CodeCommit and the tagging API. */
  readonly call: <T>(operation: string, input: JsonObject, schema: z.ZodType<T>) => Promise<T>
  /** The query protocol of STS: what it answers is XML. */
  readonly form: (operation: string, fields: Readonly<Record<string, string>>) => Promise<string>
}

const targets: Readonly<Record<AwsService, string>> = {
  codecommit: 'CodeCommit_20150413',
  tagging: 'ResourceGroupsTaggingAPI_20170126',
  sts: 'AWSSecurityTokenServiceV20110615',
}

const denials =
  /^(AccessDenied|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|IncompleteSignature|MissingAuthentication|OptInRequired|NotAuthorized|EncryptionKeyAccessDenied|RequestExpired)/
const throttles = /^(Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown)/
const excerptMax = 200
/** Tries after the first one of what is throttled: a repository is a request each, so that a large account meets AWS's rate in every pass. */
const throttledRetriesMax = 6

export function createAwsClient(connection: AwsConnection, parts: ClientParts): AwsClient {
  const { service, region, base, credentials, signal } = connection
  const { limits, nowMs } = parts
  const budget = parts.budgets.of(createHash('sha256').update(`${base.origin}\naws ${connection.identity}`).digest('hex'))

  async function once(body: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    // Signed when it is sent: a signature is good for minutes only.
    const question = () => ({
      method: 'POST' as const,
      url: base,
      headers: signed({ method: 'POST', url: base, headers, body }, credentials, { region, service }, nowMs()),
      body,
      timeoutMs: limits.requestTimeoutMs,
      bytesMax: limits.bodyBytesMax,
      signal,
    })
    return pacedExchange(question, base.origin, budget, { exchanger: parts.exchanger, limits, nowMs, signal })
  }

  async function send(operation: string, body: string, headers: Readonly<Record<string, string>>): Promise<string> {
    for (let attempt = 0; ; attempt++) {
      const backOffMs = Math.min(limits.retryFirstMs * 2 ** attempt, limits.pauseMaxMs)
      try {
        const answer = await once(body, headers)
        if (answer.status === 200) return answer.body.toString('utf8')
        throw refusal(answer, operation, connection)
      } catch (error) {
        const isPassing = error instanceof FleetError && error.code === 'GIT_UNREACHABLE' && isWorthAnother(error)
        if (!isPassing || attempt >= (error.details['throttled'] === true ? throttledRetriesMax : limits.retriesMax)) throw error
        // AWS doesn't say for how long: everybody with this identity waits a little.
        if (error.details['throttled'] === true) budget.pausedUntilMs = Math.max(budget.pausedUntilMs, nowMs() + backOffMs)
        else await sleep(backOffMs, undefined, signal === undefined ? {} : { signal })
      }
    }
  }

  return {
    call: async (operation, input, schema) => {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${targets[service]}.${operation}` }
      const what = `${base.origin} ${operation}`
      const json = jsonOf(await send(operation, JSON.stringify(input), headers))
      if (json === undefined) throw new FleetError('GIT_UNREACHABLE', `${what} answers with something that isn't JSON: is this AWS?`)
      const result = schema.safeParse(json)
      if (result.success) return result.data
      const [issue] = result.error.issues
      const where = issue?.path.join('.') ?? ''
      throw new FleetError('GIT_UNREACHABLE', `${what} answers with JSON of another shape (${where}: ${issue?.message ?? ''})`)
    },
    form: (operation, fields) => {
      const body = new URLSearchParams({ Action: operation, Version: '2011-06-15', ...fields }).toString()
      return send(operation, body, { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' })
    },
  }
}

/** No connection, 5xx and throttling may pass; a pause that is too long was said already. */
function isWorthAnother({ details }: FleetError): boolean {
  if (details['pausedUntilMs'] !== undefined) return false
  return details['throttled'] === true || typeof details['status'] !== 'number' || details['status'] >= 500
}

function refusal(answer: Answer, operation: string, { base, credentials, who }: AwsConnection): FleetError {
  const { code, message } = failureOf(answer)
  const secrets = [credentials.secretAccessKey, credentials.sessionToken ?? '']
  const clean = secrets.filter((secret) => secret !== '').reduce((text, secret) => text.replaceAll(secret, '***'), message)
  const said = clean === '' ? '' : `: ${clean.replaceAll(/\p{Cc}+/gu, ' ').slice(0, excerptMax)}`
  const what = `${base.origin} ${operation}`
  const how = `(${code === '' ? `HTTP ${answer.status}` : code}${said})`
  const details = { status: answer.status, ...(code === '' ? {} : { awsCode: code }) }
  const isThrottled = answer.status === 429 || throttles.test(code)
  if (isThrottled) return new FleetError('GIT_UNREACHABLE', `${what} is asked too often ${how}`, { ...details, throttled: true })
  if (answer.status === 401 || answer.status === 403 || denials.test(code))
    return new FleetError('GIT_DENIED', `${what} refuses ${who} ${how}`, details)
  if (/DoesNotExist/.test(code)) return new FleetError('GIT_NOT_FOUND', `${what}: there is no such thing ${how}`, details)
  return new FleetError('GIT_UNREACHABLE', `${what} fails ${how}`, details)
}

/** AWS's name for what is wrong, without namespace and address, and what it says about it; from JSON or XML. */
function failureOf({ headers, body }: Answer): { readonly code: string; readonly message: string } {
  const text = body.toString('utf8')
  const json = jsonOf(text)
  const header = headers['x-amzn-errortype']
  const named = (typeof header === 'string' ? header : '') || textAt(json, '__type') || textAt(json, 'code') || xmlText(text, 'Code')
  const code = /^(?:[^#]*#)?([A-Za-z][A-Za-z.]{0,99})(?::|$)/.exec(named)?.[1] ?? ''
  return { code, message: textAt(json, 'message') || textAt(json, 'Message') || xmlText(text, 'Message') }
}

/** The text of the first element of this name, which has no elements in it; '' when there is none. */
export function xmlText(xml: string, name: string): string {
  const [, text = ''] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? []
  return text.trim()
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
