/** What a plain (unquoted) YAML scalar means; `merge` is the key `<<`. */
export type PlainScalar =
  | { readonly kind: 'value'; readonly value: null | boolean | number | string }
  | { readonly kind: 'refused'; readonly reason: string }

const words = new Map<string, null | boolean>([
  ...['', '~', 'null', 'Null', 'NULL'].map((text) => [text, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE'].map((text) => [text, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE'].map((text) => [text, false] as const),
])

const integerPattern = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/
const floatPattern = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/

/**
 * Reads a plain scalar as kubectl and Argo CD do, which is as sigs.k8s.io/yaml on go-yaml v2 does: YAML 1.1's words for
 * booleans, octal with a leading zero, underscores in numbers; dates and sexagesimal numbers stay text. What JSON or a
 * JavaScript number can't hold exactly is refused rather than changed.
 */
export function resolvePlainScalar(text: string): PlainScalar {
  const word = words.get(text)
  if (word !== undefined) return { kind: 'value', value: word }
  if (/^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/.test(text))
    return { kind: 'refused', reason: `${text} has no JSON; quote it if it is text` }
  if (!/^[-+.0-9]/.test(text)) return { kind: 'value', value: text }
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '')
  const integer = integerPattern.exec(plain)
  if (integer !== null) return integerOf(text, integer)
  if (floatPattern.test(plain)) {
    const value = Number(plain)
    if (Number.isFinite(value)) return { kind: 'value', value }
  }
  return { kind: 'value', value: text }
}

function integerOf(text: string, [, sign, hex, binary, octal, decimal]: RegExpExecArray): PlainScalar {
  const digits =
    hex !== undefined ? `0x${hex}` : binary !== undefined ? `0b${binary}` : octal !== undefined ? `0o${octal}` : (decimal ?? '0')
  const value = BigInt(digits) * (sign === '-' ? -1n : 1n)
  // Beyond 64 bits go-yaml reads a float.
  if (value > 0xffff_ffff_ffff_ffffn || value < -0x8000_0000_0000_0000n) return { kind: 'value', value: Number(value) }
  if (!Number.isSafeInteger(Number(value))) {
    return { kind: 'refused', reason: `the number ${text} is beyond ±(2^53 - 1) and would be rounded; quote it if it is text` }
  }
  return { kind: 'value', value: Number(value) }
}
