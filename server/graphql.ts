import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { CommandContext, Viewer } from '../commands/context.ts'
import type { GraphQLContext } from '../schema/context.ts'
import { expectedError, withoutValuesOf } from '../schema/errors.ts'
import { defaultLimits, type OperationLimits, operationLimitsRule } from '../schema/limits.ts'
import { createLoaders } from '../schema/loaders.ts'
import type { Authenticate } from './authenticate.ts'
import { refusal } from './graphql-refusal.ts'

/** Event streams that one token may hold open at once. */
export const streamsPerTokenMax = 50

export interface GraphQLLog {
  readonly info: (facts: object, message: string) => void
  readonly warn: (facts: object, message: string) => void
  readonly error: (facts: object, message: string) => void
}

export interface GraphQLHandlerOptions {
  readonly schema: GraphQLSchema
  readonly commandContext: CommandContext
  readonly authenticate: Authenticate
  readonly log: GraphQLLog
  /** Serves GraphiQL to browsers, which is the one page that needs no token. */
  readonly development: boolean
  readonly limits?: OperationLimits
}

/** What a request brings along into GraphQL. */
interface RequestContext {
  readonly requestId: string
  readonly viewer: Viewer
  readonly lastEventId: string | null
  readonly signal: AbortSignal
  readonly stillAllowed: () => Promise<boolean>
}

/**
 * Answers /graphql: POST with application/json, and event streams by GET or POST. Nothing is answered without a bearer token. There are
 * no cookies, so nothing can be asked in somebody's name by another site. Every request has an id, in `x-request-id` and in the log.
 */
export function createGraphQLHandler(options: GraphQLHandlerOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const { schema, commandContext, log, development, limits = defaultLimits } = options
  // Errors are masked where their request isn't known.
  const currentRequest = new AsyncLocalStorage<string>()
  const yoga = createYoga<RequestContext>({
    schema,
    plugins: [operationLimits(limits)],
    context: ({ requestId, viewer, lastEventId, signal, stillAllowed }): GraphQLContext => ({
      requestId,
      viewer,
      lastEventId,
      signal,
      stillAllowed,
      limits,
      commands: commandContext,
      loaders: createLoaders(commandContext.store),
    }),
    maskedErrors: { maskError: (error) => maskError(error, currentRequest.getStore(), log) },
    maxRequestBodySize: limits.bodyBytes,
    batching: false,
    multipart: false,
    cors: false,
    landingPage: false,
    graphiql: development,
    // With all its parts: Yoga's own page takes them from a CDN.
    renderGraphiQL: async (page) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(page),
    // Errors are logged where they are masked, once.
    logging: false,
  })

  const streams = countStreams()
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requestId = randomUUID()
    response.setHeader('x-request-id', requestId)
    if (development && isPage(request)) {
      await yoga(request, response)
      return
    }
    const { authorization } = request.headers
    const viewer = await options.authenticate(authorization)
    if (viewer === null)
      return refuse(response, 401, 'UNAUTHENTICATED', 'A valid bearer token is needed: Authorization: Bearer <token>', {
        'www-authenticate': 'Bearer',
      })
    const refused = refusal(request)
    if (refused !== null) return refuse(response, refused.status, refused.code, refused.message, refused.headers)
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    if (isStream(request) && !streams.open(viewer.id, gone.signal)) {
      return refuse(response, 429, 'LIMIT_EXCEEDED', `This token holds ${streamsPerTokenMax} event streams open already: close one`, {})
    }
    const lastEventId = headerText(request.headers['last-event-id'])
    const stillAllowed = async () => (await options.authenticate(authorization)) !== null
    await currentRequest.run(requestId, () =>
      yoga(request, response, { requestId, viewer, lastEventId, signal: gone.signal, stillAllowed }),
    )
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.error({ requestId: response.getHeader('x-request-id'), err: error }, 'request failed')
      if (response.headersSent) response.destroy()
      else refuse(response, 500, 'INTERNAL', 'Something went wrong here; the log knows the request id', {})
    })
  }
}

function isStream(request: IncomingMessage): boolean {
  return (request.headers.accept ?? '').includes('text/event-stream')
}

/** Counts open streams by token; `open` says whether there is room for one more. */
function countStreams() {
  const counts = new Map<string, number>()
  return {
    open: (tokenId: string, gone: AbortSignal): boolean => {
      const count = counts.get(tokenId) ?? 0
      if (count >= streamsPerTokenMax) return false
      counts.set(tokenId, count + 1)
      gone.addEventListener('abort', () => {
        const left = (counts.get(tokenId) ?? 1) - 1
        if (left === 0) counts.delete(tokenId)
        else counts.set(tokenId, left)
      })
      return true
    },
  }
}

function isPage(request: IncomingMessage): boolean {
  const url = new URL(request.url ?? '/', 'http://localhost')
  return request.method === 'GET' && !url.searchParams.has('query') && (request.headers.accept ?? '').includes('text/html')
}

function refuse(response: ServerResponse, status: number, code: string, message: string, headers: Readonly<Record<string, string>>): void {
  // The body may not have been read: the connection can't be used again.
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers })
  response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }))
}

function headerText(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : null
}

/** Limits of the parser and of the operation; cost is the schema's. */
function operationLimits(limits: OperationLimits): Plugin {
  const rule = operationLimitsRule(limits)
  return {
    onParse: ({ parseFn, setParseFn }) => {
      setParseFn((source, parseOptions: object = {}): unknown => {
        try {
          return parseFn(source, { ...parseOptions, maxTokens: limits.tokens })
        } catch (error) {
          if (!(error instanceof GraphQLError) || !error.message.includes('Parsing aborted')) throw error
          throw new GraphQLError(`The operation has more than ${limits.tokens} tokens: pass data as variables`, {
            extensions: { code: 'LIMIT_EXCEEDED' },
          })
        }
      })
    },
    onValidate: ({ addValidationRule }) => {
      addValidationRule(rule)
      // Yoga doesn't mask what validation finds.
      return ({ result, setResult }) => {
        if (result.length > 0) setResult(result.map((error) => (error instanceof GraphQLError ? withoutValuesOf(error) : error)))
      }
    },
  }
}

/** Expected errors as they are; any other becomes an id that is in the log with what happened. */
function maskError(error: unknown, requestId: string | undefined, log: GraphQLLog): Error {
  const expected = expectedError(error)
  if (expected !== null) return expected
  const errorId = randomUUID()
  const place = error instanceof GraphQLError ? { path: error.path, positions: error.positions } : {}
  log.error(
    { errorId, requestId, err: error instanceof GraphQLError ? (error.originalError ?? error) : error, ...place },
    'GraphQL operation failed',
  )
  return new GraphQLError(`Something went wrong here. The log of the server says what, under the id ${errorId}`, {
    ...(error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {}),
    extensions: { code: 'INTERNAL', errorId },
  })
}
