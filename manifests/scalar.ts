import type { Json } from '../fleet/json.ts'

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((text) => [text, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((text) => [text, false] as const),
])
const nulls: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL'])
const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const decimal = /^([-+]?)(0|[1-9][0-9]*)$/
const radix = /^([-+]?)0(b|B|o|O|x|X)?([0-9a-fA-F]+)$/

export type ScalarReading = { readonly value: Exclude<Json, object> | null } | { readonly problem: string }

/**
 * A plain (unquoted) YAML scalar as Kubernetes and Argo CD read it: YAML 1.1 as gopkg.in/yaml.v2 has it. `yes`, `on`, `y` are booleans, `017`
 * and `0o17` are 15, `1_000` is 1000, `1e3` is a number, dates and `12:30:45` are strings. Numbers that JSON can't hold exactly are a problem,
 * which doesn't repeat the text: it may be a secret.
 */
export function readPlainScalar(text: string): ScalarReading {
  if (nulls.has(text)) return { value: null }
  const boolean = booleans.get(text)
  if (boolean !== undefined) return { value: boolean }
  if (notFinite.test(text))
    return {
      problem: `${text} can't be written as JSON: put it in quotes if it is text`,
    }
  if (!/^[-+.0-9]/.test(text)) return { value: text }
  const integer = readInteger(text.replaceAll('_', ''))
  if (integer !== null) {
    const value = Number(integer)
    if (Number.isSafeInteger(value)) return { value }
    return {
      problem: 'the number is too large to be read exactly: put it in quotes if it is text',
    }
  }
  if (float.test(text.replaceAll('_', ''))) {
    const value = Number(text.replaceAll('_', ''))
    if (Number.isFinite(value)) return { value }
    return {
      problem: 'the number is too large: put it in quotes if it is text',
    }
  }
  return { value: text }
}

function readInteger(text: string): bigint | null {
  const match = decimal.exec(text)
  if (match !== null) return signed(match[1], BigInt(match[2] ?? '0'))
  const other = radix.exec(text)
  if (other === null) return null
  const digits = other[3] ?? ''
  switch ((other[2] ?? 'o').toLowerCase()) {
    case 'b':
      return /^[01]+$/.test(digits) ? signed(other[1], BigInt(`0b${digits}`)) : null
    case 'x':
      return signed(other[1], BigInt(`0x${digits}`))
    default:
      return /^[0-7]+$/.test(digits) ? signed(other[1], BigInt(`0o${digits}`)) : null
  }
}

function signed(sign: string | undefined, value: bigint): bigint {
  return sign === '-' ? -value : value
}
