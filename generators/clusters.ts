import { hubName, hubServer } from '../fleet/cluster.ts'
import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type JsonObject } from '../fleet/json.ts'
import { isEmptySelector, type LabelSelector, matchesSelector, selectorProblems } from '../fleet/label-selector.ts'
import type { GeneratorEnvironment } from './environment.ts'
import type { ClusterFact, Generator, GoType, Parameters, TemplateMode } from './generator.ts'
import { normalizeName } from './normalize.ts'
import { appendValues } from './values.ts'

/** Argo CD finds clusters by this label of their Secret, so published selectors name it: every registered cluster matches it. */
const secretTypeLabel = 'argocd.argoproj.io/secret-type'

const types: readonly GoType[] = [['metadata', 'labels'], ['metadata', 'annotations'], ['values']].map((path) => ({
  type: 'map[string]string',
  path,
}))

/**
 * `clusters`: one set of parameters for each registered cluster that the selector matches, or with `flatList` one set with all of them in
 * `clusters`. Follows Argo CD: name, nameNormalized, server, project, metadata.labels, metadata.annotations, values; the hub itself
 * (`in-cluster`) comes last unless there is a selector or a cluster is registered with its address. Clusters of the same name, of which
 * Argo CD silently drops one, are left out and named.
 */
export function clustersGenerator(environment: GeneratorEnvironment): Generator {
  return {
    field: 'clusters',
    expand: (spec, mode, inputs, path) => {
      const fields: JsonObject = isJsonObject(spec) ? spec : {}
      const selector = (isJsonObject(fields.selector) ? fields.selector : {}) as LabelSelector
      const wrong = selectorProblems(selector, `${path}.selector`)
      if (wrong.length > 0) return { outcome: 'incomplete', problems: wrong }
      if (inputs.clusters === null) {
        return {
          outcome: 'incomplete',
          problems: [
            {
              path,
              message: 'the registered clusters could not be listed completely',
            },
          ],
        }
      }
      const wanted = withSecretType(selector)
      const selected = inputs.clusters.filter(({ labels }) => matchesSelector(wanted, { [secretTypeLabel]: 'cluster', ...labels }))
      const { unique, leftOut } = withoutNamesakes(selected, path)
      const found = unique.map((cluster) => clusterParameters(cluster, mode))
      const hasHub =
        !isEmptySelector(selector) || inputs.clusters.some((cluster) => cluster.server === hubServer) || inputs.excludeHub === true
      if (!hasHub)
        found.push({
          name: hubName,
          nameNormalized: hubName,
          server: hubServer,
          project: '',
        })

      const parameters: Parameters[] = []
      for (const one of found) {
        const result = appendValues(fields.values, one, { mode, types, nowMs: inputs.nowMs, outer: inputs.outer }, environment.engine, path)
        for (const problem of result.problems)
          leftOut.push({
            ...problem,
            message: `cluster ${String(one.name)}: ${problem.message}`,
          })
        if (result.problems.length === 0) parameters.push(result.parameters)
      }
      const proof = `${selected.length} of ${inputs.clusters.length} registered clusters${hasHub ? '' : ' and the hub'}`
      if (fields.flatList !== true) return { outcome: 'complete', parameters, leftOut, proof, types }
      // The list would come out shorter than it is, and applications with it.
      if (leftOut.length > 0) return { outcome: 'incomplete', problems: leftOut }
      return {
        outcome: 'complete',
        parameters: [{ clusters: parameters }],
        proof,
        types: types.map(({ type, path: at }) => ({ type, path: ['clusters', '*', ...at] })),
      }
    },
  }
}

/** Argo CD asks for Secrets of clusters whatever a selector says of that label. */
function withSecretType(selector: LabelSelector): LabelSelector {
  const { matchLabels } = selector
  if (matchLabels === undefined || !Object.hasOwn(matchLabels, secretTypeLabel)) return selector
  return { ...selector, matchLabels: { ...matchLabels, [secretTypeLabel]: 'cluster' } }
}

function withoutNamesakes(
  clusters: readonly ClusterFact[],
  path: string,
): { readonly unique: readonly ClusterFact[]; readonly leftOut: Problem[] } {
  const byName = Map.groupBy(clusters, (cluster) => cluster.name)
  const leftOut: Problem[] = []
  for (const [name, same] of byName) {
    if (same.length < 2) continue
    const servers = same.map((cluster) => cluster.server).join(' and ')
    leftOut.push({
      path,
      message: `${same.length} clusters are called ${JSON.stringify(name)} (${servers}): give each a name of its own`,
    })
  }
  return {
    unique: clusters.filter((cluster) => byName.get(cluster.name)?.length === 1),
    leftOut,
  }
}

function clusterParameters(cluster: ClusterFact, mode: TemplateMode): Parameters {
  const common = {
    name: cluster.name,
    nameNormalized: normalizeName(cluster.name),
    server: cluster.server,
    project: cluster.project,
  }
  if (mode.goTemplate) {
    const metadata: Record<string, JsonObject> = {}
    if (Object.keys(cluster.annotations).length > 0) metadata.annotations = cluster.annotations
    if (Object.keys(cluster.labels).length > 0) metadata.labels = cluster.labels
    return { ...common, metadata }
  }
  const flat: [string, string][] = []
  for (const [key, value] of Object.entries(cluster.annotations)) flat.push([`metadata.annotations.${key}`, value])
  for (const [key, value] of Object.entries(cluster.labels)) flat.push([`metadata.labels.${key}`, value])
  return { ...common, ...Object.fromEntries(flat) }
}
