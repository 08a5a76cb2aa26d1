import { createHash } from 'node:crypto'
import type { Json, JsonObject } from '../fleet/json.ts'
import { groupOf, listAt, textAt, versionOf } from '../fleet/json-at.ts'
import { mapBounded } from '../fleet/map-bounded.ts'
import type { Connection } from './connection.ts'
import { KubeApiError } from './kube-api-error.ts'
import type { GatewayLimits } from './limits.ts'

/** A kind as a cluster serves it in one version. */
export interface KubeKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
}

/** What a cluster serves. */
export interface Kinds {
  readonly find: (group: string, version: string, kind: string) => KubeKind | undefined
  /** The version that the server prefers. */
  readonly preferred: (group: string, kind: string) => KubeKind | undefined
  /** Every kind once, in its preferred version. */
  readonly all: readonly KubeKind[]
  /** Groups whose server didn't answer (an aggregated API that is down): their kinds may be missing. */
  readonly incompleteGroups: readonly string[]
}

export interface Discovery {
  /** What was read last, unless it is older than `maxAgeMs` (the limit when left out). */
  readonly kinds: (maxAgeMs?: number) => Promise<Kinds>
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

/** Clusters of one version serve the same: their tables are shared, or a fleet of thousands would hold the same kinds thousands of times. */
const shared = new Map<string, Kinds>()
const sharedMax = 256

/**
 * Reads the kinds of a cluster in two requests (aggregated discovery, Kubernetes 1.27), or one for each group version on older ones.
 * A group whose server is down doesn't fail the others: `onIncomplete` hears of it.
 */
export function createDiscovery(
  connection: Connection,
  limits: GatewayLimits,
  onIncomplete: (groups: readonly string[]) => void,
): Discovery {
  let read: { readonly kinds: Kinds; readonly atMs: number } | null = null
  let reading: Promise<Kinds> | null = null
  const readNow = async (): Promise<Kinds> => {
    const kinds = await readKinds(connection, limits)
    if (kinds.incompleteGroups.length > 0) onIncomplete(kinds.incompleteGroups)
    read = { kinds, atMs: performance.now() }
    return kinds
  }
  return {
    kinds: (maxAgeMs = limits.discoveryMaxAgeMs) => {
      if (read !== null && performance.now() - read.atMs < maxAgeMs) return Promise.resolve(read.kinds)
      // one read for all who wait
      reading ??= readNow().finally(() => {
        reading = null
      })
      return reading
    },
  }
}

async function readKinds(connection: Connection, limits: GatewayLimits): Promise<Kinds> {
  const [core, groups] = await Promise.all(
    ['/api', '/apis'].map((path) =>
      connection.send({ method: 'GET', path, accept: aggregated, what: `read ${path}`, timeoutMs: limits.probeTimeoutMs }),
    ),
  )
  const old = [core, groups].some((answer) => textAt(answer, 'kind') !== 'APIGroupDiscoveryList')
  const incomplete: string[] = []
  const kinds = old
    ? await readEachVersion(connection, limits, core, groups, incomplete)
    : [core, groups].flatMap((answer) => kindsOfDocument(answer, incomplete))
  return sharedTable(kinds, incomplete)
}

function kindsOfDocument(document: Json | undefined, incomplete: string[]): KubeKind[] {
  return listAt(document, 'items').flatMap((item) => {
    const group = textAt(item, 'metadata', 'name')
    return listAt(item, 'versions').flatMap((version) => {
      if (textAt(version, 'freshness') === 'Stale') incomplete.push(group)
      return listAt(version, 'resources').map((resource) => ({
        group,
        version: textAt(version, 'version'),
        kind: textAt(resource, 'responseKind', 'kind'),
        plural: textAt(resource, 'resource'),
        namespaced: textAt(resource, 'scope') === 'Namespaced',
        verbs: listAt(resource, 'verbs').filter((verb) => typeof verb === 'string'),
      }))
    })
  })
}

async function readEachVersion(
  connection: Connection,
  limits: GatewayLimits,
  core: Json | undefined,
  groups: Json | undefined,
  incomplete: string[],
): Promise<KubeKind[]> {
  const coreVersions = listAt(core, 'versions').map((version) => ({ path: `/api/${String(version)}`, apiVersion: String(version) }))
  const others = listAt(groups, 'groups').flatMap((group) => {
    const preferred = textAt(group, 'preferredVersion', 'groupVersion')
    const versions = listAt(group, 'versions').map((version) => textAt(version, 'groupVersion'))
    return [preferred, ...versions.filter((version) => version !== preferred)].map((apiVersion) => ({
      path: `/apis/${apiVersion}`,
      apiVersion,
    }))
  })
  const lists = await mapBounded([...coreVersions, ...others], limits.parallelMax, async ({ path, apiVersion }) => {
    try {
      const answer = await connection.send({ method: 'GET', path, what: `read ${path}`, timeoutMs: limits.probeTimeoutMs })
      return listAt(answer, 'resources')
        .filter((resource) => !textAt(resource, 'name').includes('/'))
        .map((resource) => oldKind(apiVersion, resource as JsonObject))
    } catch (error) {
      // one API server behind an aggregated group is down: the others still count
      if (!(error instanceof KubeApiError) || error.code === 'CLUSTER_DENIED') throw error
      incomplete.push(groupOf(apiVersion))
      return []
    }
  })
  return lists.flat()
}

function oldKind(apiVersion: string, resource: JsonObject): KubeKind {
  return {
    group: groupOf(apiVersion),
    version: versionOf(apiVersion),
    kind: textAt(resource, 'kind'),
    plural: textAt(resource, 'name'),
    namespaced: resource['namespaced'] === true,
    verbs: listAt(resource, 'verbs').filter((verb) => typeof verb === 'string'),
  }
}

function sharedTable(kinds: readonly KubeKind[], incompleteGroups: readonly string[]): Kinds {
  const key = createHash('sha256')
    .update(JSON.stringify([kinds, incompleteGroups]))
    .digest('base64')
  const known = shared.get(key)
  if (known !== undefined) return known
  const oldest = shared.keys().next()
  if (shared.size >= sharedMax && oldest.done !== true) shared.delete(oldest.value)
  const table = tableOf(kinds, incompleteGroups)
  shared.set(key, table)
  return table
}

function tableOf(kinds: readonly KubeKind[], incompleteGroups: readonly string[]): Kinds {
  const byVersion = new Map<string, KubeKind>()
  const byKind = new Map<string, KubeKind>()
  for (const kind of kinds) {
    if (kind.kind === '' || kind.plural === '') continue
    const version = `${kind.group}/${kind.version}/${kind.kind}`
    const other = byVersion.get(version)
    // some kinds are served by two resources; the one that can be read and written is meant
    if (other === undefined || kind.verbs.length > other.verbs.length) byVersion.set(version, kind)
  }
  for (const kind of byVersion.values()) {
    const name = `${kind.group}/${kind.kind}`
    // versions come in the server's order of preference
    if (!byKind.has(name)) byKind.set(name, kind)
  }
  return {
    find: (group, version, kind) => byVersion.get(`${group}/${version}/${kind}`),
    preferred: (group, kind) => byKind.get(`${group}/${kind}`),
    all: [...byKind.values()],
    incompleteGroups: [...new Set(incompleteGroups)],
  }
}

/** Path of a collection, or of one object in it. */
export function pathOfKind(kind: KubeKind, namespace: string, name?: string): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`
  const scope = kind.namespaced && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${root}${scope}/${kind.plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`
}
