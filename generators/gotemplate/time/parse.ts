import { FunctionError } from '../errors.ts'
import { type Civil, daysInMonth, isLeapYear, secondsFromCivil } from './civil.ts'
import { type Chunk, chunks, longDays, longMonths } from './layout.ts'
import { quoteBytes } from './quote.ts'
import { fixedZone, utc, type Zone } from './zones.ts'

export interface ParsedTime {
  readonly seconds: bigint
  readonly nanosecond: number
  readonly zone: Zone
}

/** time.ParseInLocation. Throws FunctionError with Go's text. */
export function parseTime(layout: string, value: string, local: Zone): ParsedTime {
  return new TimeParser(layout, value).run(local)
}

class TimeParser {
  private readonly layout: string
  private readonly value: string
  private rest: string
  private year = 0
  private month = -1
  private day = -1
  private yearDay = -1
  private hour = 0
  private minute = 0
  private second = 0
  private nanosecond = 0
  private isMorning = false
  private isAfternoon = false
  private isUtc = false
  private offset: number | undefined
  private zoneName = ''

  constructor(layout: string, value: string) {
    this.layout = layout
    this.value = value
    this.rest = value
  }

  run(local: Zone): ParsedTime {
    const parts = chunks(this.layout)
    for (const [i, chunk] of parts.entries()) {
      if (chunk.element === '') this.literal(chunk.text)
      else this.element(chunk, parts[i + 1])
    }
    if (this.rest !== '') throw this.error('', this.rest, `: extra text: ${quoteBytes(this.rest)}`)
    return this.finish(local)
  }

  private error(element: string, rest: string, message: string): FunctionError {
    if (message !== '') return new FunctionError(`parsing time ${quoteBytes(this.value)}${message}`)
    return new FunctionError(
      `parsing time ${quoteBytes(this.value)} as ${quoteBytes(this.layout)}: cannot parse ${quoteBytes(rest)} as ${quoteBytes(element)}`,
    )
  }

  private literal(prefix: string): void {
    let at = 0
    while (at < prefix.length) {
      if (prefix[at] === ' ') {
        if (this.rest !== '' && this.rest[0] !== ' ') throw this.error(prefix, this.rest, '')
        while (prefix[at] === ' ') at++
        this.rest = this.rest.replace(/^ +/, '')
        continue
      }
      if (this.rest[0] !== prefix[at] || this.rest === '') throw this.error(prefix, this.rest, '')
      at++
      this.rest = this.rest.slice(1)
    }
  }

  private take(pattern: RegExp, chunk: Chunk): string {
    const match = pattern.exec(this.rest)
    if (match === null) throw this.error(chunk.text, this.rest, '')
    this.rest = this.rest.slice(match[0].length)
    return match[1] ?? match[0]
  }

  /** One or two digits; `fixed` asks for two. */
  private number(chunk: Chunk, fixed: boolean): number {
    return Number(this.take(fixed ? /^[0-9]{2}/ : /^[0-9]{1,2}/, chunk))
  }

  private checkRange(isGood: boolean, what: string): void {
    if (!isGood) throw this.error('', '', `: ${what} out of range`)
  }

  private name(names: readonly string[], chunk: Chunk): number {
    const lower = this.rest.toLowerCase()
    const index = names.findIndex((name) => lower.startsWith(name.toLowerCase()))
    if (index < 0) throw this.error(chunk.text, this.rest, '')
    this.rest = this.rest.slice(names[index]?.length)
    return index
  }

