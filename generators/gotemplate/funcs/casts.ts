import { fromBytes } from '../bytes.ts'
import { parseFloat64, parseInt64, truncateToInt64 } from '../format/numbers.ts'
import { sprintValue } from '../format/print.ts'
import { elements, GoObject, integer, isTrue, kindOf, List, type Value } from '../values.ts'

const trailingZeros = /\.0+$/

/** spf13/cast's ToInt64: what can't be cast is 0. */
export function toInt64(value: Value): bigint {
  if (typeof value === 'number') return truncateToInt64(value)
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'string') return parseInt64(trimZeroDecimal(value)) ?? 0n
  const whole = castable(value)
  return whole === undefined ? 0n : BigInt.asIntN(64, whole)
}

/** `3.00` is 3 and `3.` stays what it is; `3.50` too. */
function trimZeroDecimal(text: string): string {
  return text.replace(trailingZeros, '')
}

/** The integers that cast knows: not time.Duration. */
function castable(value: Value): bigint | undefined {
  return value instanceof GoObject && value.type === 'time.Duration' ? undefined : integer(value)
}

/** spf13/cast's ToFloat64: what can't be cast is 0. */
export function toFloat64(value: Value): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string') return parseFloat64(value) ?? 0
  const whole = castable(value)
  return whole === undefined ? 0 : Number(whole)
}

/** sprig's strval: %v, a []byte as text. */
export function strval(value: Value): string {
  if (typeof value === 'string') return value
  if (value instanceof List && value.element === 'uint8') {
    return fromBytes(Uint8Array.from(value.items, (item) => Number(integer(item) ?? 0n)))
  }
  return sprintValue(value === undefined ? null : value)
}

/** sprig's strslice: the texts of a list without its nils; of anything else a list of one. */
export function strslice(value: Value): string[] {
  const items = elements(value)
  if (items !== undefined) return items.filter((item) => item !== null && item !== undefined).map(strval)
  return value === null || value === undefined ? [] : [strval(value)]
}

/** sprig's empty: the zero value of its type; a struct never is. */
export function isEmpty(value: Value): boolean {
  switch (typeof value) {
    case 'string':
      return value === ''
    case 'number':
      return value === 0
    case 'bigint':
      return value === 0n
    case 'boolean':
      return !value
    default: {
      if (value === undefined || value === null) return true
      const kind = kindOf(value)
      // Elsewhere sprig's rule is the one of `if`.
      return kind !== 'struct' && kind !== 'ptr' && !isTrue(value)
    }
  }
}
