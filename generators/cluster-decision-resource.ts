import { hubName, hubServer } from '../fleet/cluster.ts'
import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { isEmptySelector, selectorProblems } from '../fleet/label-selector.ts'
import { askOne, incomplete } from './ask.ts'
import { goText } from './combine.ts'
import type { GeneratorEnvironment } from './environment.ts'
import { listOf, objectOf, selectorOf, textOf } from './fields.ts'
import type { Generator, GoType, Parameters } from './generator.ts'
import type { ConfigMapRequest, ResourcesRequest } from './requests.ts'
import { appendValues } from './values.ts'

const types: readonly GoType[] = [{ type: 'map[string]string', path: ['values'] }]

/**
 * `clusterDecisionResource`: one set of parameters for each decision in the status of custom resources (Placements and the like) that names a
 * registered cluster: name, server, and every field of the decision as text. A ConfigMap says what to read: apiVersion, kind (plural),
 * statusListKey (`clusters` unless given) and matchKey (without it nothing matches). Follows Argo CD, but `values` are rendered here as they
 * are everywhere else.
 */
export function clusterDecisionResourceGenerator(environment: GeneratorEnvironment): Generator {
  return {
    field: 'clusterDecisionResource',
    expand: (spec, mode, inputs, path) => {
      const fields = objectOf(spec)
      const name = textOf(fields.name)
      const labelSelector = selectorOf(fields.labelSelector)
      if (name !== '' && labelSelector !== null) return incomplete(path, 'takes either name or labelSelector, not both')
      if (name === '' && isEmptySelector(labelSelector ?? {})) return incomplete(path, 'needs name or labelSelector')
      const wrong = labelSelector === null ? [] : selectorProblems(labelSelector, `${path}.labelSelector`)
      if (wrong.length > 0) return { outcome: 'incomplete', problems: wrong }
      const { clusters } = inputs
      if (clusters === null) return incomplete(path, 'the registered clusters could not be listed completely')

      const configMap: ConfigMapRequest = { kind: 'configMap', name: textOf(fields.configMapRef) }
      const found = askOne(inputs, configMap, (value) => readObject(objectOf(value).data), `${path}.configMapRef`)
      if ('result' in found) return found.result
      const { apiVersion, kind, statusListKey, matchKey } = found.value
      const about = `the ConfigMap ${textOf(fields.configMapRef)}`
      if (textOf(apiVersion).indexOf('/') < 1 || textOf(kind) === '')
        return incomplete(`${path}.configMapRef`, `${about} needs apiVersion (group/version) and kind`)

      const query: ResourcesRequest = {
        kind: 'resources',
        apiVersion: textOf(apiVersion),
        resource: textOf(kind),
        name: name === '' ? null : name,
        labelSelector,
      }
      const resources = askOne(inputs, query, readResources, path)
      if ('result' in resources) return resources.result
      if (resources.value.length === 0) return incomplete(path, `there is no ${textOf(kind)} that matches`)
      const listKey = textOf(statusListKey) || 'clusters'
      const without = resources.value.find((resource) => lacks(resource.status, listKey))
      if (without !== undefined)
        return incomplete(
          path,
          `the status of ${textOf(kind)} ${nameOf(without)} has no list ${listKey}: correct statusListKey in ${about}`,
        )
      const decisions = resources.value.flatMap((resource) => listOf(objectOf(resource.status)[listKey])).filter(isJsonObject)
      const key = textOf(matchKey)

      const known = new Map(clusters.map((cluster) => [cluster.name, cluster.server]))
      if (inputs.excludeHub !== true && !clusters.some((cluster) => cluster.server === hubServer)) known.set(hubName, hubServer)
      const parameters: Parameters[] = []
      const leftOut: Problem[] = []
      for (const decision of decisions) {
        const cluster = goText(decision[key] ?? null)
        const server = key === '' ? undefined : known.get(cluster)
        if (server === undefined) continue
        const texts = Object.entries(decision).map(([field, value]) => [field, goText(value ?? null)])
        const context = { mode, types, nowMs: inputs.nowMs, outer: inputs.outer }
        const own = { name: cluster, server, ...Object.fromEntries(texts) }
        const result = appendValues(fields.values, own, context, environment.engine, path)
        for (const problem of result.problems) leftOut.push({ ...problem, message: `cluster ${cluster}: ${problem.message}` })
        if (result.problems.length === 0) parameters.push(result.parameters)
      }
      const proof = `${parameters.length} of ${decisions.length} decisions name registered clusters, ${resources.proof}`
      return { outcome: 'complete', parameters, leftOut, proof, types }
    },
  }
}

/** A status that isn't there yet, or is empty, has no decisions; one that says other things only is not what the ConfigMap speaks of. */
function lacks(status: Json | undefined, listKey: string): boolean {
  const fields = objectOf(status)
  return Object.keys(fields).length > 0 && !Array.isArray(fields[listKey])
}

function nameOf(resource: JsonObject): string {
  return textOf(objectOf(resource.metadata).name)
}

function readObject(value: Json | undefined): JsonObject | null {
  return isJsonObject(value) ? value : null
}

function readResources(value: Json): readonly JsonObject[] | null {
  const { resources } = objectOf(value)
  if (!Array.isArray(resources)) return null
  const all = listOf(resources).filter(isJsonObject)
  return all.length === resources.length ? all : null
}
