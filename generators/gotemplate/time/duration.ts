import { FunctionError } from '../errors.ts'
import { saturated } from '../format/numbers.ts'
import { Sized } from '../values.ts'
import { quoteBytes } from './quote.ts'

const int64Max = 2n ** 63n - 1n
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** time.Duration: nanoseconds that print as 1h2m3s. */
export class Duration extends Sized {
  constructor(nanoseconds: bigint) {
    super('time.Duration', 'int64', nanoseconds)
  }

  override string(): string {
    return formatDuration(this.value)
  }
}

/** time.ParseDuration, in nanoseconds. Throws FunctionError with Go's text. */
export function parseDuration(text: string): bigint {
  const invalid = (): FunctionError => new FunctionError(`time: invalid duration ${quoteBytes(text)}`)
  const isNegative = text.startsWith('-')
  let rest = text.replace(/^[+-]/, '')
  if (rest === '0') return 0n
  if (rest === '') throw invalid()
  let total = 0n
  while (rest !== '') {
    const number = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest)
    const whole = number?.[1] ?? ''
    const fraction = number?.[2] ?? ''
    if (whole === '' && fraction === '') throw invalid()
    rest = rest.slice(number?.[0].length)
    const unit = /^[^0-9.]*/.exec(rest)?.[0] ?? ''
    if (unit === '') throw new FunctionError(`time: missing unit in duration ${quoteBytes(text)}`)
    const scale = Object.hasOwn(units, unit) ? units[unit] : undefined
    if (scale === undefined) throw new FunctionError(`time: unknown unit ${quoteBytes(unit)} in duration ${quoteBytes(text)}`)
    rest = rest.slice(unit.length)
    // Eighteen digits after the point are more than any unit can show.
    const digits = fraction.slice(0, 18)
    total += BigInt(whole === '' ? '0' : whole) * scale + (digits === '' ? 0n : (BigInt(digits) * scale) / 10n ** BigInt(digits.length))
    if (total > int64Max + 1n) throw invalid()
  }
  if (isNegative) return -total
  if (total > int64Max) throw invalid()
  return total
}

/** time.Duration's Round: to a multiple of `unit`, halves away from zero. */
export function roundDuration(nanoseconds: bigint, unit: bigint): bigint {
  if (unit <= 0n) return nanoseconds
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const rest = size % unit
  const rounded = rest * 2n < unit ? size - rest : size + unit - rest
  return saturated(nanoseconds < 0n ? -rounded : rounded)
}

/** time.Duration's String: `1h30m0s`, `1.5s`, `250ms`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  const sign = nanoseconds < 0n ? '-' : ''
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds
  if (size < 1_000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${fractional(size, 3)}µs`
  if (size < 1_000_000_000n) return `${sign}${fractional(size, 6)}ms`
  const seconds = size / 1_000_000_000n
  const text = `${fractional(size % 60_000_000_000n, 9)}s`
  if (seconds < 60n) return sign + text
  const minutes = seconds / 60n
  return minutes < 60n ? `${sign}${minutes}m${text}` : `${sign}${minutes / 60n}h${minutes % 60n}m${text}`
}

function fractional(value: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits)
  const fraction = (value % scale).toString().padStart(digits, '0').replace(/0+$/, '')
  return fraction === '' ? `${value / scale}` : `${value / scale}.${fraction}`
}
