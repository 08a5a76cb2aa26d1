import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import type { AnswerCache } from './answer-cache.ts'
import type { Answer, Exchanger, Question } from './exchange.ts'
import type { ScmLimits } from './limits.ts'
import { pacedExchange } from './paced-exchange.ts'
import type { RateBudgets } from './rate-budget.ts'
import { requireNames } from './url-path.ts'

/** One API with one credential. */
export interface Connection {
  /** Without a slash at the end; paths of requests are put behind it. */
  readonly base: URL
  /** With the credential in it. */
  readonly headers: Readonly<Record<string, string>>
  /** What the rate budget belongs to where it isn't the credential itself, such as an app whose tokens change. */
  readonly identity?: string
  /** What must not come back in an error. */
  readonly secret: string | null
  readonly ca?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Reply<T> {
  readonly value: T
  readonly headers: IncomingHttpHeaders
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * Asks one API. Errors: GIT_DENIED (401, 403), GIT_NOT_FOUND (404), GIT_UNREACHABLE (no answer, 5xx, a rate limit, an answer of another
 * shape), LIMIT_EXCEEDED. Redirects are followed within the origin only, so that credentials never reach another host.
 */
export interface HostClient {
  /** `path`: behind the base, or a whole address of the same origin (links to further pages). */
  readonly get: <T>(path: string, schema: z.ZodType<T>, query?: Query) => Promise<Reply<T>>
  /** Whether there is something: 404 is a plain no. */
  readonly exists: (path: string, query?: Query, method?: 'GET' | 'HEAD') => Promise<boolean>
  /** Not tried twice. */
  readonly post: <T>(path: string, body: string, schema: z.ZodType<T>) => Promise<T>
  /**
   * What the host's own client library asks with. It is held to all of the above, and only here is the credential put in: the library never has
   * it. A refusal is thrown, where a plain fetch would give it as an answer.
   */
  readonly fetch: (url: string, init?: FetchInit) => Promise<Response>
  readonly base: URL
}

/** As much of a fetch's options as the libraries use. */
export interface FetchInit {
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: unknown
}

export interface ClientParts {
  readonly exchanger: Exchanger
  readonly budgets: RateBudgets
  readonly kept: AnswerCache
  readonly limits: ScmLimits
  readonly nowMs: () => number
}

export function createHostClient(connection: Connection, parts: ClientParts): HostClient {
  const { limits, nowMs } = parts
  const { base, signal } = connection
  const credential = createHash('sha256')
    .update(`${base.origin}\n${connection.identity ?? connection.headers['authorization'] ?? JSON.stringify(connection.headers)}`)
    .digest('hex')
  const budget = parts.budgets.of(credential)

  const once = (question: Question): Promise<Answer> =>
    pacedExchange(() => question, base.origin, budget, { exchanger: parts.exchanger, limits, nowMs, signal })

  /** A redirect within the origin is followed for what only reads. */
  async function redirected(question: Question): Promise<Answer> {
    let url = question.url
    for (let redirects = 0; ; redirects++) {
      const answer = await once({ ...question, url })
      if (answer.status < 300 || answer.status >= 400 || answer.status === 304) return answer
      if (redirects === limits.redirectsMax) throw new FleetError('GIT_UNREACHABLE', `${base.origin} redirects without an end`)
      url = redirectTarget(url, answer.headers.location)
    }
  }

  async function reading(method: ReadingMethod, url: URL, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const asked = { accept: 'application/json', ...more, ...connection.headers }
    const key = `${credential} ${method} ${asked.accept} ${url.href}`
    const known = parts.kept.get(key)
    const headers = { ...asked, ...(known === undefined ? {} : { 'if-none-match': known.etag }) }
    const question = { method, url, headers, ca: connection.ca, timeoutMs: limits.requestTimeoutMs, bytesMax: limits.bodyBytesMax, signal }
    for (let attempt = 0; ; attempt++) {
      const again = attempt < limits.retriesMax
      let answer: Answer
      try {
        answer = await redirected(question)
      } catch (error) {
        const isNetwork = error instanceof FleetError && error.code === 'GIT_UNREACHABLE' && error.details['pausedUntilMs'] === undefined
        if (!isNetwork || !again) throw error
        await sleep(limits.retryFirstMs * 2 ** attempt, undefined, signal === undefined ? {} : { signal })
        continue
      }
      // Where the next page is may have changed although the body didn't: what came now counts.
      if (answer.status === 304 && known !== undefined)
        return { status: 200, headers: { ...known.headers, ...answer.headers }, body: known.body }
      const etag = answer.headers.etag
      if (answer.status === 200 && etag !== undefined) parts.kept.set(key, { etag, headers: answer.headers, body: answer.body })
      else if (answer.status === 200) parts.kept.delete(key)
      // A limit pauses the credential: the next try waits for it, or says until when.
      const isPaused = budget.pausedUntilMs > nowMs()
      const isLimit = answer.status === 429 || (answer.status === 403 && isPaused)
      if (!again || !(isLimit || answer.status >= 500)) return answer
      if (!isPaused) await sleep(limits.retryFirstMs * 2 ** attempt, undefined, signal === undefined ? {} : { signal })
    }
  }

  /** What is there, or the refusal. */
  async function given(method: ReadingMethod, url: URL, more?: Readonly<Record<string, string>>): Promise<Answer> {
    const answer = await reading(method, url, more)
    if (answer.status !== 200) throw refusal(answer, url, connection)
    return answer
  }

  const addressOf = (path: string, query: Query = {}): URL => {
    const isWhole = /^https?:/i.test(path)
    const url = new URL(isWhole ? path : `${base.href.replace(/\/+$/, '')}${path}`)
    if (url.origin !== base.origin)
      throw new FleetError(
        'GIT_UNREACHABLE',
        `${base.origin} names a further page at ${url.origin}, which is refused: credentials stay with one host`,
      )
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
    return url
  }

  async function posting(url: URL, body: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const headers = { accept: 'application/json', 'content-type': 'application/json', ...more, ...connection.headers }
    const bounds = { ca: connection.ca, timeoutMs: limits.requestTimeoutMs, bytesMax: limits.bodyBytesMax, signal }
    const answer = await once({ method: 'POST', url, headers, body, ...bounds })
    if (answer.status !== 200 && answer.status !== 201) throw refusal(answer, url, connection)
    return answer
  }

  return {
    base,
    get: async (path, schema, query) => {
      const url = addressOf(path, query)
      const answer = await given('GET', url)
      return { value: checked(jsonOf(answer.body), schema, url), headers: answer.headers }
    },
    exists: async (path, query, method = 'GET') => {
      const url = addressOf(path, query)
      const answer = await reading(method, url)
      if (answer.status === 404) return false
      if (answer.status !== 200) throw refusal(answer, url, connection)
      return true
    },
    post: async (path, body, schema) => {
      const url = addressOf(path)
      return checked(jsonOf((await posting(url, body)).body), schema, url)
    },
    fetch: async (address, { method = 'GET', headers = {}, body } = {}) => {
      requireNames(address)
      const url = addressOf(address)
      const more = Object.fromEntries(new Headers(headers))
      delete more['user-agent']
      if (method === 'POST') return responseOf(await posting(url, typeof body === 'string' ? body : '', more), url)
      if (!isReading(method)) throw new FleetError('INTERNAL', `${method} is nothing that is asked of a host`)
      return responseOf(await given(method, url, more), url)
    },
  }
}

type ReadingMethod = 'GET' | 'HEAD' | 'OPTIONS'

function isReading(method: string): method is ReadingMethod {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/** We ask for JSON only, and some proxies drop the type. */
function responseOf({ status, headers, body }: Answer, { href }: URL): Response {
  const texts = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, [value].flat().join(', ')] as const],
  )
  const response = new Response(new Uint8Array(body), {
    status,
    headers: { ...Object.fromEntries(texts), 'content-type': 'application/json' },
  })
  return Object.defineProperty(response, 'url', { value: href })
}

