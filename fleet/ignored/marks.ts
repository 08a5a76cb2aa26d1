import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { Path } from './path.ts'

/** Which parts of a value are ignored: all of it, or marks of its members or elements. */
export type Marks = 'all' | { readonly keys: ReadonlyMap<string, Marks>; readonly elements: ReadonlyMap<number, ElementMarks> }

interface ElementMarks {
  readonly marks: Marks
  /** Asked for by its index: it belongs to the element of the same index. */
  readonly fixed: boolean
}

interface Growing {
  all: boolean
  readonly keys: Map<string, Growing>
  readonly elements: Map<number, { readonly marks: Growing; fixed: boolean }>
}

/** Undefined when there are no paths. */
export function marksOf(paths: readonly Path[]): Marks | undefined {
  if (paths.length === 0) return undefined
  const root = empty()
  for (const path of paths) {
    let here = root
    for (const step of path) {
      if ('key' in step) {
        const next = here.keys.get(step.key) ?? empty()
        here.keys.set(step.key, next)
        here = next
      } else {
        const next = here.elements.get(step.index) ?? { marks: empty(), fixed: false }
        next.fixed ||= step.fixed
        here.elements.set(step.index, next)
        here = next.marks
      }
    }
    here.all = true
  }
  return settled(root)
}

function empty(): Growing {
  return { all: false, keys: new Map(), elements: new Map() }
}

function settled({ all, keys, elements }: Growing): Marks {
  if (all) return 'all'
  return {
    keys: new Map([...keys].map(([key, marks]) => [key, settled(marks)])),
    elements: new Map([...elements].map(([index, { marks, fixed }]) => [index, { marks: settled(marks), fixed }])),
  }
}

/** The value without what is marked; undefined when all of it is. */
export function without(value: Json | undefined, marks: Marks | undefined): Json | undefined {
  if (marks === undefined || value === undefined) return value
  if (marks === 'all') return undefined
  if (Array.isArray(value)) {
    return (value as readonly Json[]).flatMap((element, index) => {
      const rest = without(element, marks.elements.get(index)?.marks)
      return rest === undefined ? [] : [rest]
    })
  }
  if (!isJsonObject(value)) return value
  const rest: Record<string, Json | undefined> = {}
  for (const [key, member] of Object.entries(value)) {
    const kept = without(member, marks.keys.get(key))
    if (kept !== undefined) set(rest, key, kept)
  }
  return rest
}

/** A plain assignment would take `__proto__` for something else. */
export function set(object: Record<string, Json | undefined>, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

/** A copy with the same members, to be changed. */
export function copy(object: JsonObject): Record<string, Json | undefined> {
  return Object.fromEntries(Object.entries(object))
}
