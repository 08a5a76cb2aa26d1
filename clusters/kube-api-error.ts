import { type ErrorCode, FleetError } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import { listAt, numberAt, textAt } from '../fleet/json-at.ts'

const messageLengthMax = 1_000

/** An API server's refusal: a Kubernetes Status, or what stood in its place. */
export class KubeApiError extends FleetError {
  readonly status: number
  /** Kubernetes' word, such as `AlreadyExists`; '' when there is none. */
  readonly reason: string
  /** Reasons and fields of `details.causes`, such as `FieldValueInvalid: spec.selector`. No values: they may be secret. */
  readonly causes: readonly { readonly reason: string; readonly field: string; readonly message: string }[]
  /** What the API server says, without our own words around it. */
  readonly serverMessage: string

  constructor(what: string, status: number, body: Json | undefined) {
    const serverMessage = textAt(body, 'message').slice(0, messageLengthMax)
    super(codeOf(status), messageOf(what, status, serverMessage), { status, reason: textAt(body, 'reason') })
    this.name = 'KubeApiError'
    this.status = status
    this.reason = textAt(body, 'reason')
    this.serverMessage = serverMessage
    this.causes = listAt(body, 'details', 'causes').map((cause) => ({
      reason: textAt(cause, 'reason'),
      field: textAt(cause, 'field'),
      message: textAt(cause, 'message').slice(0, messageLengthMax),
    }))
  }
}

/** How long the server asks to wait before the next try; null when it doesn't say. */
export function retryAfterMsOf(header: string | undefined, body: Json | undefined): number | null {
  if (header !== undefined && /^\d{1,5}$/.test(header)) return Number(header) * 1000
  const seconds = numberAt(body, 'details', 'retryAfterSeconds')
  return seconds > 0 ? seconds * 1000 : null
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'CLUSTER_DENIED'
  if (status === 404) return 'NOT_FOUND'
  if (status === 409) return 'CONFLICT'
  if (status === 429 || status >= 500 || status < 200) return 'CLUSTER_UNREACHABLE'
  return 'APPLY_FAILED'
}

function messageOf(what: string, status: number, serverMessage: string): string {
  const said = serverMessage === '' ? '' : `: ${serverMessage}`
  if (status === 401) return `The cluster doesn't accept the credentials (401, ${what}): rotate them, they may have expired or been revoked`
  if (status === 403) return `The cluster forbids ${what} (403)${said}`
  if (status === 429) return `The cluster is overloaded (429, ${what})${said}`
  if (status >= 300 && status < 400)
    return `The server answered ${what} with a redirect (${status}), which isn't followed: register the API server's own address`
  if (status >= 500) return `The cluster failed at ${what} (${status})${said}`
  return `The cluster refused ${what} (${status})${said}`
}
