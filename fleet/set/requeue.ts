import type { ApplicationManifest, ObjectMeta } from '../application.ts'
import type { ApplicationSetSpec } from '../application-set.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { jsonAt } from '../json-at.ts'
import { sameJson } from './same-json.ts'

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

const ownedMetadata = ['labels', 'annotations', 'finalizers'] as const

/**
 * Whether the set that makes an application has to look again when somebody else changes that, as Argo CD decides it: when spec, labels,
 * annotations or finalizers differ. What is observed of it concerns its rollout, which looks by itself.
 */
export function concernsItsSet(before: ApplicationManifest, after: ApplicationManifest): boolean {
  const [was, is] = [before, after] as unknown as readonly [JsonObject, JsonObject]
  if (!sameJson(was['spec'], is['spec'])) return true
  return ownedMetadata.some((field) => !sameJson(jsonAt(was, 'metadata', field), jsonAt(is, 'metadata', field)))
}

/** By this annotation Argo CD is asked to look; it goes when that has been done. */
const refreshAnnotation = 'argocd.argoproj.io/application-set-refresh'

/**
 * Whether a set that is applied again has to look again, as Argo CD decides it: when spec or metadata differ, but not when all that differs is
 * that nobody asks for a refresh any more.
 */
export function concernsWhatItMakes(before: SetDocument, after: SetDocument): boolean {
  if (!sameJson(before.spec as unknown as Json, after.spec as unknown as Json)) return true
  const { [refreshAnnotation]: asked, ...others } = before.metadata.annotations ?? {}
  const isOver = asked !== undefined && after.metadata.annotations?.[refreshAnnotation] === undefined
  const kept = isOver ? { ...before.metadata, annotations: others } : before.metadata
  return !sameJson(withoutNothing(kept), withoutNothing(after.metadata))
}

type SetDocument = { readonly metadata: ObjectMeta; readonly spec: ApplicationSetSpec }

/** Labels and the like that are empty say as much as none. */
function withoutNothing(metadata: ObjectMeta): Json {
  const entries = Object.entries(metadata as unknown as JsonObject)
  return Object.fromEntries(entries.filter(([, value]) => typeof value !== 'object' || value === null || Object.keys(value).length > 0))
}
