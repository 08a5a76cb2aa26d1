import { quote } from '../format/quote.ts'
import { GoObject, int64, Sized, uint64, type Value } from '../values.ts'
import { civilFromSeconds, secondsFromCivil, weekday, yearDay } from './civil.ts'
import { formatTime, type LocalTime, longDays, longMonths } from './layout.ts'
import { utc, type Zone } from './zones.ts'

const billion = 1_000_000_000n

/** time.Time: an instant and the zone that it is shown in. */
export class Time extends GoObject {
  readonly kind = 'struct'
  readonly type = 'time.Time'
  /** Since 1970. */
  readonly seconds: bigint
  readonly nanosecond: number
  readonly zone: Zone

  constructor(seconds: bigint, nanosecond: number, zone: Zone) {
    super()
    this.seconds = seconds
    this.nanosecond = nanosecond
    this.zone = zone
  }

  get nanoseconds(): bigint {
    return this.seconds * billion + BigInt(this.nanosecond)
  }

  local(): LocalTime {
    const { offset, abbreviation } = this.zone.at(this.seconds)
    const localSeconds = this.seconds + BigInt(offset)
    return { civil: civilFromSeconds(localSeconds), localSeconds, nanosecond: this.nanosecond, offset, abbreviation }
  }

  format(layout: string): string {
    return formatTime(layout, this.local())
  }

  in(zone: Zone): Time {
    return new Time(this.seconds, this.nanosecond, zone)
  }

  /** `nanoseconds` later. */
  add(nanoseconds: bigint): Time {
    return timeOf(this.nanoseconds + nanoseconds, this.zone)
  }

  /** time.Time's AddDate: months and days that don't exist run over. */
  addDate(years: number, months: number, days: number): Time {
    const { civil, offset } = this.local()
    const moved = secondsFromCivil({ ...civil, year: civil.year + years, month: civil.month + months, day: civil.day + days })
    return new Time(moved - BigInt(offset), this.nanosecond, this.zone)
  }

  weekday(): Sized {
    return new Named('time.Weekday', BigInt(weekday(this.local().localSeconds)), longDays, 0)
  }

  month(): Sized {
    return new Named('time.Month', BigInt(this.local().civil.month), longMonths, 1)
  }

  yearDay(): number {
    return yearDay(this.local().civil)
  }

  override string(): string {
    return this.format('2006-01-02 15:04:05.999999999 -0700 MST')
  }

  override goString(): string {
    const { civil } = this.local()
    const zone =
      this.zone.name === 'UTC' || this.zone.name === 'Local' ? `time.${this.zone.name}` : `time.Location(${quote(this.zone.name)})`
    const clock = `${civil.hour}, ${civil.minute}, ${civil.second}, ${this.nanosecond}`
    return `time.Date(${civil.year}, time.${this.month().string?.()}, ${civil.day}, ${clock}, ${zone})`
  }

  /** Seconds count from the year 1. */
  override privateFields(): ReadonlyMap<string, Value> {
    return new Map<string, Value>([
      ['wall', uint64(BigInt(this.nanosecond))],
      ['ext', int64(this.seconds + 62_135_596_800n)],
      ['loc', this.zone.name === 'UTC' ? null : new Location(this.zone, this.zone.name)],
    ])
  }

  override json(): string {
    return `"${this.format('2006-01-02T15:04:05.999999999Z07:00')}"`
  }
}

/** *time.Location, as a time's Location gives it. */
export class Location extends GoObject {
  readonly kind = 'ptr'
  readonly type = '*time.Location'
  readonly zone: Zone
  private readonly name: string

  /** `name`: what it calls itself; Local goes by the name of its place. */
  constructor(zone: Zone, name: string) {
    super()
    this.zone = zone
    this.name = name
  }

  override string(): string {
    return this.name
  }

  override json(): string {
    return '{}'
  }
}

/** The instant so many nanoseconds after 1970. */
export function timeOf(nanoseconds: bigint, zone: Zone): Time {
  let seconds = nanoseconds / billion
  let rest = nanoseconds % billion
  if (rest < 0n) {
    rest += billion
    seconds -= 1n
  }
  return new Time(seconds, Number(rest), zone)
}

/** Go's zero time: the first of January of the year 1, UTC. */
export const zeroTime = new Time(-62_135_596_800n, 0, utc)

/** time.Month and time.Weekday: integers that print as names. */
class Named extends Sized {
  private readonly names: readonly string[]
  private readonly first: number

  constructor(type: string, value: bigint, names: readonly string[], first: number) {
    super(type, 'int', value)
    this.names = names
    this.first = first
  }

  override string(): string {
    return this.names[Number(this.value) - this.first] ?? `%!${this.type.slice(5)}(${this.value})`
  }
}
