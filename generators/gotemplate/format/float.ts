/** Decimal digits of a number: 0.d1d2d3... x 10^point. */
export interface Decimal {
  readonly digits: string
  readonly point: number
}

/** The shortest digits that read back as `value` (which is finite and not negative). */
export function shortestDigits(value: number): Decimal {
  if (value === 0) return { digits: '', point: 0 }
  const text = value.toExponential()
  const at = text.indexOf('e')
  return { digits: text.slice(0, at).replace('.', ''), point: Number(text.slice(at + 1)) + 1 }
}

const mantissaBits = 52n
const view = new DataView(new ArrayBuffer(8))

/** A finite, not negative number as mantissa x 2^exponent. */
export function decompose(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> mantissaBits) & 0x7ffn)
  const fraction = bits & ((1n << mantissaBits) - 1n)
  return biased === 0 ? { mantissa: fraction, exponent: -1074 } : { mantissa: fraction | (1n << mantissaBits), exponent: biased - 1075 }
}

/** All digits of `value`, exactly. */
function exactDigits(value: number): Decimal {
  const { mantissa, exponent } = decompose(value)
  if (mantissa === 0n) return { digits: '', point: 0 }
  const scaled = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent)
  const digits = scaled.toString()
  return { digits: digits.replace(/0+$/, ''), point: digits.length + Math.min(exponent, 0) }
}

/** Rounds to `count` digits, halves to even; a negative count gives nothing. */
function roundDigits(decimal: Decimal, count: number): Decimal {
  const { digits, point } = decimal
  if (count < 0) return { digits: '', point: 0 }
  if (count >= digits.length) return decimal
  const next = digits.charCodeAt(count) - 48
  const half = next === 5 && count + 1 === digits.length
  const isOdd = count > 0 && (digits.charCodeAt(count - 1) - 48) % 2 === 1
  const head = digits.slice(0, count)
  if (!(half ? isOdd : next >= 5)) {
    const kept = head.replace(/0+$/, '')
    return { digits: kept, point: kept === '' ? 0 : point }
  }
  const raised = (BigInt(head === '' ? '0' : head) + 1n).toString().padStart(count, '0')
  return { digits: raised.replace(/0+$/, ''), point: raised.length > count ? point + 1 : point }
}

/**
 * strconv.FormatFloat of 64 bits. `verb` is one of e E f g G b x X; `precision` -1 means as many digits as it takes to read the same
 * number back.
 */
export function formatFloat(value: number, verb: string, precision: number): string {
  if (Number.isNaN(value)) return 'NaN'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const size = Math.abs(value)
  if (size === Infinity) return sign === '-' ? '-Inf' : '+Inf'
  switch (verb) {
    case 'b': {
      const { mantissa, exponent } = decompose(size)
      return `${sign}${mantissa}p${exponent >= 0 ? '+' : ''}${exponent}`
    }
    case 'x':
    case 'X':
      return sign + hexFloat(size, precision, verb)
    case 'e':
    case 'E':
      return sign + exponential(precision < 0 ? shortestDigits(size) : roundDigits(exactDigits(size), precision + 1), precision, verb)
    case 'f': {
      if (precision < 0) return sign + fixed(shortestDigits(size), -1)
      const exact = exactDigits(size)
      return sign + fixed(roundDigits(exact, exact.point + precision), precision)
    }
    default:
      return sign + general(size, precision, verb)
  }
}

function general(size: number, precision: number, verb: string): string {
  const isShortest = precision < 0
  const wanted = precision === 0 ? 1 : precision
  const decimal = isShortest ? shortestDigits(size) : roundDigits(exactDigits(size), wanted)
  const exponent = decimal.point - 1
  let limit = isShortest ? 6 : wanted
  if (!isShortest && limit > decimal.digits.length && decimal.digits.length >= decimal.point) limit = decimal.digits.length
  const shown = isShortest ? decimal.digits.length : Math.min(wanted, decimal.digits.length)
  if (exponent < -4 || exponent >= limit) return exponential(decimal, shown - 1, verb === 'g' ? 'e' : 'E')
  return fixed(decimal, Math.max(shown - decimal.point, 0))
}

function exponential(decimal: Decimal, precision: number, verb: string): string {
  const digits = decimal.digits === '' ? '0' : decimal.digits
  const rest = precision < 0 ? digits.slice(1) : digits.slice(1, precision + 1).padEnd(precision, '0')
  const exponent = decimal.digits === '' ? 0 : decimal.point - 1
  const power = Math.abs(exponent).toString().padStart(2, '0')
  return `${digits.slice(0, 1)}${rest === '' ? '' : `.${rest}`}${verb}${exponent < 0 ? '-' : '+'}${power}`
}

function fixed(decimal: Decimal, precision: number): string {
  const { digits, point } = decimal
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  const fraction = point >= digits.length ? '' : point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits
  const shown = precision < 0 ? fraction : fraction.slice(0, precision).padEnd(precision, '0')
  return shown === '' ? whole : `${whole}.${shown}`
}

function hexFloat(size: number, precision: number, verb: string): string {
  const { mantissa: start, exponent: power } = decompose(size)
  let mantissa = start
  let exponent = mantissa === 0n ? 0 : power + 52
  while (mantissa !== 0n && mantissa < 1n << mantissaBits) {
    mantissa <<= 1n
    exponent--
  }
  if (precision >= 0 && precision < 13) {
    const drop = BigInt((13 - precision) * 4)
    const rest = mantissa & ((1n << drop) - 1n)
    const half = 1n << (drop - 1n)
    mantissa >>= drop
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa++
    mantissa <<= drop
    if (mantissa >= 1n << 53n) {
      mantissa >>= 1n
      exponent++
    }
  }
  const lead = mantissa >> mantissaBits
  const digits = (mantissa & ((1n << mantissaBits) - 1n)).toString(16).padStart(13, '0')
  const fraction = precision < 0 ? digits.replace(/0+$/, '') : digits.slice(0, precision).padEnd(precision, '0')
  const exponentText = `p${exponent < 0 ? '-' : '+'}${Math.abs(exponent).toString().padStart(2, '0')}`
  const text = `0x${lead}${fraction === '' ? '' : `.${fraction}`}${exponentText}`
  return verb === 'X' ? text.toUpperCase() : text
}