  private element(chunk: Chunk, next: Chunk | undefined): void {
    const fixed = chunk.element.startsWith('0')
    switch (chunk.element) {
      case '06': {
        const year = Number(this.take(/^(?:[0-9]{2}|[+-][0-9])/, chunk))
        this.year = year >= 69 ? year + 1900 : year + 2000
        return
      }
      case '2006':
        this.year = Number(this.take(/^[0-9]{4}/, chunk))
        return
      case 'Jan':
        this.month =
          this.name(
            longMonths.map((month) => month.slice(0, 3)),
            chunk,
          ) + 1
        return
      case 'January':
        this.month = this.name(longMonths, chunk) + 1
        return
      case '1':
      case '01':
        this.month = this.number(chunk, fixed)
        return this.checkRange(this.month >= 1 && this.month <= 12, 'month')
      case 'Mon':
        this.name(
          longDays.map((day) => day.slice(0, 3)),
          chunk,
        )
        return
      case 'Monday':
        this.name(longDays, chunk)
        return
      case '2':
      case '_2':
      case '02':
        if (chunk.element === '_2') this.rest = this.rest.replace(/^ /, '')
        this.day = this.number(chunk, fixed)
        return
      case '__2':
      case '002':
        if (chunk.element === '__2') this.rest = this.rest.replace(/^ {1,2}/, '')
        this.yearDay = Number(this.take(chunk.element === '002' ? /^[0-9]{3}/ : /^[0-9]{1,3}/, chunk))
        return
      default:
        this.clock(chunk, next)
    }
  }

  private clock(chunk: Chunk, next: Chunk | undefined): void {
    const fixed = chunk.element.startsWith('0')
    switch (chunk.element) {
      case '15':
        this.hour = this.number(chunk, false)
        return this.checkRange(this.hour < 24, 'hour')
      case '3':
      case '03':
        this.hour = this.number(chunk, fixed)
        return this.checkRange(this.hour <= 12, 'hour')
      case '4':
      case '04':
        this.minute = this.number(chunk, fixed)
        return this.checkRange(this.minute < 60, 'minute')
      case '5':
      case '05':
        this.second = this.number(chunk, fixed)
        this.checkRange(this.second < 60, 'second')
        // A fraction in the value that the layout doesn't mention.
        if (!next?.element.startsWith('.') && /^[.,][0-9]/.test(this.rest)) this.fraction(/^[.,]([0-9]+)/, chunk)
        return
      case 'PM':
      case 'pm': {
        const half = this.take(chunk.element === 'PM' ? /^[AP]M/ : /^[ap]m/, chunk).toLowerCase()
        this.isMorning ||= half === 'am'
        this.isAfternoon ||= half === 'pm'
        return
      }
      case '.0':
        return this.fraction(new RegExp(`^[.,]([0-9]{${chunk.text.length - 1}})`), chunk)
      case '.9':
        if (/^[.,][0-9]/.test(this.rest)) this.fraction(/^[.,]([0-9]+)/, chunk)
        return
      case 'MST':
        return this.abbreviation(chunk)
      default:
        this.numericZone(chunk)
    }
  }

  private fraction(pattern: RegExp, chunk: Chunk): void {
    this.nanosecond = Number(this.take(pattern, chunk).slice(0, 9).padEnd(9, '0'))
  }

  private abbreviation(chunk: Chunk): void {
    if (this.rest.startsWith('UTC')) {
      this.rest = this.rest.slice(3)
      this.isUtc = true
      return
    }
    this.zoneName = this.take(
      /^(?:ChST|MeST|GMT(?:[+-]0*(?:2[0-3]|1?[0-9])(?![0-9]))?|(?=...)[+-]0*(?:2[0-3]|1?[0-9])(?![0-9])|[A-Z]{4}T(?![A-Z])|(?:[A-Z]{3}T|WITA)(?![A-Z])|[A-Z]{3}(?![A-Z]))/,
      chunk,
    )
  }

