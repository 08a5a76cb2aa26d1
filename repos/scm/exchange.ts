import { Agent as HttpAgent, type IncomingHttpHeaders, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { getCACertificates } from 'node:tls'
import { FleetError } from '../../fleet/errors.ts'

/*
 * One HTTP request, bounded in time and size, by node:http and not by fetch: only here can the address that a name resolves to be judged
 * before a connection is made, redirects be seen before they are followed, and every header of an answer be had. Client libraries of hosts ask over it.
 */

export interface Question {
  readonly method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** PEM certificates to trust beside those of the system. */
  readonly ca?: string | undefined
  readonly timeoutMs: number
  readonly bytesMax: number
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Exchanger {
  /** Throws GIT_UNREACHABLE, LIMIT_EXCEEDED, INVALID_INPUT (a refused address), or the reason of the caller's signal. */
  readonly exchange: (question: Question) => Promise<Answer>
  readonly close: () => void
}

const socketsMax = 32
const idleMs = 15_000

export function createExchanger(lookup: LookupFunction): Exchanger {
  const options = { keepAlive: true, maxSockets: socketsMax, timeout: idleMs }
  const agents = { http: new HttpAgent(options), https: new HttpsAgent(options) }

  const send = (question: Question, signal: AbortSignal): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { method, url, headers, body, ca, bytesMax } = question
      const isTls = url.protocol === 'https:'
      const common = { method, headers: { 'user-agent': 'roadstead', ...headers }, lookup, signal }
      const request = isTls
        ? requestHttps(url, { ...common, agent: agents.https, ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }) })
        : requestHttp(url, { ...common, agent: agents.http })
      request.once('error', reject)
      request.once('response', (response) => {
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.byteLength
          if (bytes > bytesMax)
            response.destroy(new FleetError('LIMIT_EXCEEDED', `the answer of ${url.host} is longer than ${bytesMax} bytes`))
          else chunks.push(chunk)
        })
        response.once('error', reject)
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }))
        response.once('close', () => reject(new Error('the connection closed in the middle of the answer')))
      })
      request.end(body)
    })

  return {
    exchange: async (question) => {
      const deadline = AbortSignal.timeout(question.timeoutMs)
      const signal = question.signal === undefined ? deadline : AbortSignal.any([deadline, question.signal])
      try {
        return await send(question, signal)
      } catch (error) {
        question.signal?.throwIfAborted()
        if (error instanceof FleetError) throw error
        const { origin } = question.url
        if (deadline.aborted) throw new FleetError('GIT_UNREACHABLE', `${origin} did not answer within ${question.timeoutMs} ms`)
        throw new FleetError('GIT_UNREACHABLE', `${origin} can't be reached: ${reasonOf(error)}`)
      }
    },
    close: () => {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection failed'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
