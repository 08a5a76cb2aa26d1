import { FleetError } from '../../fleet/errors.ts'

/** Who is asked by whom, for messages. */
export interface AwsPlace {
  /** `codecommit of AWS in eu-central-1` */
  readonly where: string
  /** `the role arn:...` */
  readonly who: string
  /** Takes secrets out of a text. */
  readonly clean: (text: string) => string
}

const denials =
  /^(AccessDenied|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|IncompleteSignature|MissingAuthentication|OptInRequired|NotAuthorized|EncryptionKeyAccessDenied|RequestExpired|InvalidIdentityToken|IDPRejectedClaim)/
const throttles = /^(Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown)/
const excerptMax = 200

/**
 * What the AWS SDK threw as GIT_DENIED, GIT_NOT_FOUND (`...DoesNotExist...`), GIT_UNREACHABLE (throttled, 5xx, an answer of another
 * shape) or CREDENTIAL_REFUSED (a token file that isn't there); `details.awsCode` is AWS's own name for it. A FleetError of ours stays.
 */
export function awsFailure(error: unknown, operation: string, { where, who, clean }: AwsPlace): FleetError {
  // Made anew: the SDK writes down its own matters on every error that passes it.
  if (error instanceof FleetError) return new FleetError(error.code, error.message, error.details)
  const what = `${where}: ${operation}`
  if (!(error instanceof Error)) return new FleetError('GIT_UNREACHABLE', `${what} fails`)
  const status = statusOf(error)
  const message = clean(error.message)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, excerptMax)
  if (status === undefined && 'syscall' in error) return new FleetError('CREDENTIAL_REFUSED', `${what} needs a file of ${who}: ${message}`)
  if (status === undefined) return new FleetError('GIT_UNREACHABLE', `${what} fails for ${who}: ${message}`)
  if (status === 200) return new FleetError('GIT_UNREACHABLE', `${what} answers with something that isn't JSON or XML: is this AWS?`)
  const code = codeOf(error)
  // What isn't from AWS is the SDK's own word for an answer that it can't read.
  const said = code === '' || /^(Unknown(Error)?)?$/.test(message) ? '' : `: ${message}`
  const how = `(${code === '' ? `HTTP ${status}` : code}${said})`
  const details = { status, ...(code === '' ? {} : { awsCode: code }) }
  if (status === 429 || throttles.test(code)) return new FleetError('GIT_UNREACHABLE', `${what} is asked too often ${how}`, details)
  // It waited for its turn for too long: the SDK corrects clocks that differ.
  if (message.includes('Signature expired')) return new FleetError('GIT_UNREACHABLE', `${what} is asked too late ${how}`, details)
  if (status === 401 || status === 403 || denials.test(code)) return new FleetError('GIT_DENIED', `${what} refuses ${who} ${how}`, details)
  if (/DoesNotExist/.test(code)) return new FleetError('GIT_NOT_FOUND', `${what}: there is no such thing ${how}`, details)
  return new FleetError('GIT_UNREACHABLE', `${what} fails ${how}`, details)
}

/** AWS's name for what is wrong; '' when the answer had none. */
function codeOf(error: Error): string {
  if (!('$fault' in error) || /^(Unknown|UnknownError|Error)$/.test(error.name)) return ''
  return /^[A-Za-z][A-Za-z.]{0,99}$/.test(error.name) ? error.name : ''
}

/** The status of the answer; undefined when there was none. */
function statusOf(error: Error): number | undefined {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}
