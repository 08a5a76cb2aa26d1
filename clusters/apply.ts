import type { ResourceKey } from '../fleet/application.ts'
import { FleetError } from '../fleet/errors.ts'
import type { JsonObject } from '../fleet/json.ts'
import { listAt, textAt } from '../fleet/json-at.ts'
import { mapBounded } from '../fleet/map-bounded.ts'
import { type SyncGroup, syncGroups } from '../fleet/sync-order.ts'
import { identityOf, nameOf, ownerOf } from '../fleet/tracking.ts'
import { ensureNamespace } from './destination-namespace.ts'
import type { ApplyInput, ApplyOptions, ApplyResult, ResourceOutcome } from './gateway.ts'
import { KubeApiError } from './kube-api-error.ts'
import { extraObjects, getObject, isBeingDeleted, type LiveObjects, listedObjects } from './live-objects.ts'
import { failureMessage, isAboutObject } from './object-failure.ts'
import { pruneExtras } from './prune.ts'
import { createByApply, serverSideApply } from './server-side-apply.ts'
import type { Session } from './session.ts'
import { untilTrue } from './until-true.ts'
import { isUpToDate, resourceVersionOf } from './up-to-date.ts'
import { type Wanted, wantedObjects } from './wanted.ts'

type Resource = ResourceKey & { readonly outcome: ResourceOutcome; readonly message: string }

/** Brings a cluster to what an application wants: see ClusterGateway.apply. */
export async function applyManifests(session: Session, input: ApplyInput, options: ApplyOptions): Promise<ApplyResult> {
  const { signal, onProgress } = options
  // What can be applied here, in the form in which it is applied.
  const { wanted, failed } = await wantedObjects(session, input)
  if (wanted.length === 0 && failed.length === 0 && !input.allowEmpty)
    throw new FleetError(
      'ILLEGAL_STATE',
      `${input.applicationName} renders to nothing; what it has is kept. Set allowEmpty if nothing is what is wanted`,
    )

  // What the application has. Where that is nothing yet, its namespace may be missing, too.
  const live = await listedObjects(session, input, wanted, signal)
  const exists = [...live.byIdentity.values()].some(({ key, object }) => key.namespace === input.namespace && !isBeingDeleted(object))
  const namespace = await ensureNamespace(session, input, wanted, { exists, signal })
  if (namespace !== null && namespace.problem !== null) {
    const { problem } = namespace
    return resultOf([...failed.map(failedResource), ...wanted.map(({ key }) => ({ ...key, outcome: 'failed' as const, message: problem }))])
  }

  // Group after group; a wave that failed keeps the later ones back.
  const resources: Resource[] = [...failed.map(failedResource)]
  if (namespace !== null && namespace.outcome !== null) resources.push({ ...namespace.key, outcome: namespace.outcome, message: '' })
  let done = 0
  let failedWave: { readonly phase: string; readonly wave: number } | null = null
  for (const group of syncGroups(wanted, ({ object }) => object)) {
    if (failedWave !== null && (failedWave.phase !== group.phase || failedWave.wave !== group.wave)) {
      const { phase, wave } = failedWave
      resources.push(
        ...group.members.map(({ key }) => ({
          ...key,
          outcome: 'failed' as const,
          message: `not tried: ${phase} wave ${wave} failed before`,
        })),
      )
      continue
    }
    const applied = await mapBounded(group.members, session.limits.parallelMax, async (member) => {
      const resource = await applyOne(session, input.applicationName, member, live, signal)
      onProgress?.(++done, wanted.length)
      return resource
    })
    resources.push(...applied, ...(await awaitCrds(session, group, applied, signal)))
    if (applied.some(({ outcome }) => outcome === 'failed')) failedWave = { phase: group.phase, wave: group.wave }
  }

  // Only who has everything that it wants may lose what it no longer wants.
  const complete = !resources.some(({ outcome }) => outcome === 'failed')
  resources.push(...(await pruneExtras(session, extraObjects(live, input.applicationName, wanted), input, complete, signal)))
  return resultOf(resources)
}

function resultOf(resources: readonly Resource[]): ApplyResult {
  const changed = resources.filter(({ outcome }) => outcome === 'created' || outcome === 'configured' || outcome === 'pruned').length
  return { resources, changed, complete: !resources.some(({ outcome }) => outcome === 'failed') }
}

