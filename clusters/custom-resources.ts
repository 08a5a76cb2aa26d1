import { FleetError, invalidInput, type Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json } from '../fleet/json.ts'
import { groupOf, textAt, versionOf } from '../fleet/json-at.ts'
import { selectorProblems } from '../fleet/label-selector.ts'
import { dnsLabelProblem, subdomainProblem } from '../fleet/set/names.ts'
import type { CustomResource, CustomResourceQuery } from './gateway.ts'
import { KubeApiError } from './kube-api-error.ts'
import { labelSelectorText } from './label-selector-text.ts'
import { type PagedList, pagesOf, restartedWhenExpired } from './list-pages.ts'
import type { Session } from './session.ts'

/**
 * Lists custom resources: see ClusterGateway.listCustomResources. What is asked for is written by people who may not see everything in the
 * cluster, so it is held to names that can't lead to another path, and to groups that Kubernetes' own kinds don't have.
 */
export async function listCustomResources(
  { connection, limits }: Pick<Session, 'connection' | 'limits'>,
  query: CustomResourceQuery,
  signal: AbortSignal | undefined,
): Promise<readonly CustomResource[]> {
  const problems = queryProblems(query)
  if (problems.length > 0) throw invalidInput('What to read of the cluster', problems)
  const { apiVersion, resource, namespace, select } = query
  const list: PagedList = {
    path: `/apis/${apiVersion}/namespaces/${namespace}/${resource}`,
    // by name, too, it is a list: who may only list has to be able to read, as with Argo CD
    query:
      'name' in select ? { fieldSelector: `metadata.name=${select.name}` } : { labelSelector: labelSelectorText(select.labelSelector) },
    what: `list ${resource}.${groupOf(apiVersion)} in ${namespace}`,
    signal,
  }
  try {
    return await restartedWhenExpired(async () => {
      const found: CustomResource[] = []
      let bytes = 0
      for await (const page of pagesOf(connection, limits, list)) {
        for (const one of resourcesOf(page, list.what)) {
          bytes += Buffer.byteLength(JSON.stringify(one))
          if (found.length >= limits.customResourcesMax)
            throw new FleetError('LIMIT_EXCEEDED', `${list.what}: there are more than ${limits.customResourcesMax}: select fewer`)
          if (bytes > limits.customResourceBytesMax)
            throw new FleetError(
              'LIMIT_EXCEEDED',
              `${list.what}: their status is larger than ${limits.customResourceBytesMax} bytes together: select fewer`,
            )
          found.push(one)
        }
      }
      return found
    })
  } catch (error) {
    if (!(error instanceof KubeApiError) || error.status !== 404) throw error
    throw new FleetError(
      'NOT_FOUND',
      `The cluster has no namespaced ${resource} in ${apiVersion}: install their CustomResourceDefinition there, or correct apiVersion (group/version) and the plural`,
      { apiVersion, resource },
    )
  }
}

function queryProblems({ apiVersion, resource, namespace, select }: CustomResourceQuery): readonly Problem[] {
  const problems: Problem[] = []
  const group = groupOf(apiVersion)
  if (group === '' || !group.includes('.')) {
    const message = `only custom resources can be read, whose group has a dot (example.io/v1): ${shown(apiVersion)} is of Kubernetes itself, or no group/version`
    problems.push({ path: 'apiVersion', message })
  } else if (subdomainProblem(group) !== null || dnsLabelProblem(versionOf(apiVersion)) !== null)
    problems.push({ path: 'apiVersion', message: `${shown(apiVersion)} is no group/version such as example.io/v1` })
  if (dnsLabelProblem(resource) !== null)
    problems.push({ path: 'resource', message: `${shown(resource)} is no plural of a kind in lower case, such as placementdecisions` })
  if (dnsLabelProblem(namespace) !== null) problems.push({ path: 'namespace', message: `${shown(namespace)} is no name of a namespace` })
  if ('labelSelector' in select) problems.push(...selectorProblems(select.labelSelector, 'labelSelector'))
  else if (subdomainProblem(select.name) !== null) problems.push({ path: 'name', message: `${shown(select.name)} is no name of an object` })
  return problems
}

/** As much of it as helps: it may be anything. */
function shown(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text)
}

/** What is wanted of each object; the rest is left behind here. Anything but a list of objects is an error, not an empty list. */
function resourcesOf(page: Json, what: string): readonly CustomResource[] {
  const items = isJsonObject(page) ? page['items'] : undefined
  if (!Array.isArray(items)) throw malformed(what)
  return (items as readonly Json[]).map((item) => {
    const name = textAt(item, 'metadata', 'name')
    const status = isJsonObject(item) ? (item['status'] ?? null) : undefined
    if (name === '' || !(status === null || isJsonObject(status))) throw malformed(what)
    return { name, status }
  })
}

function malformed(what: string): FleetError {
  return new FleetError(
    'CLUSTER_UNREACHABLE',
    `The cluster answered ${what} with something that isn't a list of objects with a name and a status`,
  )
}
