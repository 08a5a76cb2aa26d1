import type { Environment } from '../environment.ts'
import { abbreviations } from './abbreviations.ts'
import { secondsFromCivil } from './civil.ts'

/** A time zone: UTC, a fixed offset, or a place of the tz database. */
export interface Zone {
  readonly name: string
  /** Seconds east of UTC and the abbreviation then, at so many seconds after 1970. */
  readonly at: (seconds: bigint) => { readonly offset: number; readonly abbreviation: string }
}

export const utc: Zone = { name: 'UTC', at: () => ({ offset: 0, abbreviation: 'UTC' }) }

export function fixedZone(name: string, offset: number): Zone {
  return { name, at: () => ({ offset, abbreviation: name }) }
}

/** Places that are an offset, in hours, and nothing else; Intl takes them for towns. */
const fixedPlaces: Readonly<Record<string, number>> = { EST: -5, MST: -7, HST: -10 }

/** Places that are laws rather than towns, with their offset in hours from before any clock was set by them. */
const lawfulPlaces: Readonly<Record<string, number>> = {
  CET: 1,
  CST6CDT: -6,
  EET: 2,
  EST5EDT: -5,
  MET: 1,
  MST7MDT: -7,
  PST8PDT: -8,
  WET: 0,
}

interface Moment {
  readonly offset: number
  readonly abbreviation: string
}

/** Dates that Intl can format; outside, the nearest one stands for them. */
const secondsMax = 8_000_000_000_000n
/** English of each of these knows other abbreviations; the others write GMT+1. */
const locales = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'en-NZ'] as const

/** A place by its IANA name as Go's time.LoadLocation takes it; undefined when there is none. `Local` is `localName`. */
export function loadZone(name: string, localName: string): Zone | undefined {
  if (name === '' || name === 'UTC') return utc
  const place = name === 'Local' ? localName : name
  if (place === 'UTC') return { ...utc, name }
  const fixed = Object.hasOwn(fixedPlaces, place) ? fixedPlaces[place] : undefined
  if (fixed !== undefined) return fixedZone(name, fixed * 3600)
  const formats = formatsOf(place)
  if (formats === undefined) return undefined
  const canonical = formats[0]?.resolvedOptions().timeZone ?? place
  const known = namesOf(place) ?? namesOf(canonical) ?? {}
  const lawful = Object.hasOwn(lawfulPlaces, place) ? lawfulPlaces[place] : undefined
  const before = lawful === undefined ? undefined : { offset: lawful * 3600, abbreviation: place.slice(0, 3) }
  return { name, at: (seconds) => lookUp(formats, known, seconds, before) }
}

/** What Go calls Local. */
export function localZone(environment: Environment): Zone {
  return loadZone('Local', environment.timeZone ?? 'UTC') ?? utc
}

type Names = Readonly<Record<number, string>>

function namesOf(place: string): Names | undefined {
  return Object.hasOwn(abbreviations, place) ? abbreviations[place] : undefined
}

function formatsOf(place: string): readonly Intl.DateTimeFormat[] | undefined {
  // LoadLocation takes paths of the tz database only; Intl would also take offsets such as +01:00.
  if (!/^[A-Za-z]/.test(place)) return undefined
  try {
    return locales.map(
      (locale) =>
        new Intl.DateTimeFormat(locale, {
          timeZone: place,
          calendar: 'gregory',
          numberingSystem: 'latn',
          hourCycle: 'h23',
          era: 'short',
          year: 'numeric',
          month: 'numeric',
          day: 'numeric',
          hour: 'numeric',
          minute: 'numeric',
          second: 'numeric',
          timeZoneName: 'short',
        }),
    )
  } catch {
    return undefined
  }
}

/** `before`: what holds instead of local mean time. */
function lookUp(formats: readonly Intl.DateTimeFormat[], names: Names, seconds: bigint, before: Moment | undefined): Moment {
  const at = seconds > secondsMax ? secondsMax : seconds < -secondsMax ? -secondsMax : seconds
  const [first] = formats
  if (first === undefined) return { offset: 0, abbreviation: 'UTC' }
  const { offset } = offsetAt(first, at)
  if (isLocalMeanTime(first, offset)) return before ?? { offset, abbreviation: 'LMT' }
  // Intl knows names since 1970; before that a clock that showed the same had the same.
  const named = at >= 0n ? at : namedInstants.find((instant) => offsetAt(first, instant).offset === offset)
  return { offset, abbreviation: names[offset / 3600] || abbreviationAt(formats, names, named ?? at, offset) }
}

/** Winters and summers of 1970 and 1985. */
const namedInstants: readonly bigint[] = [86_400n, 15_600_000n, 473_500_000n, 489_000_000n]

function abbreviationAt(formats: readonly Intl.DateTimeFormat[], names: Names, at: bigint, offset: number): string {
  if (names[offset / 3600] === '') return numericAbbreviation(offset)
  for (const format of formats) {
    const { name } = offsetAt(format, at)
    if (!/^GMT[+-]/.test(name)) return name
  }
  return numericAbbreviation(offset)
}

/** Seconds east of UTC, and the zone's name, as Intl has them. */
function offsetAt(format: Intl.DateTimeFormat, at: bigint): { readonly offset: number; readonly name: string } {
  const parts = new Map(format.formatToParts(Number(at) * 1000).map((part) => [part.type, part.value]))
  const value = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
  const isBeforeChrist = (parts.get('era') ?? '').startsWith('B')
  const civil = secondsFromCivil({
    year: isBeforeChrist ? 1 - value('year') : value('year'),
    month: value('month'),
    day: value('day'),
    hour: value('hour'),
    minute: value('minute'),
    second: value('second'),
  })
  return { offset: Number(civil - at), name: parts.get('timeZoneName') ?? '' }
}

/** Before any rule a place has local mean time, by the sun: no round offset, and the one that Intl tells for the remotest past. */
function isLocalMeanTime(format: Intl.DateTimeFormat | undefined, offset: number): boolean {
  return offset % 900 !== 0 && format !== undefined && offsetAt(format, -secondsMax).offset === offset
}

/** Places without letters of their own are named by their offset: `+0530`, `-03`. */
function numericAbbreviation(offset: number): string {
  const size = Math.abs(offset)
  const hours = String(Math.floor(size / 3600)).padStart(2, '0')
  const minutes = Math.floor(size / 60) % 60
  return `${offset < 0 ? '-' : '+'}${hours}${minutes === 0 ? '' : String(minutes).padStart(2, '0')}`
}
