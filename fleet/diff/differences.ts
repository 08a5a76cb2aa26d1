import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { sameQuantity } from './quantity.ts'

export interface Difference {
  /** Such as `spec.template.spec.containers[web].image`. */
  readonly path: string
  /** Undefined: not there. */
  readonly wanted: Json | undefined
  readonly live: Json | undefined
}

/** Enough to explain; a comparison that finds more stops. */
const differencesMax = 20
const depthMax = 64

/** The server's own fields. A manifest that carries them says nothing by it. */
const serverMetadata = new Set([
  'creationTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
  'deletionTimestamp',
])

/** Below these names the API server writes quantities in its own way, so that amounts are compared and not texts. */
const quantityParents = new Set([
  'limits',
  'requests',
  'hard',
  'capacity',
  'default',
  'defaultRequest',
  'max',
  'min',
  'maxLimitRequestRatio',
])
const quantityNames = new Set(['sizeLimit', 'averageValue', 'divisor'])
/** What users write below these is theirs: it is never read as a quantity. */
const opaque = new Set(['data', 'binaryData', 'metadata', 'stringData'])

/**
 * Where a live object isn't what is wanted. Fields that only the live object has are the server's defaults or somebody else's and are
 * no difference; a list has to have the wanted items, matched by `name` where they have one, and otherwise no others either. Status is ignored.
 */
export function differences(wanted: JsonObject, live: JsonObject): readonly Difference[] {
  const found: Difference[] = []
  for (const [name, value] of Object.entries(wanted)) {
    if (name === 'status' || name === 'apiVersion') continue
    if (name === 'metadata' && isJsonObject(value)) {
      const own = Object.fromEntries(Object.entries(value).filter(([key]) => !serverMetadata.has(key)))
      compare({ path: 'metadata', name, parent: '', opaque: true, depth: 1 }, own, live[name], found)
    } else compare({ path: name, name, parent: '', opaque: opaque.has(name), depth: 1 }, value, live[name], found)
  }
  return found.slice(0, differencesMax)
}

interface Place {
  readonly path: string
  readonly name: string
  readonly parent: string
  readonly opaque: boolean
  readonly depth: number
}

function compare(place: Place, wanted: Json | undefined, live: Json | undefined, found: Difference[]): void {
  if (found.length >= differencesMax || wanted === undefined || wanted === null || wanted === live) return
  if (place.depth > depthMax) return
  if (isJsonObject(wanted) && (isJsonObject(live) || (live === undefined && Object.keys(wanted).length === 0))) {
    for (const [name, value] of Object.entries(wanted)) {
      compare(inside(place, name), value, isJsonObject(live) ? live[name] : undefined, found)
    }
    return
  }
  if (Array.isArray(wanted) && (Array.isArray(live) || (live === undefined && wanted.length === 0))) {
    compareLists(place, wanted as readonly Json[], (live ?? []) as readonly Json[], found)
    return
  }
  if (!place.opaque && isQuantityPlace(place) && sameQuantity(wanted, live)) return
  found.push({ path: place.path, wanted, live })
}

function compareLists(place: Place, wanted: readonly Json[], live: readonly Json[], found: Difference[]): void {
  const byName = named(live)
  if (named(wanted) !== null && byName !== null) {
    for (const [name, item] of named(wanted) ?? [])
      compare({ ...place, path: `${place.path}[${name}]`, depth: place.depth + 1 }, item, byName.get(name), found)
    return
  }
  if (wanted.length !== live.length) found.push({ path: place.path, wanted, live })
  else
    for (const [index, item] of wanted.entries())
      compare({ ...place, path: `${place.path}[${index}]`, depth: place.depth + 1 }, item, live[index], found)
}

function inside(place: Place, name: string): Place {
  const path = /^[A-Za-z_][\w-]*$/.test(name) ? `${place.path}.${name}` : `${place.path}[${JSON.stringify(name)}]`
  return { path, name, parent: place.name, opaque: place.opaque, depth: place.depth + 1 }
}

/** The items by their `name`; null when one has none or two have the same. */
function named(items: readonly Json[]): ReadonlyMap<string, Json> | null {
  const byName = new Map<string, Json>()
  for (const item of items) {
    const name = isJsonObject(item) ? item['name'] : undefined
    if (typeof name !== 'string' || byName.has(name)) return null
    byName.set(name, item)
  }
  return byName
}

function isQuantityPlace(place: Place): boolean {
  return quantityParents.has(place.parent) || quantityNames.has(place.name)
}
