import { compareStrings } from './bytes.ts'

/**
 * The values of a template, in the JavaScript type that is nearest to Go's:
 *
 * | Go | here |
 * |---|---|
 * | no value (an invalid reflect.Value) | `undefined` |
 * | nil in an interface | `null` |
 * | bool, string | boolean, string (bytes.ts says how bytes fit in) |
 * | float64 (all numbers of JSON) | number |
 * | int | bigint |
 * | []interface{}, map[string]interface{} | array, plain object |
 * | every other type | a GoObject |
 */
export type Value = undefined | null | boolean | number | bigint | string | readonly Value[] | GoMap | GoObject

/** map[string]interface{}. Read own properties only: a parameter may be called `constructor`. */
export interface GoMap {
  [key: string]: Value
}

export type Kind =
  | 'invalid'
  | 'bool'
  | 'int'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint64'
  | 'float64'
  | 'complex128'
  | 'string'
  | 'slice'
  | 'map'
  | 'struct'
  | 'ptr'

/** A value of a Go type that JavaScript has nothing like. */
export abstract class GoObject {
  abstract readonly type: string
  abstract readonly kind: Kind
  /** fmt.Stringer, where the type has it. */
  string?(): string
  /** json.Marshaler, where the type has it: a JSON text. */
  json?(): string
  /** fmt.GoStringer, for %#v. */
  goString?(): string
  /** Fields that fmt prints where no method of the type does it. */
  privateFields?(): ReadonlyMap<string, Value>
}

export type IntegerKind = 'int' | 'int32' | 'int64' | 'uint8' | 'uint64'

/** An integer of a type other than int, such as uint64 or time.Month. */
export class Sized extends GoObject {
  readonly type: string
  readonly kind: IntegerKind
  readonly value: bigint

  constructor(type: string, kind: IntegerKind, value: bigint) {
    super()
    this.type = type
    this.kind = kind
    this.value = value
  }
}

export function int64(value: bigint): Sized {
  return new Sized('int64', 'int64', BigInt.asIntN(64, value))
}

export function uint64(value: bigint): Sized {
  return new Sized('uint64', 'uint64', BigInt.asUintN(64, value))
}

/** A slice of elements of one type, or a nil []interface{}. sortAlpha sorts its items in place, as sprig's does. */
export class List extends GoObject {
  readonly kind = 'slice'
  readonly type: string
  readonly element: string
  readonly items: Value[]
  readonly isNil: boolean
  /** Go's capacity: a slice of it may reach beyond its end. */
  readonly capacity: number

  constructor(element: string, items: Value[], isNil = false, capacity = items.length) {
    super()
    this.type = `[]${element}`
    this.element = element
    this.items = items
    this.isNil = isNil
    this.capacity = capacity
  }
}

export function nilList(): List {
  return new List('interface {}', [], true)
}

export function strings(items: string[]): List {
  return new List('string', items)
}

/** map[string]string. */
export class StringMap extends GoObject {
  readonly kind = 'map'
  readonly type = 'map[string]string'
  readonly entries: ReadonlyMap<string, string>

  constructor(entries: ReadonlyMap<string, string>) {
    super()
    this.entries = entries
  }
}

export class Complex extends GoObject {
  readonly kind = 'complex128'
  readonly type = 'complex128'
  readonly real: number
  readonly imaginary: number

  constructor(real: number, imaginary: number) {
    super()
    this.real = real
    this.imaginary = imaginary
  }
}

/** A struct with exported fields and no methods. */
export class Struct extends GoObject {
  readonly kind = 'struct'
  readonly type: string
  readonly fields: ReadonlyMap<string, Value>

  constructor(type: string, fields: ReadonlyMap<string, Value>) {
    super()
    this.type = type
    this.fields = fields
  }
}

/** What a nil map becomes as an argument: empty to read, an error to write. */
export const nilMap: GoMap = Object.freeze(emptyMap())

/** A new map without a prototype, so that no key is special. */
export function emptyMap(): GoMap {
  return Object.create(null) as GoMap
}

export function isMap(value: Value): value is GoMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof GoObject)
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** The elements of any slice, or undefined when it is none. */
export function elements(value: Value): readonly Value[] | undefined {
  if (isArray(value)) return value
  return value instanceof List ? value.items : undefined
}

