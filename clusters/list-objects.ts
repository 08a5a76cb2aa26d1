import { isJsonObject, type JsonObject } from '../fleet/json.ts'
import { listAt } from '../fleet/json-at.ts'
import type { Connection } from './connection.ts'
import { type KubeKind, pathOfKind } from './discovery.ts'
import { KubeApiError } from './kube-api-error.ts'
import type { GatewayLimits } from './limits.ts'
import { pagesOf, restartedWhenExpired } from './list-pages.ts'

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

/** All objects that a selector matches, page by page. Each has apiVersion and kind, which lists leave out. A kind that is gone has none. */
export async function listObjects(connection: Connection, limits: GatewayLimits, query: ListQuery): Promise<JsonObject[]> {
  const { kind, namespace, labelSelector, metadataOnly, signal } = query
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
  const list = {
    path: pathOfKind(kind, namespace),
    query: { labelSelector },
    accept: metadataOnly === true ? metadataList : 'application/json',
    what: `list ${kind.plural}${kind.group === '' ? '' : `.${kind.group}`}${namespace === '' ? '' : ` in ${namespace}`}`,
    signal,
  }
  try {
    return await restartedWhenExpired(async () => {
      const found: JsonObject[] = []
      for await (const page of pagesOf(connection, limits, list))
        for (const item of listAt(page, 'items')) if (isJsonObject(item)) found.push({ ...item, apiVersion, kind: kind.kind })
      return found
    })
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return []
    throw error
  }
}