function redirectTarget(from: URL, location: string | undefined): URL {
  const target = location === undefined ? null : URL.parse(location, from)
  if (target === null) throw new FleetError('GIT_UNREACHABLE', `${from.origin} redirects to nowhere`)
  if (target.origin !== from.origin) {
    throw new FleetError(
      'GIT_DENIED',
      `${from.origin} redirects to ${target.origin}, which is refused because credentials would go to another host (a sign-in page? then the token is missing or wrong)`,
    )
  }
  return target
}

const excerptMax = 200

function refusal({ status, body }: Answer, url: URL, { secret, headers }: Connection): FleetError {
  const what = `${url.origin}${url.pathname}`
  // As it is, and as it was sent: basic authentication encodes it.
  const sent = headers['authorization']?.split(' ')[1] ?? ''
  const said = excerpt(
    body,
    [secret ?? '', sent].filter((text) => text !== ''),
  )
  // 203 is how Azure DevOps shows its sign-in page.
  if (status === 401 || status === 403 || status === 203) {
    const why = secret === null ? 'asks for a token and none is given' : 'refuses the token, or the token may not read this'
    return new FleetError('GIT_DENIED', `${what} ${why} (HTTP ${status}${said})`, { status })
  }
  if (status === 404 || status === 410) {
    const why =
      secret === null
        ? 'there is no such thing, or it can be seen with a token only'
        : 'there is no such thing, or the token may not see it'
    return new FleetError('GIT_NOT_FOUND', `${what}: ${why} (HTTP ${status}${said})`, { status })
  }
  return new FleetError('GIT_UNREACHABLE', `${what} answers with HTTP ${status}${said}`, { status })
}

/** What the host says about it in its JSON, without the token should it come back. */
function excerpt(body: Buffer, secrets: readonly string[]): string {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'))
    const { message } = answer as { readonly message?: unknown }
    if (typeof message !== 'string' || message === '') return ''
    const clean = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), message)
    return `: ${clean.replaceAll(/\p{Cc}/gu, ' ').slice(0, excerptMax)}`
  } catch {
    return ''
  }
}

/** Undefined when it isn't JSON. */
export function jsonOf(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** What a host answered, looked at before it is believed. No value, or a text, is what libraries make of what isn't JSON. Throws GIT_UNREACHABLE. */
export function checked<T>(value: unknown, schema: z.ZodType<T>, where: URL | string): T {
  const what = typeof where === 'string' ? where : `${where.origin}${where.pathname}`
  const result = schema.safeParse(wellFormed(value))
  if (result.success) return result.data
  if (value === undefined || value === null || typeof value === 'string')
    throw new FleetError('GIT_UNREACHABLE', `${what} answers with something that isn't JSON: is this the address of its API?`)
  const [issue] = result.error.issues
  throw new FleetError(
    'GIT_UNREACHABLE',
    `${what} answers with JSON of another shape (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
  )
}

/** Half characters, which JSON can hold and no address, become U+FFFD: a name with one is none that there is, and no fault of ours. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toWellFormed(), wellFormed(item)]))
}
