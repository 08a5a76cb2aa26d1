import type { CustomResourceQuery } from '../clusters/gateway.ts'
import { FleetError } from '../fleet/errors.ts'
import { isEmptySelector } from '../fleet/label-selector.ts'
import type { ResourcesAnswer, ResourcesRequest } from '../generators/requests.ts'
import type { HubSettings } from './answers-sources.ts'
import { clusterAccess } from './cluster-access.ts'
import type { ActivityDependencies } from './dependencies.ts'

/** What all answers of one pass hold together, as JSON: a matrix may ask for many. */
const passBytesMax = 64 * 1024 * 1024

export interface HubAnswers {
  readonly resources: (request: ResourcesRequest) => Promise<{ readonly value: ResourcesAnswer; readonly proof: string }>
}

/** Answers the questions about custom resources for one pass, from the registered cluster that is the hub. Throws FleetError. */
export function hubAnswers(deps: Pick<ActivityDependencies, 'store' | 'gateway'>, hub: HubSettings, signal: AbortSignal): HubAnswers {
  let heldBytes = 0
  return {
    resources: async (request) => {
      const { apiVersion, resource } = request
      const cluster = await deps.store.clusters.getByName(hub.cluster)
      if (cluster === null || cluster.removing)
        throw new FleetError(
          'NOT_FOUND',
          `${resource} can't be read: no cluster ${JSON.stringify(hub.cluster)} is registered. Register the cluster that they are in under that name, or set ROADSTEAD_HUB_CLUSTER to the name of one that is`,
        )
      const access = await clusterAccess(deps.store, cluster.id)
      const query = { apiVersion, resource, namespace: hub.namespace, select: selectionOf(request) }
      const found = await deps.gateway.listCustomResources(access, query, { signal }).catch((error: unknown) => {
        throw error instanceof FleetError ? new FleetError(error.code, `hub ${hub.cluster}: ${error.message}`, error.details) : error
      })
      const resources = found.map(({ name, status }) => ({ metadata: { name }, status }))
      heldBytes += Buffer.byteLength(JSON.stringify(resources))
      if (heldBytes > passBytesMax)
        throw new FleetError(
          'LIMIT_EXCEEDED',
          `the custom resources of one pass hold more than ${passBytesMax} bytes: select fewer, or split the set`,
        )
      return {
        value: { resources },
        proof: `${resources.length} ${resource} of the hub ${hub.cluster} in ${hub.namespace}, to the last page`,
      }
    },
  }
}

function selectionOf({ resource, name, labelSelector }: ResourcesRequest): CustomResourceQuery['select'] {
  if (name !== null) return { name }
  // Argo CD refuses it as well: a selector that was forgotten would take every decision of the namespace.
  if (labelSelector === null || isEmptySelector(labelSelector))
    throw new FleetError('INVALID_INPUT', `${resource} can't be read: labelSelector needs matchLabels or matchExpressions`)
  const { matchLabels = {}, matchExpressions = [] } = labelSelector
  return { labelSelector: { matchLabels, matchExpressions } }
}
