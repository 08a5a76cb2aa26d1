import type { IncomingMessage } from 'node:http'
import { Agent, type AgentOptions, type RequestOptions, request } from 'node:https'
import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkServerIdentity } from 'node:tls'
import { type AddressPolicy, serverProblem } from '../fleet/cluster-address.ts'
import { FleetError } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import type { ClusterAccess } from './gateway.ts'
import { guardedLookup } from './guarded-lookup.ts'
import { KubeApiError, retryAfterMsOf } from './kube-api-error.ts'
import type { GatewayLimits } from './limits.ts'
import { codeOf, unreachable } from './network-error.ts'

export interface KubeRequest {
  readonly method: 'GET' | 'PATCH' | 'DELETE'
  /** From the root, escaped. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly accept?: string
  readonly contentType?: string
  readonly body?: Json
  /** For messages, such as `patch apps/Deployment web/api`. */
  readonly what: string
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
}

/** A request that was answered, for metrics. */
export interface AnsweredRequest {
  readonly method: string
  readonly status: number
  readonly durationMs: number
}

export interface Connection {
  /** The parsed answer of a 2xx. Throws KubeApiError for every other answer, and FleetError CLUSTER_UNREACHABLE without one. */
  readonly send: (request: KubeRequest) => Promise<Json>
  readonly close: () => void
}

/** A socket without requests is closed after this. API servers keep theirs for minutes, load balancers for one. */
const idleSocketMs = 30_000
const retryFirstMs = 200

/**
 * Connections to one API server over node's own https client: it takes the CA, the client certificate and a lookup of ours, keeps sockets
 * alive, and follows no redirect. The certificate is always verified.
 */
export function connect(
  access: ClusterAccess,
  options: {
    readonly limits: GatewayLimits
    readonly policy: AddressPolicy
    readonly onAnswer?: ((answered: AnsweredRequest) => void) | undefined
  },
): Connection {
  const { limits, policy, onAnswer } = options
  const problem = serverProblem(access.server, policy)
  if (problem !== null) throw new FleetError('CLUSTER_UNREACHABLE', `The server address ${problem}`, { refused: true })
  const base = new URL(access.server)
  const agent = new Agent({
    ...tlsOptions(access),
    keepAlive: true,
    maxSockets: limits.socketsMax,
    timeout: idleSocketMs,
    lookup: guardedLookup(policy),
  })
  const { credentials } = access
  const secret = credentials.kind === 'bearerToken' ? credentials.token : null

  const once = async (sent: KubeRequest): Promise<Json> => {
    const startedMs = performance.now()
    const timeout = AbortSignal.timeout(sent.timeoutMs ?? limits.requestTimeoutMs)
    const payload = sent.body === undefined ? undefined : Buffer.from(JSON.stringify(sent.body))
    const requestOptions: RequestOptions = {
      agent,
      method: sent.method,
      host: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port === '' ? 443 : Number(base.port),
      path: pathOf(base, sent),
      headers: {
        accept: sent.accept ?? 'application/json',
        'user-agent': 'roadstead',
        ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
        ...(payload === undefined ? {} : { 'content-type': sent.contentType ?? 'application/json', 'content-length': payload.length }),
      },
      signal: sent.signal === undefined ? timeout : AbortSignal.any([timeout, sent.signal]),
    }
    try {
      const { message, text } = await exchange(requestOptions, payload, limits.responseBytesMax)
      const status = message.statusCode ?? 0
      onAnswer?.({ method: sent.method, status, durationMs: performance.now() - startedMs })
      const body = parse(text)
      if (status >= 200 && status < 300) {
        if (body === undefined)
          throw new FleetError('CLUSTER_UNREACHABLE', `${access.server} answered ${sent.what} with something that isn't JSON`)
        return body
      }
      throw new Refusal(new KubeApiError(sent.what, status, redacted(body, secret)), retryAfterMsOf(message.headers['retry-after'], body))
    } catch (error) {
      if (error instanceof Refusal) throw error
      sent.signal?.throwIfAborted()
      if (timeout.aborted) {
        const ms = sent.timeoutMs ?? limits.requestTimeoutMs
        throw new FleetError(
          'CLUSTER_UNREACHABLE',
          `${access.server} can't be reached: no answer to ${sent.what} within ${ms} ms (timeout)`,
          { cause: 'ETIMEDOUT', tls: false },
        )
      }
      throw error
    }
  }

  const send = async (sent: KubeRequest): Promise<Json> => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(sent)
      } catch (error) {
        sent.signal?.throwIfAborted()
        const waitMs = attempt < limits.retriesMax ? waitBeforeRetry(error, attempt, limits) : null
        if (waitMs === null) throw error instanceof Refusal ? error.refusal : unreachable(access.server, error)
        await sleep(waitMs, undefined, sent.signal === undefined ? {} : { signal: sent.signal })
      }
    }
  }
  return { send, close: () => agent.destroy() }
}

