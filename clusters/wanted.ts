import { createHash } from 'node:crypto'
import type { KubeObject, ResourceKey } from '../fleet/application.ts'
import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { jsonAt, listAt, objectAt, textAt } from '../fleet/json-at.ts'
import { isHook } from '../fleet/sync-order.ts'
import { applicationLabel, applicationLabelValue, identityOf, keyOf, nameOf, trackingAnnotation, trackingId } from '../fleet/tracking.ts'
import type { Kinds, KubeKind } from './discovery.ts'
import type { ApplyInput } from './gateway.ts'
import type { Session } from './session.ts'

/** Digest of the manifest that was applied last. With the server's record of who owns which field it says whether anything is to be done. */
export const digestAnnotation = 'roadstead.dev/applied-digest'

/** An object as it is applied. */
export interface Wanted {
  readonly key: ResourceKey
  readonly kind: KubeKind
  readonly object: KubeObject
  readonly digest: string
  /** The same apply creates its CRD, which may take a moment to be served. */
  readonly awaitsCrd: boolean
}

export interface WantedObjects {
  readonly wanted: readonly Wanted[]
  /** What can't be applied, and why. */
  readonly failed: readonly (ResourceKey & { readonly message: string })[]
}

const listDepthMax = 4

/**
 * The manifests as they go to this cluster: lists are flattened, namespaces set where the kind has one and dropped where it hasn't, tracking
 * and digest added. Hooks are left out. Throws INVALID_INPUT for what can't be a set of manifests: no name, the same object twice, too many.
 */
export async function wantedObjects(session: Session, input: ApplyInput): Promise<WantedObjects> {
  const manifests = input.manifests.flatMap((manifest) => flatten(manifest, 0)).filter((manifest) => !isHook(manifest))
  if (manifests.length > session.limits.objectsMax)
    throw new FleetError(
      'LIMIT_EXCEEDED',
      `${input.applicationName} has ${manifests.length} objects; at most ${session.limits.objectsMax} are applied`,
    )
  const brought = kindsOfCrds(manifests)
  const kinds = await kindsFor(session, manifests, brought)
  const wanted: Wanted[] = []
  const failed: (ResourceKey & { message: string })[] = []
  const seen = new Set<string>()
  for (const manifest of manifests) {
    const key = keyOf(manifest)
    const kind = find(kinds, key) ?? find(brought, key)
    if (kind === undefined) {
      failed.push({ ...key, message: unknownKind(kinds, key) })
      continue
    }
    const made = wantedObject(input, manifest, kind, find(brought, key) !== undefined)
    const identity = identityOf(made.key)
    if (seen.has(identity))
      throw new FleetError('INVALID_INPUT', `${input.applicationName} has ${nameOf(made.key)} twice: remove one of the two manifests`)
    seen.add(identity)
    wanted.push(made)
  }
  return { wanted, failed }
}

function flatten(manifest: JsonObject, depth: number): KubeObject[] {
  const items = manifest['items']
  if (textAt(manifest, 'kind').endsWith('List') && Array.isArray(items)) {
    if (depth >= listDepthMax) throw new FleetError('INVALID_INPUT', `Lists in lists are nested deeper than ${listDepthMax}`)
    return (items as readonly Json[]).flatMap((item) => (isJsonObject(item) ? flatten(item, depth + 1) : []))
  }
  const { apiVersion, kind, metadata } = manifest
  const key = keyOf(manifest)
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion === '' || kind === '' || !isJsonObject(metadata))
    throw new FleetError('INVALID_INPUT', `A manifest has no apiVersion, kind or metadata: ${nameOf(key)}`)
  if (key.name === '') {
    const reason = textAt(metadata, 'generateName') === '' ? 'has no metadata.name' : 'has generateName, which only hooks may have'
    throw new FleetError('INVALID_INPUT', `A manifest ${reason}: ${nameOf(key)}`)
  }
  // paths are built of them
  if (/[/%]|^\.{1,2}$/.test(key.name) || /[/%.]/.test(key.namespace))
    throw new FleetError('INVALID_INPUT', `Not a name in Kubernetes: ${JSON.stringify(nameOf(key))}`)
  return [{ ...manifest, apiVersion, kind, metadata: { ...metadata, name: key.name } }]
}

interface KindFinder {
  readonly find: Kinds['find']
}

function find(kinds: KindFinder, key: ResourceKey): KubeKind | undefined {
  return kinds.find(key.group, key.version, key.kind)
}

