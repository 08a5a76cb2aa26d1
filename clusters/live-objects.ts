import type { ResourceKey } from '../fleet/application.ts'
import { isJsonObject, type JsonObject } from '../fleet/json.ts'
import { textAt } from '../fleet/json-at.ts'
import { mapBounded } from '../fleet/map-bounded.ts'
import { applicationLabel, applicationLabelValue, identityOf, keyOf, nameOf, ownerOf } from '../fleet/tracking.ts'
import { type KubeKind, pathOfKind } from './discovery.ts'
import type { ApplyInput } from './gateway.ts'
import { isChild, kindName, type Place } from './inventory.ts'
import { KubeApiError } from './kube-api-error.ts'
import { listObjects } from './list-objects.ts'
import type { Session } from './session.ts'
import type { Wanted } from './wanted.ts'

export interface LiveObject {
  readonly key: ResourceKey
  readonly kind: KubeKind
  readonly object: JsonObject
}

export interface LiveObjects {
  /** By identity. */
  readonly byIdentity: ReadonlyMap<string, LiveObject>
}

/** More namespaces than this are listed in one request for all. */
const namespacesMax = 4

/** Lists what an application owns, everywhere it is known to have something. */
export async function ownedObjects(
  session: Session,
  applicationName: string,
  places: readonly Place[],
  signal: AbortSignal | undefined,
): Promise<LiveObject[]> {
  const kinds = await session.discovery.kinds()
  const queries: { kind: KubeKind; namespace: string }[] = []
  for (const [name, namespaces] of byKind(places)) {
    const kind = kinds.preferred(name.group, name.kind)
    // its CRD is gone, and with it all that there was
    if (kind === undefined) continue
    if (!kind.namespaced || (namespaces.length > namespacesMax && !session.inventory.deniedKinds().has(kindName(kind))))
      queries.push({ kind, namespace: '' })
    else queries.push(...namespaces.map((namespace) => ({ kind, namespace })))
  }
  const labelSelector = `${applicationLabel}=${applicationLabelValue(applicationName)}`
  const lists = await mapBounded(queries, session.limits.parallelMax, async ({ kind, namespace }) => {
    const objects = await listObjects(session.connection, session.limits, { kind, namespace, labelSelector, signal })
    return objects.map((object): LiveObject => ({ key: keyOf(object), kind, object }))
  })
  return lists.flat().filter(({ object }) => ownerOf(object) === applicationName)
}

/** What an application owns, and those of the objects that it wants which are among them: a list for each kind and namespace it has. */
export async function listedObjects(
  session: Session,
  input: Pick<ApplyInput, 'applicationName' | 'knownResources'>,
  wanted: readonly Wanted[],
  signal: AbortSignal | undefined,
): Promise<LiveObjects> {
  const { applicationName, knownResources = [] } = input
  const found = await session.inventory.placesOf(applicationName)
  const denied = session.inventory.deniedKinds()
  const hidden = wanted.map(({ key }) => key).filter((key) => denied.has(kindName(key)))
  const owned = await ownedObjects(session, applicationName, [...found, ...knownResources, ...hidden], signal)
  return { byIdentity: new Map(owned.map((live) => [identityOf(live.key), live])) }
}

/** The same with what is wanted and not (yet) owned: a get for each object that isn't in a list. */
export async function liveObjects(
  session: Session,
  input: Pick<ApplyInput, 'applicationName' | 'knownResources'>,
  wanted: readonly Wanted[],
  signal: AbortSignal | undefined,
): Promise<LiveObjects> {
  const listed = await listedObjects(session, input, wanted, signal)
  const byIdentity = new Map(listed.byIdentity)
  const unlisted = wanted.filter(({ key }) => !byIdentity.has(identityOf(key)))
  const got = await mapBounded(unlisted, session.limits.parallelMax, async ({ key, kind }) => ({
    key,
    kind,
    object: await getObject(session, kind, key, signal),
  }))
  for (const { key, kind, object } of got) if (object !== null) byIdentity.set(identityOf(key), { key, kind, object })
  return { byIdentity }
}

/** Null when it isn't there (or its kind isn't). */
export async function getObject(
  session: Session,
  kind: KubeKind,
  key: ResourceKey,
  signal: AbortSignal | undefined,
): Promise<JsonObject | null> {
  try {
    const answer = await session.connection.send({
      method: 'GET',
      path: pathOfKind(kind, key.namespace, key.name),
      what: `get ${nameOf(key)}`,
      signal,
    })
    return isJsonObject(answer) ? answer : null
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return null
    throw error
  }
}

/** What the application owns and doesn't want: neither children of controllers nor an object that is wanted under another name of its kind. */
export function extraObjects(live: LiveObjects, applicationName: string, wanted: readonly Wanted[]): readonly LiveObject[] {
  const identities = new Set(wanted.map(({ key }) => identityOf(key)))
  const uids = new Set(
    [...live.byIdentity].filter(([identity]) => identities.has(identity)).map(([, { object }]) => textAt(object, 'metadata', 'uid')),
  )
  return [...live.byIdentity]
    .filter(
      ([identity, { object }]) =>
        !identities.has(identity) &&
        !uids.has(textAt(object, 'metadata', 'uid')) &&
        ownerOf(object) === applicationName &&
        !isChild(object),
    )
    .map(([, extra]) => extra)
}

export function isBeingDeleted(object: JsonObject): boolean {
  return textAt(object, 'metadata', 'deletionTimestamp') !== ''
}

function byKind(places: readonly Place[]): Map<{ group: string; kind: string }, string[]> {
  const groups = new Map<string, { name: { group: string; kind: string }; namespaces: Set<string> }>()
  for (const { group, kind, namespace } of places) {
    const name = `${group}/${kind}`
    const known = groups.get(name)
    if (known === undefined) groups.set(name, { name: { group, kind }, namespaces: new Set([namespace]) })
    else known.namespaces.add(namespace)
  }
  return new Map([...groups.values()].map(({ name, namespaces }) => [name, [...namespaces]]))
}
