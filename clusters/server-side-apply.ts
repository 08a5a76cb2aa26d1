import { PatchStrategy } from '@kubernetes/client-node'
import type { KubeObject, ResourceKey } from '../fleet/application.ts'
import { isJsonObject, type JsonObject } from '../fleet/json.ts'
import { nameOf } from '../fleet/tracking.ts'
import { type KubeKind, pathOfKind } from './discovery.ts'
import { KubeApiError } from './kube-api-error.ts'
import { fieldManager, type Session } from './session.ts'

/**
 * A resource version that no object has: an apply with it creates what isn't there, and is refused (409) where something is. That makes
 * the check for an owner atomic, and saves the request that would ask whether there is one.
 */
const neverVersion = '1'

export interface ApplyTarget {
  readonly key: ResourceKey
  readonly kind: KubeKind
  readonly object: KubeObject
}

export interface ServerSideApplyOptions {
  readonly signal?: AbortSignal | undefined
  readonly dryRun?: boolean
  readonly manager?: string
}

/** Applies one object and gives what it became. Fields of other managers are taken over where they differ, as Argo CD does. */
export async function serverSideApply(session: Session, target: ApplyTarget, options: ServerSideApplyOptions = {}): Promise<JsonObject> {
  const answer = await session.connection.send({
    method: 'PATCH',
    path: pathOfKind({ ...target.kind, version: target.key.version }, target.key.namespace, target.key.name),
    query: { fieldManager: options.manager ?? fieldManager, force: 'true', ...(options.dryRun === true ? { dryRun: 'All' } : {}) },
    contentType: PatchStrategy.ServerSideApply,
    body: target.object,
    what: `${options.dryRun === true ? 'compare' : 'apply'} ${nameOf(target.key)}`,
    signal: options.signal,
  })
  return isJsonObject(answer) ? answer : {}
}

/** Creates an object by server-side apply; null when there is one of that name. */
export async function createByApply(
  session: Session,
  target: ApplyTarget,
  options: ServerSideApplyOptions = {},
): Promise<JsonObject | null> {
  const object = { ...target.object, metadata: { ...target.object.metadata, resourceVersion: neverVersion } }
  try {
    return await serverSideApply(session, { ...target, object }, options)
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 409) return null
    throw error
  }
}
