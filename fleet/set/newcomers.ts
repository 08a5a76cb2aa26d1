import { isJsonObject, type Json } from '../json.ts'
import { hasGenerator } from './requeue.ts'

/** What gives the same for a cluster, whatever other clusters there are, and asks nobody else. */
const byCluster = ['clusters', 'list', 'matrix']
/** Of an entry, beside its generator. */
const aside = ['selector', 'template']

/**
 * Whether the applications that a cluster adds to a set can be told from that cluster alone: it has generators of clusters, lists and matrices
 * of these only. A flat list and a merge look at all clusters together.
 */
export function growsByCluster(generators: Json): boolean {
  return hasGenerator(generators, ['clusters']) && fits(generators)
}

function fits(generators: Json | undefined): boolean {
  return (
    Array.isArray(generators) &&
    (generators as readonly Json[]).every((entry) => isJsonObject(entry) && Object.entries(entry).every(fitsField))
  )
}

function fitsField([field, spec]: readonly [string, Json | undefined]): boolean {
  if (spec === null || spec === undefined || aside.includes(field)) return true
  if (!byCluster.includes(field) || !isJsonObject(spec) || spec['flatList'] === true) return false
  return field !== 'matrix' || fits(spec['generators'])
}
