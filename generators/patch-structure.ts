import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import type { Parameters } from './generator.ts'

/** A text among parameters that could mean more than itself in YAML. */
export interface Suspect {
  readonly path: readonly (string | number)[]
  readonly text: string
  /** The plain word that takes its place. */
  readonly token: string
}

/** What every token begins with, so that one is known when it was cut or written in capitals. */
export const tokenStart = 'zq'

/** Plain words that are null in YAML, which deletes a field. */
const nullWord = /^(?:null|Null|NULL)$/

/** Texts that are one plain word wherever they stand in YAML. */
const plainWord = /^(?:[\p{L}\p{N}_./][\p{L}\p{N}_./@+=-]*)?$/u

/** Texts of parameters that are no plain words, but for those that are trusted. */
export function untrustedTexts(parameters: Parameters, trusted: ReadonlySet<string>): readonly Suspect[] {
  const found: Suspect[] = []
  const walk = (value: Json, path: readonly (string | number)[]): void => {
    if (typeof value === 'string') {
      const isPlain = plainWord.test(value) && !nullWord.test(value)
      if (!isPlain && !trusted.has(value)) found.push({ path, text: value, token: `${tokenStart}${found.length}z` })
    } else if (Array.isArray(value)) for (const [index, item] of (value as readonly Json[]).entries()) walk(item, [...path, index])
    else if (isJsonObject(value)) for (const [key, item] of Object.entries(value)) walk(item ?? null, [...path, key])
  }
  walk(parameters, [])
  return found
}

/** Every text in a piece of JSON, keys too. */
export function textsIn(value: Json, into: Set<string> = new Set()): ReadonlySet<string> {
  if (typeof value === 'string') into.add(value)
  else if (Array.isArray(value)) for (const item of value as readonly Json[]) textsIn(item, into)
  else if (isJsonObject(value)) for (const item of Object.values(value)) textsIn(item ?? null, into)
  return into
}

/** What takes the place of a suspect: one plain word, or its own text with such a word for everything in it that isn't plain. */
export type Neutral = 'whole' | 'parts'

/** Parameters with plain words in place of suspects. */
export function neutralized(parameters: Parameters, suspects: readonly Suspect[], neutral: Neutral): Parameters {
  let result: JsonObject = parameters
  for (const { path, text, token } of suspects) {
    const word = neutral === 'whole' || nullWord.test(text) ? token : text.replaceAll(notPlain, token)
    result = replaced(result, path, word) as JsonObject
  }
  return result
}

const notPlain = /[^\p{L}\p{N}_./@+=-]+/gu

function replaced(value: Json, [key, ...rest]: readonly (string | number)[], token: string): Json {
  if (key === undefined) return token
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => (index === key ? replaced(item, rest, token) : item))
  return isJsonObject(value) ? { ...value, [key]: replaced(value[key] ?? null, rest, token) } : value
}

/**
 * Whether two values have the same fields and lists of the same length; scalars may differ, but none is null in place of a token. Tokens in keys of
 * `neutral` stand for their texts.
 */
export function sameStructure(actual: Json, neutral: Json, suspects: readonly Suspect[]): boolean {
  if (Array.isArray(actual)) {
    const others = neutral as readonly Json[]
    return (
      Array.isArray(neutral) &&
      actual.length === others.length &&
      (actual as readonly Json[]).every((item, index) => sameStructure(item, others[index] ?? null, suspects))
    )
  }
  if (actual === null && typeof neutral === 'string') return !suspects.some(({ token }) => neutral.toLowerCase().includes(token))
  if (!isJsonObject(actual)) return !Array.isArray(neutral) && !isJsonObject(neutral)
  if (!isJsonObject(neutral)) return false
  const originals = new Map(Object.entries(neutral).map(([key, value]) => [original(key, suspects), value ?? null]))
  const keys = Object.keys(actual)
  return (
    originals.size === keys.length &&
    keys.every((key) => {
      const other = originals.get(key)
      return other !== undefined && sameStructure(actual[key] ?? null, other, suspects)
    })
  )
}

function original(key: string, suspects: readonly Suspect[]): string {
  return suspects.reduce((text, one) => text.replaceAll(one.token, () => one.text), key)
}
