import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { jsonAt, listAt, textAt } from '../json-at.ts'

/** What `manager` owns of a live object by server-side apply, as the API server keeps it (fieldsV1); null when it never applied it. */
export function ownedFields(live: JsonObject, manager: string): { readonly apiVersion: string; readonly fields: JsonObject } | null {
  for (const entry of listAt(live, 'metadata', 'managedFields')) {
    if (textAt(entry, 'manager') !== manager || textAt(entry, 'operation') !== 'Apply' || textAt(entry, 'subresource') !== '') continue
    const fields = jsonAt(entry, 'fieldsV1')
    if (isJsonObject(fields)) return { apiVersion: textAt(entry, 'apiVersion'), fields }
  }
  return null
}

/** The API server keeps no ownership of what identifies an object, and none of a status that is written elsewhere. */
const unowned = new Set(['apiVersion', 'kind', 'status'])
const unownedMetadata = new Set(['name', 'namespace'])

/**
 * Whether every field of `wanted` is still owned. Whoever changes or removes a field takes it away from its owner, so
 * that as long as `wanted` is what was applied last, true means that nobody has touched any of it since.
 */
export function ownsAllOf(fields: JsonObject, wanted: JsonObject): boolean {
  return withoutUnowned(wanted).every(([name, value]) => covers(fields, `f:${name}`, value))
}

/** Whether nothing is owned that `wanted` lacks, and so applying it would remove nothing. */
export function ownsNothingElse(fields: JsonObject, wanted: JsonObject): boolean {
  return Object.entries(fields).every(([path, node]) => isWanted(path, node, wanted))
}

function withoutUnowned(wanted: JsonObject): [string, Json | undefined][] {
  return Object.entries(wanted)
    .filter(([name]) => !unowned.has(name))
    .map(([name, value]) => [name, name === 'metadata' ? withoutKeys(value, unownedMetadata) : value])
}

function withoutKeys(value: Json | undefined, names: ReadonlySet<string>): Json | undefined {
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name))) : value
}

function covers(fields: JsonObject, path: string, value: Json | undefined): boolean {
  if (value === undefined) return true
  const node = fields[path]
  // metadata itself is never owned, so one that holds nothing else needs no entry
  if (!isJsonObject(node)) return path === 'f:metadata' && isJsonObject(value) && Object.keys(value).length === 0
  return coversInside(node, value)
}

function coversInside(node: JsonObject, value: Json): boolean {
  const paths = Object.keys(node).filter((path) => path !== '.')
  if (paths.length === 0) return true
  if (isJsonObject(value)) return Object.entries(value).every(([name, inner]) => covers(node, `f:${name}`, inner))
  if (Array.isArray(value))
    return (value as readonly Json[]).every((item) => paths.some((path) => names(path, item) && coversItem(node, path, item)))
  return true
}

function coversItem(node: JsonObject, path: string, item: Json): boolean {
  const inner = node[path]
  return isJsonObject(inner) && (path.startsWith('v:') || coversInside(inner, item))
}

function isWanted(path: string, node: Json | undefined, wanted: Json | undefined): boolean {
  if (path === '.') return true
  if (!isJsonObject(node)) return false
  if (path.startsWith('f:')) {
    const name = path.slice(2)
    if (!isJsonObject(wanted) || wanted[name] === undefined) return false
    return Object.entries(node).every(([inner, child]) => isWanted(inner, child, wanted[name]))
  }
  if (!Array.isArray(wanted)) return false
  const item = (wanted as readonly Json[]).find((candidate) => names(path, candidate))
  return item !== undefined && (path.startsWith('v:') || Object.entries(node).every(([inner, child]) => isWanted(inner, child, item)))
}

/** Whether a list path (`k:{"name":"web"}`, `v:"x"`) is about this item. A key that the item leaves out was filled in by the server. */
function names(path: string, item: Json): boolean {
  const value = parsed(path.slice(2))
  if (path.startsWith('v:')) return value === item
  if (!path.startsWith('k:') || !isJsonObject(value) || !isJsonObject(item)) return false
  return Object.entries(value).every(([key, wanted]) => item[key] === undefined || item[key] === wanted)
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
