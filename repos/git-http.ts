import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git'
import { FleetError } from '../fleet/errors.ts'
import type { RepositoryAccess } from './repository.ts'

/** Redirects followed within one origin, such as after a rename. */
const redirectsMax = 3

export interface GitHttpOptions {
  readonly access: RepositoryAccess
  readonly timeoutMs: number
  readonly stallTimeoutMs: number
  readonly bytesMax: number
  readonly signal?: AbortSignal | undefined
}

/**
 * The HTTP client of one Git operation. Credentials are sent only when the server asks for them, and never beyond the origin of the
 * repository: a redirect to another is refused. Answers are bounded in time and size. Throws FleetError, or the reason of the
 * caller's signal.
 */
export function createGitHttp(options: GitHttpOptions): HttpClient {
  const { access } = options
  const origin = new URL(access.url).origin
  const deadline = AbortSignal.timeout(options.timeoutMs)
  let authorization: string | null = null
  // Where the repository's answers really come from, once the first request was redirected within the origin.
  let moved: { readonly from: string; readonly to: string } | null = null

  async function send(url: string, request: GitHttpRequest, body: Uint8Array<ArrayBuffer> | null): Promise<GitHttpResponse> {
    const stalled = new AbortController()
    const signal = AbortSignal.any([deadline, stalled.signal, ...(options.signal === undefined ? [] : [options.signal])])
    const headers = new Headers(request.headers ?? {})
    headers.set('user-agent', 'git/roadstead')
    if (authorization !== null) headers.set('authorization', authorization)
    const watch = stallWatch(stalled, options.stallTimeoutMs)
    const fail = (error: unknown): never => {
      watch.stop()
      throw failureOf(error, access.url, options)
    }
    const response = await fetch(url, { method: request.method ?? 'GET', headers, body, redirect: 'manual', signal }).catch(fail)
    return {
      url,
      headers: Object.fromEntries(response.headers),
      statusCode: response.status,
      statusMessage: response.statusText,
      body: bounded(response.body, options.bytesMax, watch, fail, access.url),
    }
  }

  return {
    async request(request) {
      const body = request.body === undefined ? null : await collect(request.body)
      let url = moved !== null && request.url.startsWith(moved.from) ? moved.to + request.url.slice(moved.from.length) : request.url
      for (let redirects = 0; ; ) {
        const response = await send(url, request, body)
        const status = response.statusCode
        if (status === 401 && authorization === null && access.credentials !== null) {
          await discard(response)
          const { username, password } = access.credentials
          authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
          continue
        }
        if (status >= 300 && status < 400) {
          await discard(response)
          url = redirectTarget(url, response.headers?.location, origin, access.url)
          if (++redirects > redirectsMax) throw new FleetError('GIT_UNREACHABLE', `${access.url} redirects without an end`)
          continue
        }
        if (status !== 200) {
          await discard(response)
          throw refusal(status, access)
        }
        if (redirects > 0) moved = baseMove(request.url, url) ?? moved
        return response
      }
    },
  }
}

interface StallWatch {
  readonly feed: () => void
  readonly stop: () => void
}

class Stalled extends Error {}

function stallWatch(controller: AbortController, timeoutMs: number): StallWatch {
  const timer = setTimeout(() => controller.abort(new Stalled()), timeoutMs)
  return { feed: () => timer.refresh(), stop: () => clearTimeout(timer) }
}

async function* bounded(
  body: AsyncIterable<Uint8Array> | null,
  bytesMax: number,
  watch: StallWatch,
  fail: (error: unknown) => never,
  url: string,
): AsyncIterableIterator<Uint8Array> {
  try {
    let bytes = 0
    for await (const chunk of body ?? []) {
      watch.feed()
      bytes += chunk.byteLength
      if (bytes > bytesMax) throw new FleetError('LIMIT_EXCEEDED', `the answer of ${url} is longer than ${bytesMax} bytes`, { bytesMax })
      yield chunk
    }
  } catch (error) {
    fail(error)
  } finally {
    watch.stop()
  }
}

/** Ends an answer that nobody reads, so that its connection is free again. */
async function discard(response: GitHttpResponse): Promise<void> {
  let chunks = 0
  try {
    for await (const _ of response.body ?? []) if (++chunks > 16) break
  } catch {
    // What an unwanted body holds, or how it ends, changes nothing.
  }
}

async function collect(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Uint8Array.from(Buffer.concat(chunks))
}

function redirectTarget(from: string, location: string | undefined, origin: string, repository: string): string {
  const target = location === undefined ? null : URL.parse(location, from)
  if (target === null) throw new FleetError('GIT_UNREACHABLE', `${repository} redirects to nowhere`)
  if (target.origin !== origin) {
    throw new FleetError(
      'GIT_NOT_FOUND',
      `${repository} redirects to ${target.origin}, which is refused because credentials would go to another host; use the new URL of the repository`,
    )
  }
  target.username = ''
  target.password = ''
  return target.href
}

/** `https://h/a/info/refs?…` to `https://h/b.git/info/refs?…` moves `https://h/a/` to `https://h/b.git/`, as git itself takes it. */
function baseMove(from: string, to: string): { readonly from: string; readonly to: string } | null {
  const [fromAt, toAt] = [from.indexOf('info/refs?'), to.indexOf('info/refs?')]
  return fromAt < 0 || toAt < 0 ? null : { from: from.slice(0, fromAt), to: to.slice(0, toAt) }
}

function refusal(status: number, access: RepositoryAccess): FleetError {
  if (status === 401 || status === 403 || status === 203) {
    const why = access.credentials === null ? 'asks for credentials and none are stored for it' : 'refuses the stored credentials'
    return new FleetError('GIT_DENIED', `${access.url} ${why} (HTTP ${status})`, { status })
  }
  if (status === 404 || status === 410)
    return new FleetError('GIT_NOT_FOUND', `there is no repository at ${access.url} (HTTP ${status})`, { status })
  return new FleetError('GIT_UNREACHABLE', `${access.url} answers with HTTP ${status}`, { status })
}

function failureOf(error: unknown, url: string, options: GitHttpOptions): unknown {
  if (error instanceof FleetError) return error
  if (options.signal?.aborted === true) return options.signal.reason
  if (error instanceof Stalled) return new FleetError('GIT_UNREACHABLE', `${url} sent nothing for ${options.stallTimeoutMs} ms`)
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new FleetError('GIT_UNREACHABLE', `${url} did not finish its answer within ${options.timeoutMs} ms`)
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'the connection failed'
  return new FleetError('GIT_UNREACHABLE', `${url} can't be reached: ${code}`)
}