  private numericZone(chunk: Chunk): void {
    if (chunk.element.startsWith('Z') && this.rest.startsWith('Z')) {
      this.rest = this.rest.slice(1)
      this.isUtc = true
      return
    }
    const colon = chunk.element.includes(':') ? ':' : ''
    const groups = chunk.element.length > 6 ? 3 : chunk.element.length > 3 ? 2 : 1
    const held = this.rest
    const text = this.take(new RegExp(`^.${['..', '..', '..'].slice(0, groups).join(colon)}`, 's'), chunk)
    const numbers = Array.from({ length: groups }, (_, i) => text.slice(1 + i * (2 + colon.length), 3 + i * (2 + colon.length)))
    const bad = numbers.findIndex((number) => !/^[0-9]{2}$/.test(number))
    // Numbers that are too large are told before a sign or a digit that isn't one; what comes after the latter isn't read.
    const [hour = 0, minute = 0, second = 0] = (bad < 0 ? numbers : numbers.slice(0, bad)).map(Number)
    this.checkRange(second <= 60, 'time zone offset second')
    this.checkRange(minute <= 60, 'time zone offset minute')
    this.checkRange(hour <= 24, 'time zone offset hour')
    if (bad >= 0 || !/^[+-]/.test(text)) throw this.error(chunk.text, held, '')
    const size = (hour * 60 + minute) * 60 + second
    this.offset = text.startsWith('-') ? -size : size
  }

  private finish(local: Zone): ParsedTime {
    if (this.isAfternoon && this.hour < 12) this.hour += 12
    else if (this.isMorning && this.hour === 12) this.hour = 0
    if (this.yearDay >= 0) this.applyYearDay()
    const month = this.month < 0 ? 1 : this.month
    const day = this.day < 0 ? 1 : this.day
    this.checkRange(day >= 1 && day <= daysInMonth(this.year, month), 'day')
    const civil: Civil = { year: this.year, month, day, hour: this.hour, minute: this.minute, second: this.second }
    const seconds = secondsFromCivil(civil)
    const { nanosecond } = this
    if (this.isUtc) return { seconds, nanosecond, zone: utc }
    if (this.offset !== undefined) return this.withOffset(seconds - BigInt(this.offset), this.offset, local)
    if (this.zoneName !== '') return this.withName(seconds, local)
    return { seconds: inZone(seconds, local), nanosecond, zone: local }
  }

  private withOffset(seconds: bigint, offset: number, local: Zone): ParsedTime {
    const there = local.at(seconds)
    const isLocal = there.offset === offset && (this.zoneName === '' || this.zoneName === there.abbreviation)
    return { seconds, nanosecond: this.nanosecond, zone: isLocal ? local : fixedZone(this.zoneName, offset) }
  }

  private withName(seconds: bigint, local: Zone): ParsedTime {
    const there = local.at(seconds)
    if (there.abbreviation === this.zoneName) {
      return { seconds: seconds - BigInt(there.offset), nanosecond: this.nanosecond, zone: local }
    }
    const offset = /^GMT[+-]/.test(this.zoneName) ? Number(this.zoneName.slice(3)) * 3600 : 0
    return { seconds: seconds - BigInt(offset), nanosecond: this.nanosecond, zone: fixedZone(this.zoneName, offset) }
  }

  private applyYearDay(): void {
    this.checkRange(this.yearDay >= 1 && this.yearDay <= (isLeapYear(this.year) ? 366 : 365), 'day-of-year')
    let month = 1
    let day = this.yearDay
    while (day > daysInMonth(this.year, month)) {
      day -= daysInMonth(this.year, month)
      month++
    }
    if (this.month >= 0 && this.month !== month) throw this.error('', '', ': day-of-year does not match month')
    if (this.day >= 0 && this.day !== day) throw this.error('', '', ': day-of-year does not match day')
    this.month = month
    this.day = day
  }
}

/** The instant of a civil time in a zone; around a change of the clocks, as Go guesses it. */
function inZone(civilSeconds: bigint, zone: Zone): bigint {
  const first = civilSeconds - BigInt(zone.at(civilSeconds).offset)
  const second = civilSeconds - BigInt(zone.at(first).offset)
  return second
}
