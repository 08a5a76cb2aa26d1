import { annotationValues } from '../fleet/json-at.ts'
import { mapBounded } from '../fleet/map-bounded.ts'
import { waveOf } from '../fleet/sync-order.ts'
import type { RemoveResult } from './gateway.ts'
import { isChild } from './inventory.ts'
import { getObject, isBeingDeleted, type LiveObject, ownedObjects } from './live-objects.ts'
import { deleteObject, reverseGroups } from './prune.ts'
import type { Session } from './session.ts'
import { untilTrue } from './until-true.ts'

/** One call lasts a few times this at most; what isn't gone by then is reported, and the caller comes again. */
const patienceMs = 2_000
/** Other workers may have applied the application a moment ago. */
const inventoryMaxAgeMs = 5_000
const containers = new Set(['/Namespace', 'apiextensions.k8s.io/CustomResourceDefinition'])

/**
 * Deletes what an application owns, as Argo CD's cascade: the highest wave first, each gone before the next, and last the namespaces and CRDs,
 * whose deletion would take the rest along without order. Objects annotated Delete=false are left and not counted.
 */
export async function removeApplication(session: Session, applicationName: string, signal: AbortSignal | undefined): Promise<RemoveResult> {
  const places = await session.inventory.placesOf(applicationName, inventoryMaxAgeMs)
  const owned = await ownedObjects(session, applicationName, places, signal)
  let remaining = owned.filter(
    ({ object }) => !isChild(object) && !annotationValues(object, 'argocd.argoproj.io/sync-options').includes('Delete=false'),
  )
  while (remaining.length > 0) {
    const stage = lastStage(remaining)
    for (const group of reverseGroups(stage.filter(({ object }) => !isBeingDeleted(object))))
      await mapBounded(group, session.limits.parallelMax, (target) => deleteObject(session, target, 'Foreground', signal))
    let left: readonly LiveObject[] = stage
    const gone = await untilTrue({ deadlineMs: patienceMs, signal }, async () => {
      left = await stillThere(session, left, signal)
      return left.length === 0
    })
    const rest = remaining.filter((object) => !stage.includes(object))
    if (!gone) return { remaining: [...left, ...rest].map(({ key }) => key) }
    remaining = rest
  }
  return { remaining: [] }
}

/** What goes next: everything of the highest wave, namespaces and CRDs after all others. */
function lastStage(objects: readonly LiveObject[]): readonly LiveObject[] {
  const others = objects.filter(({ key }) => !containers.has(`${key.group}/${key.kind}`))
  const candidates = others.length > 0 ? others : objects
  const wave = Math.max(...candidates.map(({ object }) => waveOf(object)))
  return candidates.filter(({ object }) => waveOf(object) === wave)
}

async function stillThere(session: Session, objects: readonly LiveObject[], signal: AbortSignal | undefined): Promise<LiveObject[]> {
  const live = await mapBounded(objects, session.limits.parallelMax, async (target) => {
    const object = await getObject(session, target.kind, target.key, signal)
    return object === null ? [] : [{ ...target, object }]
  })
  return live.flat()
}
