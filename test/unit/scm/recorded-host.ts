import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject } from '../../../fleet/json.ts'
import { createScm, type ScmOptions } from '../../../repos/scm/create-scm.ts'
import type { Scm } from '../../../repos/scm/scm.ts'

/** An answer as the host's API reference shows it. */
export interface Recorded {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown
}

export interface Asked {
  /** `GET /path?query` */
  readonly line: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface RecordedHost {
  readonly url: string
  readonly asked: Asked[]
  /** Answers from now on. A list is given one after the other, its last one for ever; a function sees the request. */
  answers: Record<string, Recorded | readonly Recorded[] | ((asked: Asked) => Recorded)>
  stop(): Promise<void>
}

/** A server on loopback that gives recorded answers by method, path and query (in the order of the alphabet); 404 for everything else. */
export async function startRecordedHost(): Promise<RecordedHost> {
  const given = new Map<string, number>()
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://host')
    url.searchParams.sort()
    const line = `${request.method} ${url.pathname}${decodeURIComponent(url.search)}`
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const asked = { line, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') }
      host.asked.push(asked)
      const found = host.answers[line]
      const count = given.get(line) ?? 0
      given.set(line, count + 1)
      const one = typeof found === 'function' ? found(asked) : isList(found) ? found[Math.min(count, found.length - 1)] : found
      const { status = 200, headers = {}, body = '' } = one ?? { status: 404, body: { message: `not recorded: ${line}` } }
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(request.method === 'HEAD' ? undefined : text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host: RecordedHost = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    answers: {},
    stop: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return host
}

function isList(found: RecordedHost['answers'][string] | undefined): found is readonly Recorded[] {
  return Array.isArray(found)
}

export const token = 'tok-3n-of-tests'

/** A client that may ask loopback; every secret is `token`. */
export function scmForTests(options: Partial<ScmOptions> = {}): Scm {
  return createScm({
    policy: { allowLoopback: true, allowedApis: [] },
    readSecret: async () => token,
    readConfigMap: async () => null,
    nowMs: () => Date.now(),
    ...options,
    limits: { retryFirstMs: 1, ...options.limits },
  })
}

export const tokenRef: JsonObject = { secretName: 'scm', key: 'token' }
