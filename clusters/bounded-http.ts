import { setTimeout as sleep } from 'node:timers/promises'
import { type RequestContext, ResponseContext } from '@kubernetes/client-node'
import { FleetError } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import { KubeApiError, retryAfterMsOf } from './kube-api-error.ts'
import type { GatewayLimits } from './limits.ts'
import { codeOf, unreachable } from './network-error.ts'
import { createSlots } from './slots.ts'

/** What a request is for, and until when it is waited for. */
export interface Call {
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

/** A 2xx with its body, both as the library has it and parsed. */
export interface Answer {
  readonly response: ResponseContext
  readonly body: Json
}

export interface BoundedHttp {
  /** Throws KubeApiError for every answer but a 2xx, and FleetError CLUSTER_UNREACHABLE without one. */
  readonly exchange: (request: RequestContext, call: Call) => Promise<Answer>
}

const retryFirstMs = 200

/**
 * Sends the library's requests by their dispatcher, within bounds: time, size of the answer, tries and requests at a time. The library's own
 * sender follows redirects, reads answers of any size and refuses ports that browsers refuse: see docs/adr/0008-kubernetes-client.md.
 */
export function createBoundedHttp(
  server: string,
  options: {
    readonly limits: GatewayLimits
    /** What must not come back in an error. */
    readonly secret: string | null
    readonly onAnswer?: ((answered: AnsweredRequest) => void) | undefined
  },
): BoundedHttp {
  const { limits, secret, onAnswer } = options
  const slots = createSlots(limits.socketsMax)

  const once = async (request: RequestContext, call: Call): Promise<Answer> => {
    const startedMs = performance.now()
    const timeoutMs = call.timeoutMs ?? limits.requestTimeoutMs
    const timeout = AbortSignal.timeout(timeoutMs)
    const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal])
    let release: (() => void) | null = null
    try {
      release = await slots.take(signal)
      const response = await dispatch(request, signal, limits.responseBytesMax)
      const status = response.httpStatusCode
      onAnswer?.({ method: request.getHttpMethod(), status, durationMs: performance.now() - startedMs })
      const body = parse(await response.body.text())
      if (status < 200 || status >= 300)
        throw new Refusal(
          new KubeApiError(call.what, status, redacted(body, secret)),
          retryAfterMsOf(response.headers['retry-after'], body),
        )
      if (body === undefined) throw new FleetError('CLUSTER_UNREACHABLE', `${server} answered ${call.what} with something that isn't JSON`)
      return { response, body }
    } catch (error) {
      if (error instanceof Refusal) throw error
      call.signal?.throwIfAborted()
      if (timeout.aborted)
        throw new FleetError(
          'CLUSTER_UNREACHABLE',
          `${server} can't be reached: no answer to ${call.what} within ${timeoutMs} ms (timeout)`,
          { cause: 'ETIMEDOUT', tls: false },
        )
      throw error
    } finally {
      release?.()
    }
  }

  return {
    exchange: async (request, call) => {
      for (let attempt = 0; ; attempt++) {
        try {
          return await once(request, call)
        } catch (error) {
          call.signal?.throwIfAborted()
          const waitMs = attempt < limits.retriesMax ? waitBeforeRetry(error, attempt, limits) : null
          if (waitMs === null) throw error instanceof Refusal ? error.refusal : unreachable(server, error)
          await sleep(waitMs, undefined, call.signal === undefined ? {} : { signal: call.signal })
        }
      }
    },
  }
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

/** A server that closes a kept-alive socket just as it is used again has not seen the request. */
const closedSocket = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** Null: don't. Everything that is sent here may be sent twice: reads, server-side applies and deletes with a precondition. */
function waitBeforeRetry(error: unknown, attempt: number, limits: GatewayLimits): number | null {
  if (!(error instanceof Refusal)) return attempt === 0 && closedSocket.has(codeOf(error)) ? 0 : null
  if (error.refusal.status !== 429 && !(error.refusal.status === 503 && error.retryAfterMs !== null)) return null
  return Math.min(error.retryAfterMs ?? retryFirstMs * 2 ** attempt, limits.retryAfterMaxMs)
}

/** One request and its whole answer, as it comes: no redirect is followed and nothing is unpacked. */
async function dispatch(request: RequestContext, signal: AbortSignal, bytesMax: number): Promise<ResponseContext> {
  const url = new URL(request.getUrl())
  const sent = request.getBody()
  const answer = await request.getDispatcher()?.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: request.getHttpMethod(),
    headers: { ...request.getHeaders(), 'user-agent': 'roadstead' },
    ...(typeof sent === 'string' ? { body: sent } : {}),
    signal,
  })
  if (answer === undefined) throw new FleetError('INTERNAL', 'A request has to be authenticated before it is sent')
  const bytes = await readBounded(answer.body, bytesMax)
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const)
  const text = bytes.toString('utf8')
  return new ResponseContext(answer.statusCode, Object.fromEntries(headers), {
    text: () => Promise.resolve(text),
    binary: () => Promise.resolve(bytes),
    stream: () => null,
  })
}

async function readBounded(body: AsyncIterable<Buffer>, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    // leaving the loop closes the socket
    if (bytes > bytesMax) throw new FleetError('LIMIT_EXCEEDED', `The cluster's answer is larger than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
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
