import { type ErrorCode, errorKinds, FleetError } from '../fleet/errors.ts'
import type { JsonObject } from '../fleet/json.ts'

const requestTimeoutMs = 60_000

export interface ApiClient {
  readonly url: string
  /** Sends one operation. Throws FleetError for refused requests, and for the first of a mutation's `userErrors`. */
  readonly request: <T>(document: string, variables?: JsonObject) => Promise<T>
}

interface GraphQLAnswer<T> {
  readonly data?: T | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

interface UserError {
  readonly code: string
  /** Where in the input, when the operation asks for it. */
  readonly field?: string | null
  readonly message: string
}

/** A client of the GraphQL API at `url` (the hub's address, without /graphql). */
export function createApiClient(url: string, token: string): ApiClient {
  return {
    url,
    request: async <T>(document: string, variables: JsonObject = {}): Promise<T> => {
      const answer = await post<T>(url, token, { query: document, variables })
      const [error] = answer.errors ?? []
      if (error !== undefined) throw new FleetError(codeOf(error.extensions?.code), error.message)
      if (answer.data == null) throw new FleetError('INTERNAL', `${url} gave an answer without data`)
      throwUserError(answer.data)
      return answer.data
    },
  }
}

async function post<T>(url: string, token: string, body: object): Promise<GraphQLAnswer<T>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(requestTimeoutMs),
  }).catch((error: unknown) => {
    throw new FleetError(
      'CLUSTER_UNREACHABLE',
      `${url} does not answer (${reasonOf(error)}). Is \`roadstead serve\` running, and ROADSTEAD_URL its address?`,
    )
  })
  if (response.status === 401) throw new FleetError('UNAUTHENTICATED', `${url} refused the token: set ROADSTEAD_TOKEN to one that is valid`)
  const text = await response.text()
  try {
    return JSON.parse(text) as GraphQLAnswer<T>
  } catch {
    throw new FleetError('INTERNAL', `${url} answered ${response.status} without JSON: is that a Roadstead hub?`)
  }
}

function throwUserError(data: object): void {
  for (const payload of Object.values(data)) {
    const errors: readonly UserError[] = payload?.userErrors ?? []
    const [first] = errors
    if (first !== undefined)
      throw new FleetError(codeOf(first.code), errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('\n'))
  }
}

function codeOf(code: string | undefined): ErrorCode {
  return code !== undefined && code in errorKinds ? (code as ErrorCode) : 'INTERNAL'
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}
