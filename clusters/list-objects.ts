import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type JsonObject } from '../fleet/json.ts'
import { listAt, textAt } from '../fleet/json-at.ts'
import type { Connection } from './connection.ts'
import { type KubeKind, pathOfKind } from './discovery.ts'
import { KubeApiError } from './kube-api-error.ts'
import type { GatewayLimits } from './limits.ts'

export interface ListQuery {
  readonly kind: KubeKind
  /** '' for all. */
  readonly namespace: string
  readonly labelSelector: string
  /** Only metadata, which is all that an inventory needs. */
  readonly metadataOnly?: boolean
  readonly signal?: AbortSignal | undefined
}

const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'
const expiredMax = 3

/** All objects that a selector matches, page by page. Each has apiVersion and kind, which lists leave out. A kind that is gone has none. */
export async function listObjects(connection: Connection, limits: GatewayLimits, query: ListQuery): Promise<JsonObject[]> {
  for (let expired = 0; ; expired++) {
    try {
      return await listPages(connection, limits, query)
    } catch (error) {
      const status = error instanceof KubeApiError ? error.status : 0
      if (status === 404) return []
      // the list took longer than the server keeps its history: from the start
      if (status !== 410 || expired >= expiredMax) throw error
    }
  }
}

async function listPages(connection: Connection, limits: GatewayLimits, query: ListQuery): Promise<JsonObject[]> {
  const { kind, namespace, labelSelector, metadataOnly, signal } = query
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
  const found: JsonObject[] = []
  let continueToken = ''
  for (let page = 0; page < limits.pagesMax; page++) {
    const answer = await connection.send({
      method: 'GET',
      path: pathOfKind(kind, namespace),
      query: { labelSelector, limit: String(limits.pageSize), ...(continueToken === '' ? {} : { continue: continueToken }) },
      accept: metadataOnly === true ? metadataList : 'application/json',
      what: `list ${kind.plural}${kind.group === '' ? '' : `.${kind.group}`}${namespace === '' ? '' : ` in ${namespace}`}`,
      signal,
    })
    for (const item of listAt(answer, 'items')) if (isJsonObject(item)) found.push({ ...item, apiVersion, kind: kind.kind })
    continueToken = textAt(answer, 'metadata', 'continue')
    if (continueToken === '') return found
  }
  throw new FleetError('LIMIT_EXCEEDED', `There are more than ${limits.pagesMax * limits.pageSize} ${kind.plural} of one application`)
}
