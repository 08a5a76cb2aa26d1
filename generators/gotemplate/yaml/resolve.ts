import { FunctionError } from '../errors.ts'
import { parseFloat64, parseInt64, parseUint64 } from '../format/numbers.ts'
import { parseTime } from '../time/parse.ts'
import { utc } from '../time/zones.ts'
import type { Value } from '../values.ts'

/** What a plain scalar is in YAML 1.1 as go-yaml 2 reads it. A timestamp stays text, but has to be quoted to be a string. */
export interface Resolved {
  readonly kind: 'string' | 'bool' | 'null' | 'number' | 'timestamp'
  readonly value: Value
}

const words: ReadonlyMap<string, Resolved> = new Map<string, Resolved>([
  ...named('bool', true, ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']),
  ...named('bool', false, ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']),
  ...named('null', null, ['', '~', 'null', 'Null', 'NULL']),
  ...named('number', Number.NaN, ['.nan', '.NaN', '.NAN']),
  ...named('number', Infinity, ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF']),
  ...named('number', -Infinity, ['-.inf', '-.Inf', '-.INF']),
])

function named(kind: Resolved['kind'], value: Value, texts: readonly string[]): [string, Resolved][] {
  return texts.map((text) => [text, { kind, value }])
}

const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const timestampLayouts = [
  '2006-1-2T15:4:5.999999999Z07:00',
  '2006-1-2t15:4:5.999999999Z07:00',
  '2006-1-2 15:4:5.999999999',
  '2006-1-2',
] as const

/** Resolves a plain scalar. Integers come as bigint. `allowsTimestamp`: false where a tag says that it is something else. */
export function resolveScalar(text: string, allowsTimestamp = true): Resolved {
  const word = words.get(text)
  if (word !== undefined) return word
  const string: Resolved = { kind: 'string', value: text }
  const first = text[0] ?? ''
  if (first === '.') return numberOr(parseFloat64(text), string)
  if (!/[-+0-9]/.test(first)) return string
  if (allowsTimestamp && isTimestamp(text)) return { kind: 'timestamp', value: text }
  const plain = text.replaceAll('_', '')
  const whole = parseInt64(plain) ?? parseUint64(plain)
  if (whole !== undefined) return { kind: 'number', value: whole }
  return float.test(plain) ? numberOr(parseFloat64(plain), string) : string
}

function numberOr(value: number | undefined, otherwise: Resolved): Resolved {
  return value === undefined ? otherwise : { kind: 'number', value }
}

function isTimestamp(text: string): boolean {
  if (!/^[0-9]{4}-/.test(text)) return false
  return timestampLayouts.some((layout) => {
    try {
      parseTime(layout, text, utc)
      return true
    } catch (error) {
      if (error instanceof FunctionError) return false
      throw error
    }
  })
}