/** The keys of any map in Go's printing order, or undefined when it is none. */
export function sortedKeys(value: Value): string[] | undefined {
  if (value instanceof StringMap) return [...value.entries.keys()].sort(compareStrings)
  return isMap(value) ? Object.keys(value).sort(compareStrings) : undefined
}

/** The entry of a map, or undefined when there is none. */
export function entry(map: GoMap, key: string): Value {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

/** The value as an integer, whatever its integer type; undefined when it is none. */
export function integer(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value
  return value instanceof Sized ? value.value : undefined
}

export function kindOf(value: Value): Kind {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'number':
      return 'float64'
    case 'bigint':
      return 'int'
    case 'boolean':
      return 'bool'
    case 'undefined':
      return 'invalid'
    default:
      if (value === null) return 'invalid'
      if (value instanceof GoObject) return value.kind
      return Array.isArray(value) ? 'slice' : 'map'
  }
}

/** The type as Go writes it; nil is `<nil>`. */
export function typeOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'number':
      return 'float64'
    case 'bigint':
      return 'int'
    case 'boolean':
      return 'bool'
    case 'undefined':
      return '<nil>'
    default:
      if (value === null) return '<nil>'
      if (value instanceof GoObject) return value.type
      return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'
  }
}

/** Go's truth of `if`: not the zero value of its type; a struct or pointer is true. */
export function isTrue(value: Value): boolean {
  switch (typeof value) {
    case 'string':
      return value !== ''
    case 'number':
      return value !== 0
    case 'bigint':
      return value !== 0n
    case 'boolean':
      return value
    case 'undefined':
      return false
    default:
      return value !== null && isTrueObject(value)
  }
}

function isTrueObject(value: readonly Value[] | GoMap | GoObject): boolean {
  if (isArray(value)) return value.length > 0
  if (value instanceof List) return value.items.length > 0
  if (value instanceof StringMap) return value.entries.size > 0
  if (value instanceof Sized) return value.value !== 0n
  if (value instanceof Complex) return value.real !== 0 || value.imaginary !== 0
  if (value instanceof GoObject) return true
  for (const key in value) if (Object.hasOwn(value, key)) return true
  return false
}

/** reflect.DeepEqual: same type and same content. */
export function deepEqual(a: Value, b: Value): boolean {
  if (a === b) return true
  // No value and nil look the same once they are an argument.
  if (a === undefined || a === null) return b === undefined || b === null
  if (b === undefined || b === null || typeOf(a) !== typeOf(b)) return false
  const left = elements(a)
  const right = elements(b)
  if (left !== undefined && right !== undefined) {
    if (a instanceof List !== b instanceof List && (isNil(a) || isNil(b))) return false
    return left.length === right.length && left.every((item, i) => deepEqual(item, right[i]))
  }
  if (a instanceof Sized && b instanceof Sized) return a.value === b.value
  if (a instanceof Complex && b instanceof Complex) return a.real === b.real && a.imaginary === b.imaginary
  if (a instanceof StringMap && b instanceof StringMap) {
    return a.entries.size === b.entries.size && [...a.entries].every(([key, value]) => b.entries.get(key) === value)
  }
  if (isMap(a) && isMap(b)) {
    const keys = Object.keys(a)
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key], b[key]))
  }
  if (a instanceof GoObject && b instanceof GoObject) return sameObject(a, b)
  return false
}

function isNil(value: Value): boolean {
  return value instanceof List && value.isNil
}

function sameObject(a: GoObject, b: GoObject): boolean {
  const left = Object.entries(a)
  const right = new Map(Object.entries(b))
  return left.every(([key, value]) => right.get(key) === value)
}

/** A deep copy of maps and lists; everything else can't change. */
export function deepCopy(value: Value): Value {
  if (isArray(value)) return value.map(deepCopy)
  if (value instanceof List) return new List(value.element, value.items.map(deepCopy), value.isNil)
  if (!isMap(value)) return value
  const copy = emptyMap()
  for (const key of Object.keys(value)) copy[key] = deepCopy(value[key])
  return copy
}
