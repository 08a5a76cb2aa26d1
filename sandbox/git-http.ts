import { spawn } from 'node:child_process'
import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface GitCredentials {
  readonly username: string
  readonly password: string
}

/** Git without the settings of whoever runs it. */
export const GIT_ENV = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
}

/** Whether the request carries these credentials as HTTP basic authentication. */
export function isAuthorized(request: IncomingMessage, { username, password }: GitCredentials): boolean {
  const wanted = Buffer.from(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`)
  const given = Buffer.from(request.headers.authorization ?? '')
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/**
 * Hands one request to `git http-backend` over CGI and streams its answer back. `user` is who has been authenticated; Git takes
 * pushes from nobody else. Resolves when the answer is complete or the caller has gone.
 */
export function runHttpBackend(
  request: IncomingMessage,
  response: ServerResponse,
  options: { readonly root: string; readonly user: string | null },
): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'http://sandbox')
  const header = (name: string) => request.headers[name]?.toString() ?? ''
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...GIT_ENV,
      GIT_PROJECT_ROOT: options.root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: header('git-protocol'),
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: header('content-type'),
      ...(header('content-length') === '' ? {} : { CONTENT_LENGTH: header('content-length') }),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      ...(options.user === null ? {} : { REMOTE_USER: options.user }),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  request.pipe(backend.stdin)
  // It may answer without reading the body to its end.
  backend.stdin.on('error', () => undefined)
  response.on('close', () => backend.kill())

  return new Promise((resolve) => {
    let head: Buffer | null = Buffer.alloc(0)
    backend.stdout.on('data', (chunk: Buffer) => {
      if (head === null) {
        response.write(chunk)
        return
      }
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      sendHead(response, head.toString('latin1', 0, end))
      response.write(head.subarray(end + 4))
      head = null
    })
    const finish = () => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
      resolve()
    }
    backend.once('error', finish)
    backend.once('close', finish)
  })
}

function sendHead(response: ServerResponse, head: string): void {
  let status = 200
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).trim()
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
    else response.setHeader(name, value)
  }
  response.writeHead(status)
}