/** An answer other than 2xx, on its way from one try to the decision about the next. */
class Refusal extends Error {
  readonly refusal: KubeApiError
  readonly retryAfterMs: number | null
  constructor(refusal: KubeApiError, retryAfterMs: number | null) {
    super(refusal.message)
    this.refusal = refusal
    this.retryAfterMs = retryAfterMs
  }
}

/** Null: don't. Everything that is sent here may be sent twice: reads, server-side applies and deletes with a precondition. */
function waitBeforeRetry(error: unknown, attempt: number, limits: GatewayLimits): number | null {
  if (error instanceof Refusal) {
    if (error.refusal.status !== 429 && !(error.refusal.status === 503 && error.retryAfterMs !== null)) return null
    return Math.min(error.retryAfterMs ?? retryFirstMs * 2 ** attempt, limits.retryAfterMaxMs)
  }
  // the server has closed a kept-alive socket just as it was used again
  const stale = error instanceof SocketError && error.reused && attempt === 0
  return stale ? 0 : null
}

class SocketError extends Error {
  readonly code: string
  readonly reused: boolean
  constructor(error: Error, reused: boolean) {
    super(error.message)
    this.code = codeOf(error)
    this.reused = reused && (this.code === 'ECONNRESET' || this.code === 'EPIPE')
  }
}

function exchange(
  options: RequestOptions,
  payload: Buffer | undefined,
  bytesMax: number,
): Promise<{ message: IncomingMessage; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (message) => {
      const chunks: Buffer[] = []
      let bytes = 0
      message.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes <= bytesMax) chunks.push(chunk)
        else outgoing.destroy(new FleetError('LIMIT_EXCEEDED', `The cluster's answer is larger than ${bytesMax} bytes`))
      })
      message.on('error', reject)
      message.on('end', () => resolve({ message, text: Buffer.concat(chunks).toString('utf8') }))
    })
    outgoing.on('error', (error) => reject(error instanceof FleetError ? error : new SocketError(error, outgoing.reusedSocket)))
    outgoing.end(payload)
  })
}

function tlsOptions(access: ClusterAccess): AgentOptions {
  const { caData, tlsServerName, credentials } = access
  const identity = tlsServerName
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(caData === null ? {} : { ca: caData }),
    ...(credentials.kind === 'clientCertificate' ? { cert: credentials.certificate, key: credentials.key } : {}),
    // an address can't be sent as a server name, but the certificate may be for one
    ...(identity === null
      ? {}
      : isIP(identity) === 0
        ? { servername: identity }
        : { checkServerIdentity: (_host, certificate) => checkServerIdentity(identity, certificate) }),
  }
}

function pathOf(base: URL, sent: KubeRequest): string {
  const prefix = base.pathname.replace(/\/+$/, '')
  const query = sent.query === undefined ? '' : `?${new URLSearchParams(sent.query).toString()}`
  return `${prefix}${sent.path}${query}`
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** A hostile server may send the token back to see where it turns up. */
function redacted(body: Json | undefined, secret: string | null): Json | undefined {
  if (secret === null || body === undefined) return body
  return JSON.parse(JSON.stringify(body).replaceAll(JSON.stringify(secret).slice(1, -1), '***')) as Json
}
