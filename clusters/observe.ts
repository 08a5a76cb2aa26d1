import type { HealthStatus, ResourceKey, SyncStatus } from '../fleet/application.ts'
import { differences } from '../fleet/diff/differences.ts'
import { sameObject } from '../fleet/diff/same-object.ts'
import { aggregateHealth, assessHealth } from '../fleet/health/health.ts'
import type { JsonObject } from '../fleet/json.ts'
import { annotationValues, textAt } from '../fleet/json-at.ts'
import { mapBounded } from '../fleet/map-bounded.ts'
import { isHook } from '../fleet/sync-order.ts'
import { identityOf, ownerOf } from '../fleet/tracking.ts'
import type { ApplyInput, Observation } from './gateway.ts'
import { KubeApiError } from './kube-api-error.ts'
import { extraObjects, getObject, isBeingDeleted, liveObjects } from './live-objects.ts'
import { failureMessage, isAboutObject } from './object-failure.ts'
import { serverSideApply } from './server-side-apply.ts'
import type { Session } from './session.ts'
import { isUpToDate } from './up-to-date.ts'
import { digestAnnotation, type Wanted, wantedObjects } from './wanted.ts'

type Resource = ResourceKey & { readonly sync: SyncStatus; readonly health: HealthStatus | null; readonly message: string }

interface Seen {
  readonly resource: Resource
  /** Whether the resource's OutOfSync makes the application so. */
  readonly counts: boolean
  readonly live: JsonObject | null
}

/** Compares and assesses an application: see ClusterGateway.observe. */
export async function observeApplication(session: Session, input: ApplyInput, signal: AbortSignal | undefined): Promise<Observation> {
  const { wanted, failed } = await wantedObjects(session, input)
  const live = await liveObjects(session, input, wanted, signal)
  const seen: Seen[] = failed.map(({ message, ...key }) => ({
    resource: { ...key, sync: 'OutOfSync', health: 'Missing', message },
    counts: true,
    live: null,
  }))
  seen.push(
    ...(await mapBounded(wanted, session.limits.parallelMax, async (one): Promise<Seen> => {
      const object = live.byIdentity.get(identityOf(one.key))?.object
      if (object === undefined)
        return { resource: { ...one.key, sync: 'OutOfSync', health: 'Missing', message: 'not on the cluster' }, counts: true, live: null }
      const health = assessHealth(object)
      const { sync, message } = await compare(session, input.applicationName, one, object, signal)
      return {
        resource: { ...one.key, sync, health: health?.status ?? null, message: joined(message, health?.message) },
        counts: true,
        live: object,
      }
    })),
  )
  for (const { key, object } of extraObjects(live, input.applicationName, wanted)) {
    if (isHook(object)) continue
    const health = assessHealth(object)
    const ignored = annotationValues(object, 'argocd.argoproj.io/compare-options').includes('IgnoreExtraneous')
    const message = isBeingDeleted(object) ? 'no longer wanted; being deleted' : 'no longer wanted'
    seen.push({
      resource: { ...key, sync: 'OutOfSync', health: health?.status ?? null, message: joined(message, health?.message) },
      counts: !ignored,
      live: object,
    })
  }
  const outOfSync = seen.some(({ resource, counts }) => counts && resource.sync === 'OutOfSync')
  const { status, message } = aggregateHealth(
    seen.map(({ resource, live: object }) => ({ key: resource, health: resource.health, live: object })),
  )
  return { sync: outOfSync ? 'OutOfSync' : 'Synced', health: status, message, resources: seen.map(({ resource }) => resource) }
}

function joined(a: string, b: string | undefined): string {
  return [a, b ?? ''].filter((text) => text !== '').join('; ')
}

/** Whether an object is as wanted. Cheap where nobody has touched it; otherwise the server says what an apply would change. */
async function compare(
  session: Session,
  applicationName: string,
  wanted: Wanted,
  live: JsonObject,
  signal: AbortSignal | undefined,
): Promise<{ readonly sync: SyncStatus; readonly message: string }> {
  const owner = ownerOf(live)
  if (owner !== null && owner !== applicationName) return { sync: 'OutOfSync', message: `belongs to the application ${owner}` }
  if (isUpToDate(wanted, live)) return { sync: 'Synced', message: '' }
  try {
    // lists come in the version that the server prefers, and only the same version can be compared
    const before =
      textAt(live, 'apiVersion') === wanted.object.apiVersion ? live : await getObject(session, wanted.kind, wanted.key, signal)
    if (before === null) return { sync: 'OutOfSync', message: 'not on the cluster' }
    const after = await serverSideApply(session, wanted, { signal, dryRun: true })
    const same = sameObject(after, before, [digestAnnotation])
    return same ? { sync: 'Synced', message: '' } : { sync: 'OutOfSync', message: explain(wanted, before) }
  } catch (error) {
    if (!(error instanceof KubeApiError) || !isAboutObject(error)) throw error
    // an admission webhook that knows no dry run, or a manifest that the server won't take
    const different = differences(wanted.object, live).some(({ path }) => !path.includes(digestAnnotation))
    if (error.status !== 422 && !different) return { sync: 'Synced', message: '' }
    return { sync: 'OutOfSync', message: joined(explain(wanted, live), `it can't be applied: ${failureMessage(wanted.key, error)}`) }
  }
}

const explainedMax = 3
const valueLengthMax = 60

/** The first differences in words. Values of Secrets stay out. */
function explain(wanted: Wanted, live: JsonObject): string {
  const found = differences(wanted.object, live).filter(({ path }) => !path.includes(digestAnnotation))
  const secret = wanted.key.kind === 'Secret' && wanted.key.group === ''
  const texts = found.slice(0, explainedMax).map(({ path, wanted: value, live: actual }) => {
    if (secret || isLarge(value) || isLarge(actual)) return `${path} differs`
    return actual === undefined ? `${path} is missing` : `${path} is ${JSON.stringify(actual)}, wanted ${JSON.stringify(value)}`
  })
  if (found.length > explainedMax) texts.push(`${found.length - explainedMax} more`)
  return texts.length === 0 ? 'it has fields that are no longer wanted' : texts.join(', ')
}

function isLarge(value: unknown): boolean {
  return value !== undefined && (typeof value === 'object' || JSON.stringify(value).length > valueLengthMax)
}
