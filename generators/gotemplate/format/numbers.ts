const integerLiteral = /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/
const decimalFloat = /^[+-]?(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?$/
const hexFloatLiteral =
  /^([+-]?)0[xX]_?((?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?)(?:\.((?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?))?[pP]([+-]?[0-9](?:_?[0-9])*)$/
const int64Max = 2n ** 63n - 1n
const int64Min = -(2n ** 63n)
const uint64Max = 2n ** 64n - 1n

/** An integer literal of Go, with base prefix and underscores; undefined when it is none. Not bounded. */
function parseLiteral(text: string): bigint | undefined {
  if (!integerLiteral.test(text)) return undefined
  const isNegative = text.startsWith('-')
  const body = text.replace(/^[+-]/, '').replaceAll('_', '')
  const isOldOctal = /^0[0-7]+$/.test(body)
  const size = BigInt(isOldOctal ? `0o${body.slice(1)}` : body.toLowerCase())
  return isNegative ? -size : size
}

/** strconv.ParseInt(text, 0, 64); undefined on any error. */
export function parseInt64(text: string): bigint | undefined {
  const value = parseLiteral(text)
  return value === undefined || value > int64Max || value < int64Min ? undefined : value
}

/** strconv.ParseUint(text, 0, 64); undefined on any error. It takes no sign. */
export function parseUint64(text: string): bigint | undefined {
  if (/^[+-]/.test(text)) return undefined
  const value = parseLiteral(text)
  return value === undefined || value > uint64Max ? undefined : value
}

/** strconv.ParseInt(text, base, 64) without prefixes; undefined on any error. */
export function parseIntBase(text: string, base: 8 | 10): bigint | undefined {
  if (!(base === 8 ? /^[+-]?[0-7]+$/ : /^[+-]?[0-9]+$/).test(text)) return undefined
  const isNegative = text.startsWith('-')
  const body = text.replace(/^[+-]/, '')
  const size = BigInt(base === 8 ? `0o${body}` : body)
  const value = isNegative ? -size : size
  return value > int64Max || value < int64Min ? undefined : value
}

/** What strconv.ParseInt(text, 10, 64) gives beside its error: 0, or the bound that the text is beyond. */
export function parseIntLeniently(text: string): bigint {
  if (!/^[+-]?[0-9]+$/.test(text)) return 0n
  return saturated(BigInt(text.replace(/^\+/, '')))
}

/** The nearest int64. */
export function saturated(value: bigint): bigint {
  return value > int64Max ? int64Max : value < int64Min ? int64Min : value
}

/** strconv.ParseFloat(text, 64); undefined on any error, out of range included. */
export function parseFloat64(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (special !== null) {
    if (special[2]?.toLowerCase() === 'nan') return special[1] === '' ? Number.NaN : undefined
    return special[1] === '-' ? -Infinity : Infinity
  }
  if (decimalFloat.test(text)) {
    const value = Number(text.replaceAll('_', ''))
    // "1_0" is fine, "1_000.5" too; what Go refuses is an infinite result.
    return Number.isFinite(value) ? value : undefined
  }
  return parseHexFloat(text)
}

/** Whether strconv.ParseFloat would read it, were it not too large. */
export function isFloatSyntax(text: string): boolean {
  return decimalFloat.test(text) || hexFloatLiteral.test(text)
}

function parseHexFloat(text: string): number | undefined {
  const match = hexFloatLiteral.exec(text)
  if (match === null) return undefined
  const whole = (match[2] ?? '').replaceAll('_', '')
  const fraction = (match[3] ?? '').replaceAll('_', '')
  if (whole === '' && fraction === '') return undefined
  const exponent = Number(match[4]?.replaceAll('_', '')) - fraction.length * 4
  if (Math.abs(exponent) > 5000) return exponent < 0 ? 0 : undefined
  const mantissa = BigInt(`0x${whole}${fraction}`)
  const value = exponent >= 0 ? Number(mantissa << BigInt(exponent)) : Number(mantissa) * 2 ** exponent
  if (!Number.isFinite(value)) return undefined
  return match[1] === '-' ? -value : value
}

/** Go's int64(f) on amd64: towards zero; what doesn't fit, and NaN, gives the smallest int64. */
export function truncateToInt64(value: number): bigint {
  if (Number.isNaN(value) || value >= 2 ** 63 || value < -(2 ** 63)) return int64Min
  return BigInt(Math.trunc(value))
}
