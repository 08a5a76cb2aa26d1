import { type Civil, weekday, yearDay } from './civil.ts'

export const longMonths = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
export const longDays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

/** One element of a layout: literal text, or a piece of the reference time, named by its text in it. */
export interface Chunk {
  /** Empty for a literal; fractions are '.0' or '.9' (or with a comma), whatever their length. */
  readonly element: string
  readonly text: string
}

// In the order in which Go looks for them at one place.
const elementPattern =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_(?=2006)|_2|__2|3|4|5|PM|pm|[-Z]070000|[-Z]07:00:00|[-Z]0700|[-Z]07:00|[-Z]07|[.,](?:0+|9+)(?![0-9])/g

/** Splits a layout of package time into its elements. */
export function chunks(layout: string): Chunk[] {
  const result: Chunk[] = []
  let literal = ''
  let at = 0
  for (const match of layout.matchAll(elementPattern)) {
    const text = match[0]
    literal += layout.slice(at, match.index)
    at = match.index + text.length
    if (text === '_') {
      literal += text
      continue
    }
    if (literal !== '') result.push({ element: '', text: literal })
    literal = ''
    result.push({ element: /^[.,]/.test(text) ? `.${text[1]}` : text, text })
  }
  literal += layout.slice(at)
  if (literal !== '') result.push({ element: '', text: literal })
  return result
}

export interface LocalTime {
  readonly civil: Civil
  /** Of the local civil time, as if it were UTC. */
  readonly localSeconds: bigint
  readonly nanosecond: number
  readonly offset: number
  readonly abbreviation: string
}

/** time.Time's Format. */
export function formatTime(layout: string, time: LocalTime): string {
  return chunks(layout)
    .map((chunk) => (chunk.element === '' ? chunk.text : formatElement(chunk, time)))
    .join('')
}

function pad(value: number, width: number, fill = '0'): string {
  return String(value).padStart(width, fill)
}

function formatElement(chunk: Chunk, time: LocalTime): string {
  const { civil } = time
  switch (chunk.element) {
    case 'January':
      return longMonths[civil.month - 1] ?? ''
    case 'Jan':
      return (longMonths[civil.month - 1] ?? '').slice(0, 3)
    case 'Monday':
      return longDays[weekday(time.localSeconds)] ?? ''
    case 'Mon':
      return (longDays[weekday(time.localSeconds)] ?? '').slice(0, 3)
    case '1':
      return String(civil.month)
    case '01':
      return pad(civil.month, 2)
    case '2':
      return String(civil.day)
    case '_2':
      return pad(civil.day, 2, ' ')
    case '02':
      return pad(civil.day, 2)
    case '__2':
      return pad(yearDay(civil), 3, ' ')
    case '002':
      return pad(yearDay(civil), 3)
    case '2006':
      return civil.year < 0 ? `-${pad(-civil.year, 4)}` : pad(civil.year, 4)
    case '06':
      return pad(((civil.year % 100) + 100) % 100, 2)
    default:
      return formatClock(chunk, time)
  }
}

function formatClock(chunk: Chunk, time: LocalTime): string {
  const { hour, minute, second } = time.civil
  switch (chunk.element) {
    case '15':
      return pad(hour, 2)
    case '3':
      return String(hour % 12 === 0 ? 12 : hour % 12)
    case '03':
      return pad(hour % 12 === 0 ? 12 : hour % 12, 2)
    case '4':
      return String(minute)
    case '04':
      return pad(minute, 2)
    case '5':
      return String(second)
    case '05':
      return pad(second, 2)
    case 'PM':
      return hour >= 12 ? 'PM' : 'AM'
    case 'pm':
      return hour >= 12 ? 'pm' : 'am'
    case 'MST':
      return time.abbreviation === '' ? formatOffset('-0700', time.offset) : time.abbreviation
    case '.0':
      return (
        chunk.text.slice(0, 1) +
        pad(time.nanosecond, 9)
          .slice(0, chunk.text.length - 1)
          .padEnd(chunk.text.length - 1, '0')
      )
    case '.9': {
      const digits = pad(time.nanosecond, 9)
        .slice(0, chunk.text.length - 1)
        .replace(/0+$/, '')
      return digits === '' ? '' : chunk.text.slice(0, 1) + digits
    }
    default:
      return formatOffset(chunk.element, time.offset)
  }
}

function formatOffset(element: string, offset: number): string {
  if (element.startsWith('Z') && offset === 0) return 'Z'
  const size = Math.abs(offset)
  const colon = element.includes(':') ? ':' : ''
  let text = `${offset < 0 ? '-' : '+'}${pad(Math.floor(size / 3600), 2)}`
  if (element.length > 3) text += colon + pad(Math.floor(size / 60) % 60, 2)
  if (element.length > 6) text += colon + pad(size % 60, 2)
  return text
}
