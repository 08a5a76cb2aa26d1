import type { ApplicationSetSpec } from '../application-set.ts'
import { isJsonObject, type Json } from '../json.ts'

/** Whether a set has one of these generators, also inside matrix and merge. */
export function hasGenerator(generators: Json, fields: readonly string[]): boolean {
  if (!Array.isArray(generators)) return false
  return (generators as readonly Json[]).some(
    (entry) =>
      isJsonObject(entry) &&
      Object.entries(entry).some(
        ([field, spec]) => isJsonObject(spec) && (fields.includes(field) || nestedHas(field, spec['generators'], fields)),
      ),
  )
}

function nestedHas(field: string, generators: Json | undefined, fields: readonly string[]): boolean {
  return (field === 'matrix' || field === 'merge') && hasGenerator(generators ?? [], fields)
}

/**
 * Whether a set has to look again when labels or annotations of a cluster change, as Argo CD decides it of cluster Secrets: its generators
 * give them as parameters or select by them, or its stages do. That a cluster comes, goes or moves concerns every set: any destination may mean it.
 */
export function readsClusterLabels({ generators, strategy }: Pick<ApplicationSetSpec, 'generators' | 'strategy'>): boolean {
  return hasGenerator(generators, ['clusters', 'clusterDecisionResource']) || strategy?.type === 'Staged'
}
