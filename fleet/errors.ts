/**
 * Every failure that Roadstead expects has a code here. One table decides whether it is worth retrying, which HTTP status
 * and which CLI exit code it becomes, so that an error means the same in a workflow, over GraphQL and in a shell.
 */
interface ErrorKind {
  /** Worth trying again without anybody changing anything. */
  readonly retryable: boolean
  readonly httpStatus: number
  readonly exitCode: number
}

export const errorKinds = {
  /** The caller's input is wrong; `details` says where. */
  INVALID_INPUT: { retryable: false, httpStatus: 400, exitCode: 2 },
  UNAUTHENTICATED: { retryable: false, httpStatus: 401, exitCode: 3 },
  FORBIDDEN: { retryable: false, httpStatus: 403, exitCode: 3 },
  NOT_FOUND: { retryable: false, httpStatus: 404, exitCode: 4 },
  /** Something of that name is there already, or the generation has moved on. */
  CONFLICT: { retryable: false, httpStatus: 409, exitCode: 5 },
  /** Legal input, but not in the state that the thing is in. */
  ILLEGAL_STATE: { retryable: false, httpStatus: 409, exitCode: 5 },
  /** A newer owner has taken over; the caller must stop without effect. */
  FENCED: { retryable: false, httpStatus: 409, exitCode: 5 },
  /** Understood, and not supported (yet); the message says what to do instead. */
  UNSUPPORTED: { retryable: false, httpStatus: 422, exitCode: 6 },
  /** A bound was exceeded: size, count, depth, time. */
  LIMIT_EXCEEDED: { retryable: false, httpStatus: 413, exitCode: 6 },
  /** A credential or kubeconfig asks for something that is refused (exec plugins, file paths, insecure TLS ...). */
  CREDENTIAL_REFUSED: { retryable: false, httpStatus: 400, exitCode: 2 },
  /** A cluster answered with 401 or 403. */
  CLUSTER_DENIED: { retryable: false, httpStatus: 502, exitCode: 7 },
  CLUSTER_UNREACHABLE: { retryable: true, httpStatus: 502, exitCode: 7 },
  GIT_UNREACHABLE: { retryable: true, httpStatus: 502, exitCode: 7 },
  GIT_DENIED: { retryable: false, httpStatus: 502, exitCode: 7 },
  GIT_NOT_FOUND: { retryable: false, httpStatus: 404, exitCode: 4 },
  RENDER_FAILED: { retryable: false, httpStatus: 422, exitCode: 8 },
  /** The cluster refused an object; `details.resources` says which and why. */
  APPLY_FAILED: { retryable: true, httpStatus: 502, exitCode: 8 },
  /** An object belongs to another application. */
  OWNED_BY_OTHER: { retryable: false, httpStatus: 409, exitCode: 8 },
  INTERNAL: { retryable: true, httpStatus: 500, exitCode: 1 },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorKinds

export type ErrorDetails = { readonly [key: string]: unknown }

/** The one error type of the domain. `message` is written for the user, says what to do, and never holds a secret. */
export class FleetError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = 'FleetError'
    this.code = code
    this.details = details
  }

  get retryable(): boolean {
    return errorKinds[this.code].retryable
  }
}

/** One thing that is wrong with an input. `path` is a JSON path such as `spec.generators[0].list`. */
export interface Problem {
  readonly path: string
  readonly message: string
  /** 1-based, where the input is text. */
  readonly line?: number
  readonly column?: number
}

/** Parsers give a value and what is wrong with it; they don't stop at the first problem. `value` is null when unusable. */
export interface Parsed<T> {
  readonly value: T | null
  readonly problems: readonly Problem[]
}

/** An INVALID_INPUT error that lists every problem, one a line. */
export function invalidInput(what: string, problems: readonly Problem[]): FleetError {
  const lines = problems.map((p) => `  ${p.path === '' ? '' : `${p.path}: `}${p.message}`)
  return new FleetError('INVALID_INPUT', `${what} is not valid:\n${lines.join('\n')}`, { problems })
}
