import { FunctionError } from '../errors.ts'
import { shortestDigits } from '../format/float.ts'
import { sprintValue } from '../format/print.ts'

/** shopspring/decimal 1.4: value x 10^exponent, exactly. */
export interface Decimal {
  readonly value: bigint
  readonly exponent: number
}

/** Digits after the point of a quotient. */
const divisionPrecision = 16

/** The decimal with the shortest digits that mean this float. */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new FunctionError(`Cannot create a Decimal from ${sprintValue(value)}`)
  if (value === 0) return { value: 0n, exponent: 0 }
  const { digits, point } = shortestDigits(Math.abs(value))
  const size = BigInt(digits)
  return { value: value < 0 ? -size : size, exponent: point - digits.length }
}

export function toNumber(decimal: Decimal): number {
  return Number(`${decimal.value}e${decimal.exponent}`)
}

function power(exponent: number): bigint {
  return 10n ** BigInt(exponent)
}

export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent)
  return { value: a.value * power(a.exponent - exponent) + b.value * power(b.exponent - exponent), exponent }
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { value: -b.value, exponent: b.exponent })
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { value: a.value * b.value, exponent: a.exponent + b.exponent }
}

/** Rounded to 16 digits after the point, halves away from zero. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.value === 0n) throw new FunctionError('decimal division by 0')
  const shift = a.exponent - b.exponent + divisionPrecision
  const numerator = shift >= 0 ? a.value * power(shift) : a.value
  const denominator = shift >= 0 ? b.value : b.value * power(-shift)
  const quotient = numerator / denominator
  const rest = numerator % denominator
  const isHalf = abs(rest) * 2n >= abs(denominator)
  const isNegative = numerator < 0n !== denominator < 0n
  return { value: isHalf ? quotient + (isNegative ? -1n : 1n) : quotient, exponent: -divisionPrecision }
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
