import type { Environment } from '../environment.ts'
import { FunctionError } from '../errors.ts'
import { parseIntLeniently, saturated } from '../format/numbers.ts'
import { define, type FunctionTable, textAt } from '../functions.ts'
import { formatDuration, parseDuration, roundDuration } from '../time/duration.ts'
import { parseTime } from '../time/parse.ts'
import { Time, timeOf, zeroTime } from '../time/time.ts'
import { loadZone, localZone, utc } from '../time/zones.ts'
import { Sized, type Value } from '../values.ts'

const hour = 3_600_000_000_000n
const second = 1_000_000_000n

function now(environment: Environment): Time {
  return timeOf(BigInt(Math.round(environment.nowMs * 1000)) * 1000n, localZone(environment))
}

/** The instant that a date argument means: a time, or seconds after 1970 as int or int64; anything else is now. */
function instant(date: Value, environment: Environment): Time {
  if (date instanceof Time) return date
  if (typeof date === 'bigint') return new Time(date, 0, utc)
  if (date instanceof Sized && (date.type === 'int64' || date.type === 'int32')) return new Time(date.value, 0, utc)
  return now(environment)
}

function formatIn(layout: string, date: Value, zone: string, environment: Environment): string {
  const place = zone === 'Local' ? localZone(environment) : (loadZone(zone, environment.timeZone ?? 'UTC') ?? utc)
  return instant(date, environment).in(place).format(layout)
}

function orElse<T>(run: () => T, otherwise: T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof FunctionError) return otherwise
    throw error
  }
}

function moved(duration: string, date: Value): Value {
  return date instanceof Time ? date.add(parseDuration(duration)) : date
}

function toDate(layout: string, text: string, environment: Environment): Time {
  const { seconds, nanosecond, zone } = parseTime(layout, text, localZone(environment))
  return new Time(seconds, nanosecond, zone)
}

function since(date: Value, environment: Environment): bigint {
  const { seconds, nanosecond } = instant(date, environment)
  // Seconds count from the year 1 there, in 64 bits.
  const wrapped = BigInt.asIntN(64, seconds - zeroTime.seconds) + zeroTime.seconds
  return saturated(now(environment).nanoseconds - (wrapped * second + BigInt(nanosecond)))
}

/** int64 is seconds, a string seconds in digits; all else is nothing. */
function duration(value: Value): string {
  if (typeof value === 'string') return formatDuration(BigInt.asIntN(64, parseIntLeniently(value) * second))
  return formatDuration(value instanceof Sized && value.type === 'int64' ? BigInt.asIntN(64, value.value * second) : 0n)
}

const steps: readonly (readonly [string, bigint])[] = [
  ['y', hour * 24n * 365n],
  ['mo', hour * 24n * 30n],
  ['d', hour * 24n],
  ['h', hour],
  ['m', 60n * second],
  ['s', second],
]

/** The largest unit that the duration is longer than. */
function durationRound(value: Value, environment: Environment): string {
  let length = 0n
  if (typeof value === 'string') length = orElse(() => parseDuration(value), 0n)
  else if (value instanceof Sized && value.type === 'int64') length = value.value
  else if (value instanceof Time) length = since(value, environment)
  const size = length < 0n ? -length : length
  for (const [unit, nanoseconds] of steps) if (size > nanoseconds) return `${size / nanoseconds}${unit}`
  return '0s'
}

const modify = define('st', (args) => orElse(() => moved(textAt(args, 0), args[1]), args[1]))
const mustModify = define('st', (args) => moved(textAt(args, 0), args[1]))
const inZone = define('sas', (args, { environment }) => formatIn(textAt(args, 0), args[1], textAt(args, 2), environment))

/** sprig's dates. Local is the zone of the environment. */
export const dateFunctions: FunctionTable = {
  ago: define('a', ([date], { environment }) => formatDuration(roundDuration(since(date, environment), second))),
  date: define('sa', (args, { environment }) => formatIn(textAt(args, 0), args[1], 'Local', environment)),
  dateInZone: inZone,
  dateModify: modify,
  date_in_zone: inZone,
  date_modify: modify,
  duration: define('a', ([value]) => duration(value)),
  durationRound: define('a', ([value], { environment }) => durationRound(value, environment)),
  htmlDate: define('a', ([date], { environment }) => formatIn('2006-01-02', date, 'Local', environment)),
  htmlDateInZone: define('as', (args, { environment }) => formatIn('2006-01-02', args[0], textAt(args, 1), environment)),
  mustDateModify: mustModify,
  mustToDate: define('ss', (args, { environment }) => toDate(textAt(args, 0), textAt(args, 1), environment)),
  must_date_modify: mustModify,
  now: define('', (_, { environment }) => now(environment)),
  toDate: define('ss', (args, { environment }) => orElse(() => toDate(textAt(args, 0), textAt(args, 1), environment), zeroTime)),
  unixEpoch: define('t', ([date]) => (date instanceof Time ? date.seconds.toString() : '')),
}
