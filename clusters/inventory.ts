import { isJsonObject, type JsonObject } from '../fleet/json.ts'
import { listAt, textAt } from '../fleet/json-at.ts'
import { mapBounded } from '../fleet/map-bounded.ts'
import { applicationLabel, applicationLabelValue } from '../fleet/tracking.ts'
import type { Connection } from './connection.ts'
import type { Discovery, Kinds, KubeKind } from './discovery.ts'
import { KubeApiError } from './kube-api-error.ts'
import type { GatewayLimits } from './limits.ts'
import { listObjects } from './list-objects.ts'

/** Where objects of an application are: a kind and a namespace ('' for cluster-scoped ones). */
export interface Place {
  readonly group: string
  readonly kind: string
  readonly namespace: string
}

export interface Inventory {
  /**
   * Where the application has objects, as of `maxAgeMs` ago at most (the limit when left out). More places than it really has do no
   * harm: each is listed before anything is decided.
   */
  readonly placesOf: (applicationName: string, maxAgeMs?: number) => Promise<readonly Place[]>
  /** Before the application writes there: what is written down first can't be forgotten. */
  readonly add: (applicationName: string, place: Place) => void
  /** Kinds that these credentials may not list in the whole cluster: nothing is known of them but what was added. */
  readonly deniedKinds: () => ReadonlySet<string>
}

/** Kinds that controllers make by the thousand and nobody applies; Argo CD leaves them out as well. */
const leftOut = new Set([
  '/Event',
  'events.k8s.io/Event',
  '/Endpoints',
  'discovery.k8s.io/EndpointSlice',
  'coordination.k8s.io/Lease',
  '/ComponentStatus',
  '/Node',
])

/**
 * Which kinds hold objects of which application. To find what is no longer wanted, all kinds of a cluster would have to be listed for each
 * application; here they are listed once for all applications (metadata only, by label), and then only where the application has something.
 */
export function createInventory(connection: Connection, discovery: Discovery, limits: GatewayLimits): Inventory {
  let places = new Map<string, Map<string, Place>>()
  let denied: ReadonlySet<string> = new Set()
  let scannedAtMs: number | null = null
  let scanning: Promise<void> | null = null
  /** What was added while a scan ran, which may have passed there before. */
  let addedMeanwhile: [string, Place][] = []

  const scan = async (): Promise<void> => {
    const startedAtMs = performance.now()
    addedMeanwhile = []
    const found = await scanCluster(connection, limits, await discovery.kinds())
    for (const [label, place] of addedMeanwhile) put(found.places, label, place)
    // without the right to list, what was added is all that is known
    for (const [label, known] of places)
      for (const place of known.values()) if (found.denied.has(kindName(place))) put(found.places, label, place)
    places = found.places
    denied = found.denied
    scannedAtMs = startedAtMs
  }
  return {
    placesOf: async (applicationName, maxAgeMs = limits.inventoryMaxAgeMs) => {
      if (scannedAtMs === null || performance.now() - scannedAtMs > maxAgeMs) {
        scanning ??= scan().finally(() => {
          scanning = null
        })
        await scanning
      }
      return [...(places.get(applicationLabelValue(applicationName))?.values() ?? [])]
    },
    add: (applicationName, place) => {
      const label = applicationLabelValue(applicationName)
      put(places, label, place)
      if (scanning !== null) addedMeanwhile.push([label, place])
    },
    deniedKinds: () => denied,
  }
}

export function kindName(kind: { readonly group: string; readonly kind: string }): string {
  return `${kind.group}/${kind.kind}`
}

function put(places: Map<string, Map<string, Place>>, label: string, place: Place): void {
  const known = places.get(label) ?? new Map<string, Place>()
  places.set(label, known)
  const key = `${kindName(place)}/${place.namespace}`
  if (!known.has(key)) known.set(key, place)
}

async function scanCluster(
  connection: Connection,
  limits: GatewayLimits,
  kinds: Kinds,
): Promise<{ places: Map<string, Map<string, Place>>; denied: ReadonlySet<string> }> {
  const places = new Map<string, Map<string, Place>>()
  const denied = new Set<string>()
  const listed = kinds.all.filter((kind) => kind.verbs.includes('list') && kind.verbs.includes('delete') && !leftOut.has(kindName(kind)))
  await mapBounded(listed, limits.parallelMax, async (kind) => {
    try {
      for (const object of await listObjects(connection, limits, {
        kind,
        namespace: '',
        labelSelector: applicationLabel,
        metadataOnly: true,
      })) {
        const label = textAt(object, 'metadata', 'labels', applicationLabel)
        if (label !== '' && !isChild(object)) put(places, label, placeOf(kind, object))
      }
    } catch (error) {
      // 405 and 406: an aggregated API that lists nothing in this form; 5xx: one that is down
      if (!(error instanceof KubeApiError) || error.status === 401) throw error
      if (error.status >= 500 && kind.group === '') throw error
      denied.add(kindName(kind))
    }
  })
  return { places, denied }
}

function placeOf(kind: KubeKind, object: JsonObject): Place {
  return { group: kind.group, kind: kind.kind, namespace: textAt(object, 'metadata', 'namespace') }
}

/** Made by a controller from something else: it comes and goes with that, and its copied labels mean nothing. */
export function isChild(object: JsonObject): boolean {
  return listAt(object, 'metadata', 'ownerReferences').some((reference) => isJsonObject(reference) && reference['controller'] === true)
}
