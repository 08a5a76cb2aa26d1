import { FunctionError } from '../errors.ts'
import { define, type FunctionTable, textAt } from '../functions.ts'
import { Version } from '../semver/version.ts'
import {
  deepCopy,
  emptyMap,
  entry,
  type GoMap,
  isArray,
  isMap,
  nilMap,
  sortedKeys,
  strings as stringList,
  typeOf,
  type Value,
} from '../values.ts'
import { strval } from './casts.ts'
import { mergeInto } from './merge.ts'

/** The functions that change a map in place: a template that calls one gets its parameters as a copy. */
export const mutatingFunctions: readonly string[] = ['set', 'unset', 'merge', 'mustMerge', 'mergeOverwrite', 'mustMergeOverwrite']

function mapAt(args: readonly Value[], i: number): GoMap {
  const value = args[i]
  return isMap(value) ? value : nilMap
}

function writable(map: GoMap): GoMap {
  if (map === nilMap) throw new FunctionError('assignment to entry in nil map')
  return map
}

function dict(args: readonly Value[]): GoMap {
  const map = emptyMap()
  for (let i = 0; i < args.length; i += 2) map[strval(args[i])] = i + 1 < args.length ? (args[i + 1] ?? null) : ''
  return map
}

function dig(args: readonly Value[]): Value {
  if (args.length < 3) throw new FunctionError('dig needs at least three arguments')
  // sprig looks at the last argument and at every key before it looks anything up.
  let current: Value = asMap(args.at(-1))
  const missing = args.at(-2)
  const keys = args.slice(0, -2).map((key) => {
    if (typeof key === 'string') return key
    throw conversion(key, 'string')
  })
  for (const key of keys) {
    const map = asMap(current)
    if (!Object.hasOwn(map, key)) return missing
    current = map[key]
  }
  return current
}

function asMap(value: Value): GoMap {
  if (isMap(value)) return value
  throw conversion(value, 'map[string]interface {}')
}

/** What a failed type assertion of Go says. */
function conversion(value: Value, wanted: string): FunctionError {
  const actual = value === null || value === undefined ? 'nil' : typeOf(value)
  return new FunctionError(`interface conversion: interface {} is ${actual}, not ${wanted}`)
}

function merge(args: readonly Value[], overwrites: boolean): Value {
  // mergo makes no map where nothing is merged into none.
  if (args.length === 1) return args[0]
  const first = mapAt(args, 0)
  const target = first === nilMap ? emptyMap() : first
  for (let i = 1; i < args.length; i++) mergeInto(target, mapAt(args, i), overwrites)
  return target
}

/** copystructure doesn't see the private fields of a version. */
function withoutVersions(value: Value): Value {
  if (value instanceof Version) return new Version(0n, 0n, 0n, '', '', '')
  if (isArray(value)) return value.map(withoutVersions)
  if (isMap(value)) for (const key of Object.keys(value)) value[key] = withoutVersions(value[key])
  return value
}

const mergeMissing = define('mm...', (args) => merge(args, false))
const mergeOver = define('mm...', (args) => merge(args, true))
const copy = define('a', ([value]) => {
  if (value === null) throw new FunctionError('reflect: call of reflect.Value.Type on zero Value')
  return withoutVersions(deepCopy(value))
})

/** sprig's maps. Where Go's order of keys is random, ours is sorted. */
export const dictFunctions: FunctionTable = {
  deepCopy: copy,
  dict: define('a...', dict),
  dig: define('a...', dig),
  get: define('ms', (args) => {
    const value = entry(mapAt(args, 0), textAt(args, 1))
    return value === undefined ? '' : value
  }),
  hasKey: define('ms', (args) => Object.hasOwn(mapAt(args, 0), textAt(args, 1))),
  keys: define('m...', (args) => stringList(args.flatMap((map) => sortedKeys(map) ?? []))),
  merge: mergeMissing,
  mergeOverwrite: mergeOver,
  mustDeepCopy: copy,
  mustMerge: mergeMissing,
  mustMergeOverwrite: mergeOver,
  omit: define('ms...', ([map, ...keys]) => pickKeys(map, (key) => !keys.includes(key))),
  pick: define('ms...', ([map, ...keys]) => pickKeys(map, (key) => keys.includes(key))),
  pluck: define('sm...', ([key, ...maps]) =>
    maps.map((map) => (isMap(map) ? entry(map, String(key)) : undefined)).filter((value) => value !== undefined),
  ),
  set: define('msa', (args) => {
    const map = writable(mapAt(args, 0))
    map[textAt(args, 1)] = args[2] ?? null
    return map
  }),
  unset: define('ms', (args) => {
    const map = mapAt(args, 0)
    if (map !== nilMap) delete map[textAt(args, 1)]
    return map
  }),
  values: define('m', (args) => (sortedKeys(args[0]) ?? []).map((key) => entry(mapAt(args, 0), key) ?? null)),
}

function pickKeys(map: Value, isWanted: (key: string) => boolean): GoMap {
  const result = emptyMap()
  for (const key of sortedKeys(map) ?? []) if (isMap(map) && isWanted(key)) result[key] = map[key]
  return result
}
