import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { sameJson } from '../set/same-json.ts'
import { copy, type Marks, set, without } from './marks.ts'

interface Side {
  readonly value: Json | undefined
  readonly marks: Marks | undefined
}

/**
 * The wanted value with what is marked of it, or of the current one, as it currently is: there, or not there. Elements of lists are those of
 * the wanted list; each takes what is marked from the element of the current list that is the same one (see pairs); elements that are
 * marked as a whole stay at their place.
 */
export function keepMarked(current: Side, wanted: Side): Json | undefined {
  if (current.marks === 'all' || wanted.marks === 'all') return current.value
  if (current.marks === undefined && wanted.marks === undefined) return wanted.value
  const [now, next] = [current.value ?? undefined, wanted.value ?? undefined]
  if (isListOrNothing(now) && isListOrNothing(next) && !(now === undefined && next === undefined)) {
    const list = keepElements({ value: now ?? [], marks: current.marks }, { value: next ?? [], marks: wanted.marks })
    return list.length === 0 && next === undefined ? wanted.value : list
  }
  if (!isObjectOrNothing(now) || !isObjectOrNothing(next)) return wanted.value
  const kept = keepMembers(now ?? {}, next ?? {}, [current.marks, wanted.marks])
  // What there was only to hold an ignored field isn't made anew.
  return Object.keys(kept).length === 0 && (now === undefined || next === undefined) ? undefined : kept
}

function isListOrNothing(value: Json | undefined): value is readonly Json[] | undefined {
  return value === undefined || Array.isArray(value)
}

function isObjectOrNothing(value: Json | undefined): value is JsonObject | undefined {
  return value === undefined || isJsonObject(value)
}

function keepMembers(
  now: JsonObject,
  next: JsonObject,
  [currentMarks, wantedMarks]: readonly [Marks | undefined, Marks | undefined],
): JsonObject {
  const keysOf = (marks: Marks | undefined) => (marks === undefined || marks === 'all' ? new Map<string, Marks>() : marks.keys)
  const [marked, markedNext] = [keysOf(currentMarks), keysOf(wantedMarks)]
  const kept = copy(next)
  for (const key of new Set([...marked.keys(), ...markedNext.keys()])) {
    const own = (object: JsonObject) => (Object.hasOwn(object, key) ? object[key] : undefined)
    const value = keepMarked({ value: own(now), marks: marked.get(key) }, { value: own(next), marks: markedNext.get(key) })
    if (value === undefined) delete kept[key]
    else set(kept, key, value)
  }
  return kept
}

interface List {
  readonly value: readonly Json[]
  readonly marks: Marks | undefined
}

function keepElements(current: List, wanted: List): readonly Json[] {
  if (sameJson(without(current.value, current.marks), without(wanted.value, wanted.marks))) return current.value
  const partner = pairs(current, wanted)
  const kept = wanted.value.flatMap((element, index) => {
    const marks = marksAt(wanted, index)
    if (marks === 'all') return []
    const from = partner.get(index)
    // An element that is new has nothing to keep.
    if (from === undefined) return [element]
    const value = keepMarked({ value: current.value[from], marks: marksAt(current, from) }, { value: element, marks })
    return value === undefined ? [] : [value]
  })
  for (const [index, element] of current.value.entries()) if (marksAt(current, index) === 'all') kept.splice(index, 0, element)
  return kept
}

function elementsOf({ marks }: List) {
  return marks === undefined || marks === 'all' ? undefined : marks.elements
}

function marksAt(list: List, index: number): Marks | undefined {
  return elementsOf(list)?.get(index)?.marks
}

/**
 * Which current element each wanted one is, by their indexes. Those that are asked for by index are those of the same index. Others are the
 * same when what tells sources and parameters apart is (name, ref, repoURL, path, chart; then without path and chart); then by their
 * place, where both are marked and neither has a name.
 */
function pairs(current: List, wanted: List): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  const taken = new Set<number>()
  const pair = (matches: (now: number, next: number) => boolean) => {
    for (const next of wanted.value.keys()) {
      if (found.has(next) || marksAt(wanted, next) === 'all') continue
      const now = [...current.value.keys()].find((one) => !taken.has(one) && marksAt(current, one) !== 'all' && matches(one, next))
      if (now === undefined) continue
      found.set(next, now)
      taken.add(now)
    }
  }
  const isFixed = (list: List, index: number) => elementsOf(list)?.get(index)?.fixed === true
  const memberOf = (list: List, fields: readonly string[]) =>
    list.value.map((element, index) => identity(without(element, marksAt(list, index)), fields))
  const byIdentity = (fields: readonly string[]) => {
    const [nows, nexts] = [memberOf(current, fields), memberOf(wanted, fields)]
    pair((now, next) => nows[now] !== null && nows[now] === nexts[next])
  }
  pair((now, next) => now === next && (isFixed(current, now) || isFixed(wanted, next)))
  byIdentity(['name', 'ref', 'repoURL', 'path', 'chart'])
  byIdentity(['name', 'ref', 'repoURL'])
  const [named, namedNext] = [memberOf(current, ['name', 'ref']), memberOf(wanted, ['name', 'ref'])]
  pair(
    (now, next) =>
      now === next &&
      named[now] === null &&
      namedNext[next] === null &&
      marksAt(current, now) !== undefined &&
      marksAt(wanted, next) !== undefined,
  )
  return found
}

/** Null when an element has none of the fields. */
function identity(element: Json | undefined, fields: readonly string[]): string | null {
  if (!isJsonObject(element)) return null
  const values = fields.map((field) => (Object.hasOwn(element, field) ? (element[field] ?? null) : null))
  return values.every((value) => value === null) ? null : JSON.stringify(values)
}
