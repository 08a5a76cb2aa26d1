import type { KubeObject, ResourceKey } from '../fleet/application.ts'
import { differences } from '../fleet/diff/differences.ts'
import { ownedFields, ownsAllOf, ownsNothingElse } from '../fleet/diff/managed-fields.ts'
import type { JsonObject } from '../fleet/json.ts'
import type { KubeKind } from './discovery.ts'
import type { ApplyInput } from './gateway.ts'
import { getObject, isBeingDeleted } from './live-objects.ts'
import { createByApply, serverSideApply } from './server-side-apply.ts'
import type { Session } from './session.ts'
import { resourceVersionOf } from './up-to-date.ts'
import type { Wanted } from './wanted.ts'

/**
 * Several applications may create one namespace, and another may have it among its manifests: an owner of fields of
 * its own, so that none of them takes away what the others have set.
 */
const namespaceManager = 'roadstead-create-namespace'
const namespaceKind: KubeKind = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false, verbs: [] }

export interface DestinationNamespace {
  readonly key: ResourceKey
  /** Null when there is nothing to do. */
  readonly outcome: 'created' | 'configured' | null
  /** Why nothing can be applied there now; null when it can. */
  readonly problem: string | null
}

/**
 * syncOption CreateNamespace=true, as Argo CD has it: the destination's namespace is made with `managedNamespaceMetadata` where it is missing. It
 * isn't tracked: it is neither pruned nor removed with the application. Null when not asked for, when the manifests hold it, or when it is known to exist.
 */
export async function ensureNamespace(
  session: Session,
  input: ApplyInput,
  wanted: readonly Wanted[],
  options: { readonly exists: boolean; readonly signal: AbortSignal | undefined },
): Promise<DestinationNamespace | null> {
  const { exists, signal } = options
  const name = input.namespace
  if (!input.syncOptions.includes('CreateNamespace=true') || name === '') return null
  if (wanted.some(({ key }) => key.kind === 'Namespace' && key.group === '' && key.name === name)) return null
  if (!wanted.some(({ key }) => key.namespace === name)) return null
  const hasMetadata = input.managedNamespaceMetadata !== undefined
  if (exists && !hasMetadata) return null
  const key: ResourceKey = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name }
  const target = { key, kind: namespaceKind, object: namespaceObject(input) }
  const created = exists ? null : await createByApply(session, target, { signal, manager: namespaceManager })
  if (created !== null) return { key, outcome: 'created', problem: null }
  const live = await getObject(session, namespaceKind, key, signal)
  if (live !== null && isBeingDeleted(live))
    return { key, outcome: null, problem: `namespace ${name} is terminating: nothing can be created in it until it is gone` }
  if (live !== null && (!hasMetadata || isApplied(live, target.object))) return { key, outcome: null, problem: null }
  const applied = await serverSideApply(session, target, { signal, manager: namespaceManager })
  return { key, outcome: live !== null && resourceVersionOf(applied) === resourceVersionOf(live) ? null : 'configured', problem: null }
}

function namespaceObject(input: ApplyInput): KubeObject {
  const { labels, annotations } = input.managedNamespaceMetadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: input.namespace, ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) },
  }
}

function isApplied(live: JsonObject, object: KubeObject): boolean {
  const owned = ownedFields(live, namespaceManager)
  return (
    owned !== null && ownsAllOf(owned.fields, object) && ownsNothingElse(owned.fields, object) && differences(object, live).length === 0
  )
}