function failedResource(failure: ResourceKey & { readonly message: string }): Resource {
  return { ...failure, outcome: 'failed' }
}

async function applyOne(
  session: Session,
  applicationName: string,
  wanted: Wanted,
  live: LiveObjects,
  signal: AbortSignal | undefined,
): Promise<Resource> {
  const { key } = wanted
  try {
    const listed = live.byIdentity.get(identityOf(key))?.object
    if (listed !== undefined && isUpToDate(wanted, listed)) return { ...key, outcome: 'unchanged', message: '' }
    session.inventory.add(applicationName, { group: key.group, kind: key.kind, namespace: key.namespace })
    const created =
      listed === undefined ? await whenServed(session, wanted, signal, () => createByApply(session, wanted, { signal })) : null
    if (created !== null) return { ...key, outcome: 'created', message: '' }
    const before = listed ?? (await getObject(session, wanted.kind, key, signal))
    const problem = before === null ? null : obstacle(before, key, applicationName)
    if (problem !== null) return { ...key, outcome: 'failed', message: problem }
    const after = await serverSideApply(session, wanted, { signal })
    return { ...key, outcome: outcomeOf(before, after), message: '' }
  } catch (error) {
    if (!(error instanceof KubeApiError) || !isAboutObject(error)) throw error
    return { ...key, outcome: 'failed', message: failureMessage(key, error) }
  }
}

function outcomeOf(before: JsonObject | null, after: JsonObject): ResourceOutcome {
  if (before === null) return 'created'
  return resourceVersionOf(before) === resourceVersionOf(after) ? 'unchanged' : 'configured'
}

/** Why a live object must be left alone; null when it needn't. One without an owner is adopted, as Argo CD does. */
function obstacle(before: JsonObject, key: ResourceKey, applicationName: string): string | null {
  const owner = ownerOf(before)
  if (owner !== null && owner !== applicationName)
    return `belongs to the application ${owner} (OWNED_BY_OTHER): remove ${nameOf(key)} from one of the two, or delete its tracking annotation`
  return isBeingDeleted(before) ? 'is being deleted: it is applied again when it is gone' : null
}

/** A kind whose CRD has just been established may still be unknown to the server for a moment: 404, but not for want of a namespace. */
async function whenServed<T>(session: Session, wanted: Wanted, signal: AbortSignal | undefined, attempt: () => Promise<T>): Promise<T> {
  if (!wanted.awaitsCrd) return attempt()
  let outcome: { readonly value: T } | null = null
  await untilTrue({ deadlineMs: session.limits.crdTimeoutMs, signal }, async () => {
    try {
      outcome = { value: await attempt() }
      return true
    } catch (error) {
      if (error instanceof KubeApiError && error.status === 404 && !error.serverMessage.startsWith('namespaces ')) return false
      throw error
    }
  })
  const known = outcome as { readonly value: T } | null
  return known === null ? attempt() : known.value
}

/** Waits until the CRDs that a group has changed are served; those that don't become so in time are failures. */
async function awaitCrds(
  session: Session,
  group: SyncGroup<Wanted>,
  applied: readonly Resource[],
  signal: AbortSignal | undefined,
): Promise<Resource[]> {
  if (group.kind !== 'CustomResourceDefinition') return []
  const changed = new Set(applied.filter(({ outcome }) => outcome === 'created' || outcome === 'configured').map(identityOf))
  const late = await mapBounded(
    group.members.filter(({ key }) => changed.has(identityOf(key))),
    session.limits.parallelMax,
    async (member): Promise<Resource[]> => {
      const served = await untilTrue({ deadlineMs: session.limits.crdTimeoutMs, signal }, async () =>
        isEstablished(await getObject(session, member.kind, member.key, signal)),
      )
      return served
        ? []
        : [
            {
              ...member.key,
              outcome: 'failed',
              message: `the CRD is not served within ${session.limits.crdTimeoutMs} ms: see its conditions`,
            },
          ]
    },
  )
  if (changed.size > 0) await session.discovery.kinds(0)
  return late.flat()
}

function isEstablished(crd: JsonObject | null): boolean {
  return listAt(crd ?? {}, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Established' && textAt(condition, 'status') === 'True',
  )
}
