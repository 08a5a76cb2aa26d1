/** A date and time of day without a zone. */
export interface Civil {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

const secondsPerDay = 86_400n

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar; month and day may lie outside their ranges. */
export function daysFromCivil(year: number, month: number, day: number): bigint {
  const shifted = month - 3
  const y = BigInt(year) + floorDivide(BigInt(shifted), 12n)
  const m = ((shifted % 12) + 12) % 12
  const era = floorDivide(y, 400n)
  const yearOfEra = y - era * 400n
  const dayOfYear = BigInt(Math.floor((153 * m + 2) / 5))
  return era * 146_097n + yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + dayOfYear + BigInt(day) - 1n - 719_468n
}

/** Seconds from 1970 to a civil time. */
export function secondsFromCivil(civil: Civil): bigint {
  const days = daysFromCivil(civil.year, civil.month, civil.day)
  return days * secondsPerDay + BigInt(civil.hour * 3600 + civil.minute * 60 + civil.second)
}

/** The civil time of so many seconds after 1970. */
export function civilFromSeconds(seconds: bigint): Civil {
  const days = floorDivide(seconds, secondsPerDay)
  const rest = Number(seconds - days * secondsPerDay)
  const shifted = days + 719_468n
  const era = floorDivide(shifted, 146_097n)
  const dayOfEra = Number(shifted - era * 146_097n)
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return {
    year: Number(era) * 400 + yearOfEra + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
  }
}

/** 0 Sunday to 6 Saturday. */
export function weekday(seconds: bigint): number {
  const days = floorDivide(seconds, secondsPerDay)
  return Number((((days + 4n) % 7n) + 7n) % 7n)
}

/** 1 to 366. */
export function yearDay(civil: Civil): number {
  return Number(daysFromCivil(civil.year, civil.month, civil.day) - daysFromCivil(civil.year, 1, 1)) + 1
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const)[month - 1] ?? 31)
}

export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient
}
