import { toBytes } from './bytes.ts'
import { FunctionError } from './errors.ts'
import { saturated } from './format/numbers.ts'
import { type CallContext, define, intAt, type TemplateFunction, textAt } from './functions.ts'
import { parseVersion, Version, VersionValue } from './semver/version.ts'
import { secondsFromCivil } from './time/civil.ts'
import { Duration, roundDuration } from './time/duration.ts'
import { Location, Time } from './time/time.ts'
import { localZone, utc } from './time/zones.ts'
import { type GoObject, int64, integer, List, Sized, uint64, type Value } from './values.ts'

/** A string in place of the function: why Go can't call the method. */
type Method<T> = readonly [signature: string, call: string | ((self: T, args: readonly Value[], context: CallContext) => Value)]
type Methods<T> = Readonly<Record<string, Method<T>>>

/** The method of a Go value by name, bound to it; undefined when its type has none of that name. */
export function callMethod(value: GoObject, name: string): TemplateFunction | undefined {
  if (value instanceof Time) return bind(timeMethods, value, name)
  if (value instanceof VersionValue && pointerMethods.has(name)) return undefined
  if (value instanceof Version) return bind(versionMethods, value, name)
  if (value instanceof Duration) return bind(durationMethods, value, name)
  if (value instanceof Location && name === 'String') return define('', () => value.string())
  if (value instanceof Sized && name === 'String' && value.string !== undefined) return define('', () => value.string?.())
  return undefined
}

function bind<T>(methods: Methods<T>, self: T, name: string): TemplateFunction | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  if (method === undefined) return undefined
  const [signature, call] = method
  if (typeof call === 'string') return { ...define(signature, () => undefined), cannotCall: call }
  return define(signature, (args, context) => call(self, args, context))
}

function timeAt(args: readonly Value[], i: number): Time {
  const value = args[i]
  if (value instanceof Time) return value
  throw new FunctionError('no time')
}

function durationAt(args: readonly Value[], i: number): bigint {
  return integer(args[i]) ?? 0n
}

/** Whether the clocks are ahead of what they show in the other half of the year. */
function isSummerTime(t: Time): boolean {
  const { civil, offset } = t.local()
  return [1, 7].some((month) => t.zone.at(secondsFromCivil({ ...civil, month, day: 1 })).offset < offset)
}

function bytesOf(text: string): Value {
  return new List(
    'uint8',
    Array.from(toBytes(text), (byte) => new Sized('uint8', 'uint8', BigInt(byte))),
  )
}

function manyResults(name: string, count: number): string {
  return `function ${name} has ${count} return values; should be 1 or 2`
}

function badSecondResult(name: string, type: string): string {
  return `invalid function signature for ${name}: second return value should be error; is ${type}`
}

const timeMethods: Methods<Time> = {
  Clock: ['', manyResults('Clock', 3)],
  Date: ['', manyResults('Date', 3)],
  ISOWeek: ['', badSecondResult('ISOWeek', 'int')],
  Zone: ['', badSecondResult('Zone', 'int')],
  ZoneBounds: ['', badSecondResult('ZoneBounds', 'time.Time')],
  GoString: ['', (t) => t.goString()],
  Location: [
    '',
    (t, _args, { environment }) => new Location(t.zone, t.zone.name === 'Local' ? (environment.timeZone ?? 'UTC') : t.zone.name),
  ],
  IsDST: ['', (t) => isSummerTime(t)],
  Local: ['', (t, _args, { environment }) => t.in(localZone(environment))],
  In: [
    'z',
    (t, args) => {
      const [place] = args
      if (place instanceof Location) return t.in(place.zone)
      throw new FunctionError('time: missing Location in call to Time.In')
    },
  ],
  MarshalJSON: ['', (t) => bytesOf(t.json())],
  MarshalText: ['', (t) => bytesOf(t.json().slice(1, -1))],
  Year: ['', (t) => BigInt(t.local().civil.year)],
  Month: ['', (t) => t.month()],
  Day: ['', (t) => BigInt(t.local().civil.day)],
  Hour: ['', (t) => BigInt(t.local().civil.hour)],
  Minute: ['', (t) => BigInt(t.local().civil.minute)],
  Second: ['', (t) => BigInt(t.local().civil.second)],
  Nanosecond: ['', (t) => BigInt(t.nanosecond)],
  Weekday: ['', (t) => t.weekday()],
  YearDay: ['', (t) => BigInt(t.yearDay())],
  Unix: ['', (t) => int64(t.seconds)],
  UnixMilli: ['', (t) => int64(t.seconds * 1000n + BigInt(Math.floor(t.nanosecond / 1e6)))],
  UnixMicro: ['', (t) => int64(t.seconds * 1_000_000n + BigInt(Math.floor(t.nanosecond / 1e3)))],
  UnixNano: ['', (t) => int64(t.nanoseconds)],
  Format: ['s', (t, args) => t.format(textAt(args, 0))],
  String: ['', (t) => t.string()],
  UTC: ['', (t) => t.in(utc)],
  IsZero: ['', (t) => t.seconds === -62_135_596_800n && t.nanosecond === 0],
  Add: ['d', (t, args) => t.add(durationAt(args, 0))],
  AddDate: ['iii', (t, args) => t.addDate(intAt(args, 0), intAt(args, 1), intAt(args, 2))],
  Sub: ['t', (t, args) => new Duration(saturated(t.nanoseconds - timeAt(args, 0).nanoseconds))],
  Before: ['t', (t, args) => t.nanoseconds < timeAt(args, 0).nanoseconds],
  After: ['t', (t, args) => t.nanoseconds > timeAt(args, 0).nanoseconds],
  Equal: ['t', (t, args) => t.nanoseconds === timeAt(args, 0).nanoseconds],
  Compare: [
    't',
    (t, args) => {
      const difference = t.nanoseconds - timeAt(args, 0).nanoseconds
      return difference < 0n ? -1n : difference > 0n ? 1n : 0n
    },
  ],
  Truncate: ['d', (t, args) => t.add(-remainder(t, durationAt(args, 0)))],
  Round: [
    'd',
    (t, args) => {
      const unit = durationAt(args, 0)
      const rest = remainder(t, unit)
      return t.add(unit <= 0n ? 0n : rest * 2n < unit ? -rest : unit - rest)
    },
  ],
}

