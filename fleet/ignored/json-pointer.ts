import type { Json } from '../json.ts'
import type { Path, Step } from './path.ts'

export type ParsedPointer = { readonly keys: readonly string[] } | { readonly problem: string }

/** Reads a JSON pointer (RFC 6901): `/spec/sources/0/helm`, with `~1` for a slash and `~0` for a tilde. */
export function parsePointer(text: string): ParsedPointer {
  if (text === '') return { problem: 'is empty, which means the whole document: name a field, such as /spec/syncPolicy' }
  if (!text.startsWith('/')) return { problem: `${JSON.stringify(text)} does not start with a slash: write it as /spec/syncPolicy` }
  if (/~(?![01])/.test(text)) return { problem: `${JSON.stringify(text)} has a ~ that is neither ~0 (a tilde) nor ~1 (a slash)` }
  const keys = text.slice(1).split('/')
  return { keys: keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')) }
}

/** The path of a pointer in a value; null where it leads into a list by something else than an index, or into a text or number. */
export function pointerPath(keys: readonly string[], value: Json): Path | null {
  const path: Step[] = []
  let here: Json | undefined = value
  for (const key of keys) {
    if (Array.isArray(here)) {
      if (!/^(?:0|[1-9]\d*)$/.test(key)) return null
      const index = Number(key)
      path.push({ index, fixed: true })
      here = (here as readonly Json[])[index]
    } else {
      if (here !== undefined && here !== null && typeof here !== 'object') return null
      path.push({ key })
      here = isObject(here) && Object.hasOwn(here, key) ? here[key] : undefined
    }
  }
  return path
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null
}
