import { createHash } from 'node:crypto'
import type { CodeCommitClientConfig } from '@aws-sdk/client-codecommit'
import { FleetError } from '../../fleet/errors.ts'
import { checkedApi, type ScmAddressPolicy } from './address.ts'
import type { AwsServiceName } from './aws-environment.ts'
import type { ClientParts } from './host-client.ts'
import { pacedExchange } from './paced-exchange.ts'

/** One service in one region, asked by one identity. */
export interface AwsConnection {
  readonly service: AwsServiceName
  readonly region: string
  /** Null: where AWS has it. */
  readonly endpoint: URL | null
  /** What the rate budget belongs to: keys change, a role stays. */
  readonly identity: string
}

/** What the AWS SDK hands to a request handler, as far as its JSON and query protocols use it. */
interface SdkRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

type RetryStrategy = Extract<NonNullable<CodeCommitClientConfig['retryStrategy']>, { readonly acquireInitialRetryToken: unknown }>
type RetryToken = Awaited<ReturnType<RetryStrategy['acquireInitialRetryToken']>>

/** Tries after the first one of what is throttled: a repository is a request each, so that a large account meets AWS's rate in every pass. */
const throttledRetriesMax = 6

/**
 * What every client of the AWS SDK is configured with, those that ask STS for credentials among them: requests go where the policy
 * allows, in the rate budget of who asks, bounded, tried again as other hosts' are, and led nowhere else by a redirect. Nothing is
 * read from the environment or ~/.aws.
 */
export function awsWire(connection: AwsConnection, policy: ScmAddressPolicy, parts: ClientParts) {
  const { service, region, endpoint, identity } = connection
  const { limits, nowMs } = parts
  const budget = parts.budgets.of(createHash('sha256').update(`aws ${service} ${region} ${endpoint?.href} ${identity}`).digest('hex'))

  const handle = async (request: SdkRequest, { abortSignal }: { readonly abortSignal?: unknown } = {}) => {
    const port = request.port === undefined ? '' : `:${request.port}`
    const url = checkedApi(`${request.protocol}//${request.hostname}${port}${request.path}`, policy)
    const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined
    const question = () => ({
      method: 'POST' as const,
      url,
      headers: request.headers,
      body: typeof request.body === 'string' ? request.body : new TextDecoder().decode(bytesOf(request.body)),
      timeoutMs: limits.requestTimeoutMs,
      bytesMax: limits.bodyBytesMax,
      signal,
    })
    const { status, headers, body } = await pacedExchange(question, url.origin, budget, {
      exchanger: parts.exchanger,
      limits,
      nowMs,
      signal,
    })
    const flat = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []))
    return { response: { statusCode: status, headers: Object.fromEntries(flat), body } }
  }

  const retryStrategy: RetryStrategy = {
    acquireInitialRetryToken: async () => tryOf(0, 0),
    refreshRetryTokenForRetry: async (token, { error, errorType }) => {
      const tries = token.getRetryCount()
      const isThrottled = errorType === 'THROTTLING'
      const isPassing = error instanceof FleetError ? isConnection(error) : errorType !== 'CLIENT_ERROR'
      if (!isPassing || tries >= (isThrottled ? throttledRetriesMax : limits.retriesMax)) throw new Error('not tried again')
      const backOffMs = Math.min(limits.retryFirstMs * 2 ** tries, limits.pauseMaxMs)
      // AWS doesn't say for how long: everybody with this identity waits a little.
      if (isThrottled) budget.pausedUntilMs = Math.max(budget.pausedUntilMs, nowMs() + backOffMs)
      return tryOf(tries + 1, isThrottled ? 0 : backOffMs)
    },
    recordSuccess: () => undefined,
  }

  return {
    region,
    ...(endpoint === null ? {} : { endpoint: endpoint.href }),
    requestHandler: { handle },
    retryStrategy,
    retryMode: 'standard',
    maxAttempts: throttledRetriesMax + 1,
    ignoreConfiguredEndpointUrls: true,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    authSchemePreference: [],
    userAgentAppId: 'roadstead',
  }
}

export type AwsWire = ReturnType<typeof awsWire>

function tryOf(tries: number, delayMs: number): RetryToken {
  return { getRetryCount: () => tries, getRetryDelay: () => delayMs }
}

/** No connection may pass; a pause that is too long was said already. */
function isConnection({ code, details }: FleetError): boolean {
  return code === 'GIT_UNREACHABLE' && details['pausedUntilMs'] === undefined
}

function bytesOf(body: unknown): Uint8Array {
  if (body === undefined || body instanceof Uint8Array) return body ?? new Uint8Array()
  throw new FleetError('INTERNAL', 'the AWS SDK sends something that is neither text nor bytes')
}
