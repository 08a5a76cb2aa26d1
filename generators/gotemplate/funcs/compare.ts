import { compareStrings } from '../bytes.ts'
import { FunctionError } from '../errors.ts'
import { sprintf } from '../format/printf.ts'
import { define, type FunctionTable } from '../functions.ts'
import { Time } from '../time/time.ts'
import { Complex, GoObject, integer, isTrue, type Kind, kindOf, List, StringMap, Struct, typeOf, type Value } from '../values.ts'

type Basic = 'bool' | 'int' | 'uint' | 'float' | 'string' | 'complex' | undefined

const basicKinds: Readonly<Partial<Record<Kind, Basic>>> = {
  bool: 'bool',
  int: 'int',
  int32: 'int',
  int64: 'int',
  uint8: 'uint',
  uint64: 'uint',
  float64: 'float',
  string: 'string',
  complex128: 'complex',
}

function basicKind(value: Value): Basic {
  return basicKinds[kindOf(value)]
}

function isAbsent(value: Value): boolean {
  return value === undefined || value === null
}

function equals(first: Value, other: Value): boolean {
  const kind = basicKind(first)
  const otherKind = basicKind(other)
  if (kind !== otherKind) {
    const a = integer(first)
    const b = integer(other)
    if (a !== undefined && b !== undefined) return a === b
    if (isAbsent(first) || isAbsent(other)) return false
    throw new FunctionError(`incompatible types for comparison: ${typeOf(first)} and ${typeOf(other)}`)
  }
  if (kind === 'int' || kind === 'uint') return integer(first) === integer(other)
  if (first instanceof Complex && other instanceof Complex) return first.real === other.real && first.imaginary === other.imaginary
  if (kind !== undefined) return first === other
  return equalObjects(first, other)
}

function isNil(value: Value): boolean {
  return isAbsent(value) || (value instanceof List && value.isNil)
}

function equalObjects(first: Value, other: Value): boolean {
  if (!isAbsent(first) && !isAbsent(other) && kindOf(first) !== kindOf(other)) {
    const text = sprintf('%s: %s, %s: %v', [first, typeOf(first), typeOf(other), other])
    throw new FunctionError(`non-comparable types ${text}`)
  }
  if (isNil(first) || isNil(other)) return isNil(first) === isNil(other)
  const isComparable = other instanceof GoObject && !(other instanceof List) && !(other instanceof StringMap)
  if (!isComparable) throw new FunctionError(sprintf('non-comparable type %s: %s', [other, typeOf(other)]))
  if (first instanceof Time && other instanceof Time) {
    return first.seconds === other.seconds && first.nanosecond === other.nanosecond && first.zone.name === other.zone.name
  }
  if (first instanceof Struct && other instanceof Struct)
    return [...first.fields].every(([name, value]) => other.fields.get(name) === value)
  // Pointers are equal when they are the same.
  return first === other
}

function eq(args: readonly Value[]): boolean {
  if (args.length === 1) throw new FunctionError('missing argument for comparison')
  return args.slice(1).some((other) => equals(args[0], other))
}

function lessThan(a: Value, b: Value): boolean {
  const left = basicKind(a)
  const right = basicKind(b)
  if (left === undefined || right === undefined) throw new FunctionError('invalid type for comparison')
  const x = integer(a)
  const y = integer(b)
  if (x !== undefined && y !== undefined) return x < y
  if (left !== right) throw new FunctionError(`incompatible types for comparison: ${typeOf(a)} and ${typeOf(b)}`)
  if (typeof a === 'number' && typeof b === 'number') return a < b
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b) < 0
  throw new FunctionError('invalid type for comparison')
}

function lessOrEqual(a: Value, b: Value): boolean {
  return lessThan(a, b) || equals(a, b)
}

/** The comparisons and the logic of text/template itself. */
export const compareFunctions: FunctionTable = {
  and: { ...define('vv...', () => undefined), shortCircuits: 'and' },
  or: { ...define('vv...', () => undefined), shortCircuits: 'or' },
  not: define('v', ([value]) => !isTrue(value)),
  eq: define('vv...', eq),
  ne: define('vv', (args) => !eq(args)),
  lt: define('vv', ([a, b]) => lessThan(a, b)),
  le: define('vv', ([a, b]) => lessOrEqual(a, b)),
  gt: define('vv', ([a, b]) => !lessOrEqual(a, b)),
  ge: define('vv', ([a, b]) => !lessThan(a, b)),
}
