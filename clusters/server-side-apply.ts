import type { KubeObject, ResourceKey } from '../fleet/application.ts'
import { isJsonObject, type JsonObject } from '../fleet/json.ts'
import { nameOf } from '../fleet/tracking.ts'
import { type KubeKind, pathOfKind } from './discovery.ts'
import { fieldManager, type Session } from './session.ts'

/** Applies one object and gives what it became. Fields of other managers are taken over where they differ, as Argo CD does. */
export async function serverSideApply(
  session: Session,
  target: { readonly key: ResourceKey; readonly kind: KubeKind; readonly object: KubeObject },
  options: { readonly signal?: AbortSignal | undefined; readonly dryRun?: boolean; readonly manager?: string } = {},
): Promise<JsonObject> {
  const answer = await session.connection.send({
    method: 'PATCH',
    path: pathOfKind({ ...target.kind, version: target.key.version }, target.key.namespace, target.key.name),
    query: { fieldManager: options.manager ?? fieldManager, force: 'true', ...(options.dryRun === true ? { dryRun: 'All' } : {}) },
    contentType: 'application/apply-patch+yaml',
    body: target.object,
    what: `${options.dryRun === true ? 'compare' : 'apply'} ${nameOf(target.key)}`,
    signal: options.signal,
  })
  return isJsonObject(answer) ? answer : {}
}
