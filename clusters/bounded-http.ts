import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { RequestContext } from '@kubernetes/client-node'
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
  /** For each try, the wait for a free socket included. */
  readonly timeoutMs?: number | undefined
}

/** A request that was answered, for metrics. */
export interface AnsweredRequest {
  readonly method: string
  readonly status: number
  readonly durationMs: number
}

export interface BoundedHttp {
  /** The parsed body of a 2xx. Throws KubeApiError for every other answer, and FleetError CLUSTER_UNREACHABLE without one. */
  readonly exchange: (request: RequestContext, call: Call) => Promise<Json>
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

  const answerTo = async (request: RequestContext, call: Call): Promise<Answer> => {
    const startedMs = performance.now()
    const timeoutMs = call.timeoutMs ?? limits.requestTimeoutMs
    const timeout = AbortSignal.timeout(timeoutMs)
    const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal])
    try {
      const answer = await orAborted(
        signal,
        slots.run(signal, () => dispatch(request, signal, limits.responseBytesMax)),
      )
      onAnswer?.({ method: request.getHttpMethod(), status: answer.status, durationMs: performance.now() - startedMs })
      return answer
    } catch (error) {
      if (!timeout.aborted) throw error
      const message = `${server} can't be reached: no answer to ${call.what} within ${timeoutMs} ms (timeout)`
      throw new FleetError('CLUSTER_UNREACHABLE', message, { cause: 'ETIMEDOUT', tls: false })
    }
  }

  const attemptAt = async (attempt: number, request: RequestContext, call: Call): Promise<Success | Failure> => {
    try {
      const { status, retryAfter, text } = await answerTo(request, call)
      const body = parse(text)
      if (status < 200 || status >= 300) {
        const error = new KubeApiError(call.what, status, redacted(body, secret))
        return { error, waitMs: waitAsTold(status, retryAfterMsOf(retryAfter, body), attempt, limits) }
      }
      if (body === undefined) throw new FleetError('CLUSTER_UNREACHABLE', `${server} answered ${call.what} with something that isn't JSON`)
      return { body }
    } catch (error) {
      call.signal?.throwIfAborted()
      return { error: unreachable(server, error), waitMs: attempt === 0 && closedSocket.has(codeOf(error)) ? 0 : null }
    }
  }

  return {
    exchange: async (request, call) => {
      for (let attempt = 0; ; attempt++) {
        const outcome = await attemptAt(attempt, request, call)
        if ('body' in outcome) return outcome.body
        if (outcome.waitMs === null || attempt >= limits.retriesMax) throw outcome.error
        await sleep(outcome.waitMs, undefined, call.signal === undefined ? {} : { signal: call.signal })
      }
    },
  }
}

interface Success {
  readonly body: Json
}

interface Failure {
  readonly error: FleetError
  /** Until the next try; null: none. What is sent here may be sent twice: reads, server-side applies and deletes with a precondition. */
  readonly waitMs: number | null
}

/** A server that closes a kept-alive socket just as it is used again has not seen the request. */
const closedSocket = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

function waitAsTold(status: number, retryAfterMs: number | null, attempt: number, limits: GatewayLimits): number | null {
  if (status !== 429 && !(status === 503 && retryAfterMs !== null)) return null
  return Math.min(retryAfterMs ?? retryFirstMs * 2 ** attempt, limits.retryAfterMaxMs)
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

/** One request and its whole answer, as it comes: no redirect is followed and nothing is unpacked. */
async function dispatch(request: RequestContext, signal: AbortSignal, bytesMax: number): Promise<Answer> {
  const dispatcher = request.getDispatcher()
  if (dispatcher === undefined) throw new FleetError('INTERNAL', 'A request has to be authenticated before it is sent')
  const url = new URL(request.getUrl())
  const body = request.getBody()
  const answer = await dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: request.getHttpMethod(),
    headers: request.getHeaders(),
    ...(typeof body === 'string' ? { body } : {}),
    signal,
  })
  const text = await readBounded(answer.body, bytesMax)
  // the pool takes a socket for free a turn after its answer has ended: sooner, the next request would open another
  await nextTurn()
  const retryAfter = answer.headers['retry-after']
  return { status: answer.statusCode, retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined, text }
}

/** The dispatcher heeds a signal only once a request is on a socket, not while it connects. Its slot stays taken for as long as it does. */
function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const stop = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', stop))
}

async function readBounded(body: AsyncIterable<Buffer>, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    // leaving the loop closes the socket
    if (bytes > bytesMax) throw new FleetError('LIMIT_EXCEEDED', `The cluster's answer is larger than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Undefined for what isn't JSON. */
function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** A hostile server may send the token back to see where it turns up. Texts are compared as parsed, however they were escaped. */
function redacted(body: Json | undefined, secret: string | null): Json | undefined {
  if (secret === null || secret === '' || body === undefined) return body
  const hide = (_name: string, value: unknown) => (typeof value === 'string' ? value.replaceAll(secret, '***') : value)
  return JSON.parse(JSON.stringify(body), hide) as Json
}