/** The kinds of a cluster, read again when one of the manifests isn't among them: its CRD may be new. */
async function kindsFor(session: Session, manifests: readonly KubeObject[], brought: KindFinder): Promise<Kinds> {
  const kinds = await session.discovery.kinds()
  const missing = manifests.map(keyOf).some((key) => find(kinds, key) === undefined && find(brought, key) === undefined)
  return missing ? await session.discovery.kinds(0) : kinds
}

/** Kinds of the CRDs that are applied together with their objects. */
function kindsOfCrds(manifests: readonly KubeObject[]): KindFinder {
  const kinds = new Map<string, KubeKind>()
  for (const manifest of manifests) {
    if (manifest.kind !== 'CustomResourceDefinition') continue
    const group = textAt(manifest, 'spec', 'group')
    const kind = textAt(manifest, 'spec', 'names', 'kind')
    for (const served of listAt(manifest, 'spec', 'versions')) {
      if (jsonAt(served, 'served') !== true) continue
      const version = textAt(served, 'name')
      const namespaced = textAt(manifest, 'spec', 'scope') === 'Namespaced'
      kinds.set(`${group}/${version}/${kind}`, {
        group,
        version,
        kind,
        plural: textAt(manifest, 'spec', 'names', 'plural'),
        namespaced,
        verbs: ['list', 'delete'],
      })
    }
  }
  return { find: (group, version, kind) => kinds.get(`${group}/${version}/${kind}`) }
}

function unknownKind(kinds: Kinds, key: ResourceKey): string {
  const served = kinds.preferred(key.group, key.kind)
  if (served !== undefined) return `this cluster doesn't serve version ${key.version} of ${key.group}/${key.kind}, but ${served.version}`
  if (kinds.incompleteGroups.includes(key.group))
    return `the API group ${key.group} of this cluster doesn't answer (is its APIService available?)`
  return 'no such kind on this cluster; is its CRD installed?'
}

function wantedObject(input: ApplyInput, manifest: KubeObject, kind: KubeKind, awaitsCrd: boolean): Wanted {
  const namespace = kind.namespaced ? (manifest.metadata.namespace ?? input.namespace) : ''
  const key: ResourceKey = { ...keyOf(manifest), namespace }
  const { applicationName } = input
  const annotations = {
    ...objectAt(manifest, 'metadata', 'annotations'),
    // Argo CD writes the destination's namespace where an object has none
    [trackingAnnotation]: trackingId({ ...key, applicationName, namespace: namespace === '' ? input.namespace : namespace }),
  }
  const labels = { ...objectAt(manifest, 'metadata', 'labels'), [applicationLabel]: applicationLabelValue(applicationName) }
  const plain = withoutServerFields(kind.group === '' && kind.kind === 'Secret' ? withEncodedData(manifest) : manifest)
  const metadata = { ...plain.metadata, namespace: namespace === '' ? undefined : namespace, labels, annotations }
  const digest = createHash('sha256')
    .update(canonical({ ...plain, metadata }))
    .digest('base64url')
    .slice(0, 22)
  const object = defined({ ...plain, metadata: { ...metadata, annotations: { ...annotations, [digestAnnotation]: digest } } }) as KubeObject
  return { key, kind, object, digest, awaitsCrd }
}

const serverFields = new Set([
  'creationTimestamp',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
])

function withoutServerFields(manifest: KubeObject): KubeObject {
  const metadata = Object.fromEntries(Object.entries(manifest.metadata).filter(([name]) => !serverFields.has(name)))
  return { ...manifest, metadata: { ...metadata, name: manifest.metadata.name } }
}

/** `stringData` is write-only and never taken back; as `data` a key that is removed from the manifest is removed from the Secret. */
function withEncodedData(manifest: KubeObject): KubeObject {
  const { stringData, ...rest } = manifest
  if (!isJsonObject(stringData)) return manifest
  const encoded = Object.entries(stringData).map(([name, value]) => [name, Buffer.from(String(value ?? '')).toString('base64')])
  return {
    ...rest,
    apiVersion: manifest.apiVersion,
    kind: manifest.kind,
    metadata: manifest.metadata,
    data: { ...objectAt(manifest, 'data'), ...Object.fromEntries(encoded) },
  }
}

/** Without properties that are null or undefined: they say nothing, and an apply would claim them. */
function defined(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(defined)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter((entry): entry is [string, Json] => entry[1] !== undefined && entry[1] !== null)
      .map(([name, inner]) => [name, defined(inner)]),
  )
}

/** JSON text that doesn't depend on the order of properties. */
function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonical).join()}]`
  if (!isJsonObject(value)) return JSON.stringify(value ?? null)
  const names = Object.keys(value).filter((name) => value[name] !== undefined && value[name] !== null)
  return `{${names
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
    .join()}}`
}
