import type { KubeObject, ResourceKey } from '../fleet/application.ts'
import type { JsonObject } from '../fleet/json.ts'
import { annotationValues, textAt } from '../fleet/json-at.ts'
import { mapBounded } from '../fleet/map-bounded.ts'
import { isHook, syncGroups } from '../fleet/sync-order.ts'
import { nameOf } from '../fleet/tracking.ts'
import { pathOfKind } from './discovery.ts'
import type { ApplyInput, ResourceOutcome } from './gateway.ts'
import { KubeApiError } from './kube-api-error.ts'
import { isBeingDeleted, type LiveObject } from './live-objects.ts'
import { failureMessage, isAboutObject } from './object-failure.ts'
import type { Session } from './session.ts'

type Resource = ResourceKey & { readonly outcome: ResourceOutcome; readonly message: string }

/** Deleting one of these deletes what it holds: other objects, all objects of a kind, or data. */
const heldKinds = new Set(['/Namespace', 'apiextensions.k8s.io/CustomResourceDefinition', '/PersistentVolumeClaim'])

/** Deletes what the application owns and no longer wants, in reverse order, or says why it is kept. */
export async function pruneExtras(
  session: Session,
  extras: readonly LiveObject[],
  input: ApplyInput,
  complete: boolean,
  signal: AbortSignal | undefined,
): Promise<readonly Resource[]> {
  const resources: Resource[] = []
  const doomed: LiveObject[] = []
  for (const extra of extras) {
    if (isHook(extra.object) || isBeingDeleted(extra.object)) continue
    const held = reasonToHold(extra.object, extra.key)
    if (held !== null) resources.push({ ...extra.key, outcome: 'pruneHeld', message: held })
    else if (!input.prune) resources.push({ ...extra.key, outcome: 'pruneSkipped', message: 'no longer wanted; pruning is off' })
    else if (!complete)
      resources.push({
        ...extra.key,
        outcome: 'pruneSkipped',
        message: 'no longer wanted; nothing is pruned while something fails to apply',
      })
    else doomed.push(extra)
  }
  const policy = propagationPolicy(input.syncOptions)
  for (const group of reverseGroups(doomed)) {
    resources.push(
      ...(await mapBounded(group, session.limits.parallelMax, async (extra): Promise<Resource> => {
        try {
          await deleteObject(session, extra, policy, signal)
          return { ...extra.key, outcome: 'pruned', message: '' }
        } catch (error) {
          if (!(error instanceof KubeApiError) || !isAboutObject(error)) throw error
          return { ...extra.key, outcome: 'failed', message: `not pruned: ${failureMessage(extra.key, error)}` }
        }
      })),
    )
  }
  return resources
}

function reasonToHold(object: JsonObject, key: ResourceKey): string | null {
  const options = annotationValues(object, 'argocd.argoproj.io/sync-options')
  if (options.includes('Prune=false')) return 'no longer wanted; kept because of its annotation Prune=false'
  if (options.includes('Prune=confirm')) return 'no longer wanted; its annotation Prune=confirm asks for a confirmation'
  return heldKinds.has(`${key.group}/${key.kind}`) ? `no longer wanted; a ${key.kind} is never pruned by itself: delete it by hand` : null
}

export type PropagationPolicy = 'Foreground' | 'Background' | 'Orphan'

/** syncOption PrunePropagationPolicy; foreground unless it says otherwise, as in Argo CD. */
export function propagationPolicy(syncOptions: readonly string[]): PropagationPolicy {
  if (syncOptions.includes('PrunePropagationPolicy=background')) return 'Background'
  return syncOptions.includes('PrunePropagationPolicy=orphan') ? 'Orphan' : 'Foreground'
}

/** Nothing that matters depends on these, so that they needn't wait for the garbage collector to find that out. */
const leafKinds = new Set([
  '/ConfigMap',
  '/Secret',
  '/Service',
  '/ServiceAccount',
  '/LimitRange',
  '/ResourceQuota',
  'autoscaling/HorizontalPodAutoscaler',
  'networking.k8s.io/Ingress',
  'networking.k8s.io/NetworkPolicy',
  'policy/PodDisruptionBudget',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
])

/** What is applied last goes first. */
export function reverseGroups(objects: readonly LiveObject[]): readonly (readonly LiveObject[])[] {
  return syncGroups(objects, ({ object }) => object as KubeObject)
    .map(({ members }) => members)
    .toReversed()
}

/** Deletes this very object: one that was made anew under the same name since is left alone. Gone already is fine. */
export async function deleteObject(
  session: Session,
  target: LiveObject,
  policy: PropagationPolicy,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isLeaf = leafKinds.has(`${target.key.group}/${target.key.kind}`)
  const propagation: PropagationPolicy = isLeaf && policy === 'Foreground' ? 'Background' : policy
  try {
    await session.connection.send({
      method: 'DELETE',
      path: pathOfKind(target.kind, target.key.namespace, target.key.name),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: propagation,
        preconditions: { uid: textAt(target.object, 'metadata', 'uid') },
      },
      what: `delete ${nameOf(target.key)}`,
      signal,
    })
  } catch (error) {
    const isGone = error instanceof KubeApiError && (error.status === 404 || error.status === 409)
    if (!isGone) throw error
  }
}
