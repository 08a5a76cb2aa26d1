import { FleetError } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import { textAt } from '../fleet/json-at.ts'
import type { Connection } from './connection.ts'
import { KubeApiError } from './kube-api-error.ts'
import type { GatewayLimits } from './limits.ts'

export interface PagedList {
  readonly path: string
  /** Selectors; the page's own parameters are added. */
  readonly query: Readonly<Record<string, string>>
  readonly accept?: string
  /** For messages, such as `list configmaps in web`. */
  readonly what: string
  readonly signal?: AbortSignal | undefined
}

const restartsMax = 3

/** What the server answers to a list, page by page to the end. More pages than there may be are LIMIT_EXCEEDED: a list is never cut short. */
export async function* pagesOf(
  connection: Connection,
  limits: Pick<GatewayLimits, 'pageSize' | 'pagesMax'>,
  list: PagedList,
): AsyncGenerator<Json> {
  const { path, query, accept = 'application/json', what, signal } = list
  let continueToken = ''
  for (let page = 0; page < limits.pagesMax; page++) {
    const next = continueToken === '' ? {} : { continue: continueToken }
    const answer = await connection.send({
      method: 'GET',
      path,
      query: { ...query, limit: String(limits.pageSize), ...next },
      accept,
      what,
      signal,
    })
    yield answer
    continueToken = textAt(answer, 'metadata', 'continue')
    if (continueToken === '') return
  }
  throw new FleetError('LIMIT_EXCEEDED', `${what}: there are more than ${limits.pagesMax * limits.pageSize} objects`)
}

/** Reads a list from its start again, a few times, when that took longer than the server keeps its history (410). */
export async function restartedWhenExpired<T>(read: () => Promise<T>): Promise<T> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof KubeApiError) || error.status !== 410 || restarts >= restartsMax) throw error
    }
  }
}
