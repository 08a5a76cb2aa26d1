import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'

export interface HttpRoutes {
  /** Answers /graphql; authenticates by itself. */
  readonly graphql: (request: IncomingMessage, response: ServerResponse) => void
  /** Answers POST /webhooks/git. */
  readonly webhook: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** Names of what isn't ready, empty when all is. */
  readonly unready: () => Promise<readonly string[]>
  /** Whether the bearer of the request may read metrics. */
  readonly mayScrape: (request: IncomingMessage) => Promise<boolean>
  readonly metrics: Registry
}

const headersTimeoutMs = 10_000
const requestTimeoutMs = 60_000

/** The HTTP side of a hub. Only /healthz and /readyz answer without a token. */
export function createHttpServer(routes: HttpRoutes): Server {
  const server = createServer((request, response) => {
    answer(routes, request, response).catch(() => {
      if (!response.headersSent) send(response, 500, 'text/plain', 'internal error\n')
    })
  })
  server.headersTimeout = headersTimeoutMs
  server.requestTimeout = requestTimeoutMs
  return server
}

async function answer(routes: HttpRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?')[0]
  response.setHeader('x-content-type-options', 'nosniff')
  if (path === '/graphql') return routes.graphql(request, response)
  if (path === '/webhooks/git' && request.method === 'POST') return routes.webhook(request, response)
  if (request.method !== 'GET') return send(response, 404, 'text/plain', 'not found\n')
  switch (path) {
    case '/healthz':
      return send(response, 200, 'text/plain', 'ok\n')
    case '/readyz': {
      const unready = await routes.unready()
      return unready.length === 0 ? send(response, 200, 'text/plain', 'ok\n') : send(response, 503, 'text/plain', `${unready.join('\n')}\n`)
    }
    case '/metrics':
      if (!(await routes.mayScrape(request))) return send(response, 401, 'text/plain', 'a bearer token is needed\n')
      return send(response, 200, routes.metrics.contentType, await routes.metrics.metrics())
    default:
      return send(response, 404, 'text/plain', 'not found; the API is at /graphql\n')
  }
}

export function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType }).end(body)
}