/** What is left of the time since the year 1 after whole units. */
function remainder(t: Time, unit: bigint): bigint {
  return unit <= 0n ? 0n : (t.nanoseconds + 62_135_596_800_000_000_000n) % unit
}

const durationMethods: Methods<Duration> = {
  String: ['', (d) => d.string()],
  Hours: ['', (d) => Number(d.value) / 3.6e12],
  Minutes: ['', (d) => Number(d.value) / 6e10],
  Seconds: ['', (d) => Number(d.value) / 1e9],
  Milliseconds: ['', (d) => int64(d.value / 1_000_000n)],
  Microseconds: ['', (d) => int64(d.value / 1_000n)],
  Nanoseconds: ['', (d) => int64(d.value)],
  Abs: ['', (d) => new Duration(saturated(d.value < 0n ? -d.value : d.value))],
  Round: ['d', (d, args) => new Duration(roundDuration(d.value, durationAt(args, 0)))],
  Truncate: ['d', (d, args) => new Duration(durationAt(args, 0) <= 0n ? d.value : d.value - (d.value % durationAt(args, 0)))],
}

function versionAt(args: readonly Value[], i: number): Version {
  const value = args[i]
  if (value instanceof Version) return value
  throw new FunctionError('runtime error: invalid memory address or nil pointer dereference')
}

/** Methods of *semver.Version that semver.Version hasn't. */
const pointerMethods: ReadonlySet<string> = new Set([
  'Original',
  'Compare',
  'Equal',
  'LessThan',
  'LessThanEqual',
  'GreaterThan',
  'GreaterThanEqual',
])

const versionMethods: Methods<Version> = {
  Major: ['', (v) => uint64(v.major)],
  Minor: ['', (v) => uint64(v.minor)],
  Patch: ['', (v) => uint64(v.patch)],
  Prerelease: ['', (v) => v.prerelease],
  Metadata: ['', (v) => v.metadata],
  Original: ['', (v) => v.original],
  String: ['', (v) => v.string()],
  Value: ['', (v) => v.string()],
  MarshalJSON: ['', (v) => bytesOf(v.json())],
  MarshalText: ['', (v) => bytesOf(v.string())],
  IncMajor: ['', (v) => v.next(v.major + 1n, 0n, 0n)],
  IncMinor: ['', (v) => v.next(v.major, v.minor + 1n, 0n)],
  IncPatch: ['', (v) => v.next(v.major, v.minor, v.prerelease === '' ? v.patch + 1n : v.patch)],
  SetPrerelease: ['s', (v, args) => v.next(v.major, v.minor, v.patch, checked('-', textAt(args, 0)), v.metadata)],
  SetMetadata: ['s', (v, args) => v.next(v.major, v.minor, v.patch, v.prerelease, checked('+', textAt(args, 0)))],
  Compare: ['V', (v, args) => BigInt(v.compare(versionAt(args, 0)))],
  Equal: ['V', (v, args) => v.compare(versionAt(args, 0)) === 0],
  LessThan: ['V', (v, args) => v.compare(versionAt(args, 0)) < 0],
  LessThanEqual: ['V', (v, args) => v.compare(versionAt(args, 0)) <= 0],
  GreaterThan: ['V', (v, args) => v.compare(versionAt(args, 0)) > 0],
  GreaterThanEqual: ['V', (v, args) => v.compare(versionAt(args, 0)) >= 0],
}

/** A prerelease or metadata text that a version may have. */
function checked(mark: '-' | '+', text: string): string {
  if (text === '') return text
  try {
    parseVersion(`1.0.0${mark}${text}`)
  } catch (error) {
    if (error instanceof FunctionError && error.message.startsWith('version segment')) throw error
    throw new FunctionError(mark === '-' ? 'invalid prerelease string' : 'invalid metadata string')
  }
  return text
}
