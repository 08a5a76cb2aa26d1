import { FleetError } from '../fleet/errors.ts'

/** Socket errors, and SQLSTATEs of a server that isn't there for us: connection exceptions, shutdown, starting up, too many connections, login. */
const unreachable =
  /^(E(CONN(REFUSED|RESET|ABORTED)|NOTFOUND|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|AI_AGAIN)|ENOENT|08...|57P0[1235]|53300|28...|3D000)$/
/** pg says these without a code. */
const unreachableText = /connection terminated|timeout exceeded when trying to connect|connection error and is not queryable/i

/** What pg adds to an error. `detail`, `where` and `hint` quote row contents, so nothing here reads them. */
interface DriverError {
  readonly code?: unknown
  readonly constraint?: unknown
  readonly message?: unknown
}

function driverError(error: unknown): DriverError {
  return typeof error === 'object' && error !== null ? error : {}
}

/** The constraint that a statement violated, or null. */
export function violatedConstraint(error: unknown): string | null {
  const { code, constraint } = driverError(error)
  return typeof code === 'string' && code.startsWith('23') && typeof constraint === 'string' ? constraint : null
}

/** Deadlocks and serialization failures: the transaction was undone and may run again at once. */
export function isTransactionConflict(error: unknown): boolean {
  const { code } = driverError(error)
  return code === '40P01' || code === '40001'
}

/**
 * Any error of the driver as a FleetError without row contents, parameters, or the URL's password. `address` is what
 * `addressOf` made. FleetErrors pass through.
 */
export function toFleetError(error: unknown, address: string): FleetError {
  if (error instanceof FleetError) return error
  const { code, message } = driverError(error)
  const text = typeof message === 'string' ? message : String(error)
  const cause = new Error(text)
  if ((typeof code === 'string' && unreachable.test(code)) || unreachableText.test(text)) {
    const why = typeof code === 'string' ? code : text
    return new FleetError(
      'INTERNAL',
      `the database can't be reached at ${address}: ${why}. Check that PostgreSQL runs there and that the address is right`,
      {},
      { cause },
    )
  }
  const what = typeof code === 'string' ? `${text} (${code})` : text
  return new FleetError('INTERNAL', `the database refused a statement: ${what}`, {}, { cause })
}

/** `host:port/database` of a database URL: what may be shown of it. */
export function addressOf(databaseUrl: string): string {
  try {
    const { hostname, port, pathname } = new URL(databaseUrl)
    return `${hostname}:${port === '' ? '5432' : port}${pathname}`
  } catch {
    return 'the configured address'
  }
}
