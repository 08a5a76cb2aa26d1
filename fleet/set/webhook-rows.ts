import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { unknownText } from './webhook-address.ts'

/** The sets of parameters that a generator gives, as far as that can be told without asking anybody. */
export type KnownRows = readonly JsonObject[]

/** Of list generators their elements, of a public host's scmProvider the host and who owns the repositories; null for all others. */
export function knownRows(field: string, spec: JsonObject): KnownRows | null {
  if (field === 'list') {
    const isWhole = Array.isArray(spec.elements) && spec.elements.length > 0 && spec.elementsYaml === undefined
    return isWhole ? (spec.elements as readonly Json[]).filter(isJsonObject) : null
  }
  if (field !== 'scmProvider') return null
  for (const [provider, { host, owner }] of Object.entries(publicHosts)) {
    const settings = spec[provider]
    // An `api` of one's own gives whatever addresses its administrator has set.
    if (!isJsonObject(settings) || (settings.api !== undefined && settings.api !== '')) continue
    const organization = owner === null ? undefined : settings[owner]
    return [{ url: `https://${host}/${unknownText}`, ...(organization === undefined ? {} : { organization }) }]
  }
  return null
}

const publicHosts: Readonly<Record<string, { readonly host: string; readonly owner: string | null }>> = {
  github: { host: 'github.com', owner: 'organization' },
  // Its groups have groups in them.
  gitlab: { host: 'gitlab.com', owner: null },
  bitbucket: { host: 'bitbucket.org', owner: 'owner' },
}

const expression = /\{\{.*?\}\}/gs

export function isTemplate(text: string): boolean {
  return text.includes('{{')
}

/** The text with what a set of parameters says in its templates; the rest of them is unknown. */
export function filled(text: string, row: JsonObject): string {
  return replaceTemplates(text, (template) => {
    const key = keyOf(template)
    const value = key === null ? undefined : valueAt(row, key)
    // An element of a list may be a template itself, for what stands before the list.
    if (typeof value === 'string') return replaceTemplates(value, () => unknownText)
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : unknownText
  })
}

/** Behind the last end no template ends: looking for one from each beginning would take the square of their number. */
function replaceTemplates(text: string, by: (template: string) => string): string {
  const end = text.lastIndexOf('}}') + 2
  return text.slice(0, end).replace(expression, by) + text.slice(end)
}

/** `{{ key }}` and `{{ .key }}`; anything else isn't told without the template engine. */
function keyOf(template: string): string | null {
  return /^\{\{-?\s*\.?([\w-]+(?:\.[\w-]+)*)\s*-?\}\}$/.exec(template)?.[1] ?? null
}

function valueAt(row: JsonObject, key: string): Json | undefined {
  if (Object.hasOwn(row, key)) return row[key]
  let value: Json | undefined = row
  for (const part of key.split('.')) value = isJsonObject(value) && Object.hasOwn(value, part) ? value[part] : undefined
  return value
}
