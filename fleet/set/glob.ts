/** Patterns that the alternatives of one glob may stand for. */
const alternativesMax = 256

type Token =
  | { readonly kind: 'text'; readonly character: string }
  /** `any` matches any number of characters, `one` exactly one; neither matches the separator unless `across`. */
  | { readonly kind: 'any' | 'one'; readonly across: boolean }
  | {
      readonly kind: 'class'
      readonly negated: boolean
      readonly ranges: readonly (readonly [string, string])[]
    }

/**
 * Whether a whole text matches a glob as Argo CD's projects have them (gobwas/glob): `*` and `?` stop at the separator, if there is one,
 * `**` doesn't, `[a-z]`, `[!a]`, `{a,b}`, and `\` before a character that means itself. A pattern that can't be read matches nothing.
 * Takes time in proportion to pattern times text, whatever the pattern.
 */
export function matchesGlob(pattern: string, text: string, separator = ''): boolean {
  const alternatives = expandBraces(pattern)
  return alternatives?.some((one) => matchesTokens(readTokens(one, separator), [...text], separator)) ?? false
}

function expandBraces(pattern: string): readonly string[] | null {
  const open = indexOfUnescaped(pattern, 0, '{')
  if (open < 0) return [pattern]
  const parts: string[] = []
  let depth = 0
  let from = open + 1
  for (let i = open; i < pattern.length; i += 1) {
    const character = pattern[i]
    if (character === '\\') i += 1
    else if (character === '{') depth += 1
    else if (character === ',' && depth === 1) {
      parts.push(pattern.slice(from, i))
      from = i + 1
    } else if (character === '}') {
      depth -= 1
      if (depth > 0) continue
      parts.push(pattern.slice(from, i))
      const expanded: string[] = []
      for (const part of parts) {
        const rest = expandBraces(pattern.slice(0, open) + part + pattern.slice(i + 1))
        if (rest === null || expanded.length + rest.length > alternativesMax) return null
        expanded.push(...rest)
      }
      return expanded
    }
  }
  return null
}

function indexOfUnescaped(pattern: string, from: number, wanted: string): number {
  for (let i = from; i < pattern.length; i += 1) {
    if (pattern[i] === '\\') i += 1
    else if (pattern[i] === wanted) return i
  }
  return -1
}

function readTokens(pattern: string, separator: string): readonly Token[] | null {
  const tokens: Token[] = []
  const characters = [...pattern]
  for (let i = 0; i < characters.length; i += 1) {
    const character = characters[i] ?? ''
    if (character === '\\') {
      i += 1
      tokens.push({ kind: 'text', character: characters[i] ?? '' })
    } else if (character === '*') {
      let stars = 1
      while (characters[i + 1] === '*') {
        i += 1
        stars += 1
      }
      tokens.push({ kind: 'any', across: separator === '' || stars > 1 })
    } else if (character === '?') tokens.push({ kind: 'one', across: separator === '' })
    else if (character === '[') {
      const close = characters.indexOf(']', i + 2)
      if (close < 0) return null
      const negated = characters[i + 1] === '!'
      tokens.push({
        kind: 'class',
        negated,
        ranges: readRanges(characters.slice(i + (negated ? 2 : 1), close)),
      })
      i = close
    } else tokens.push({ kind: 'text', character })
  }
  return tokens
}

function readRanges(characters: readonly string[]): readonly (readonly [string, string])[] {
  const ranges: [string, string][] = []
  for (let i = 0; i < characters.length; i += 1) {
    const from = characters[i] ?? ''
    const to = characters[i + 1] === '-' ? characters[i + 2] : undefined
    ranges.push([from, to ?? from])
    if (to !== undefined) i += 2
  }
  return ranges
}

/** All positions of the pattern that the text read so far can have led to: no backtracking. */
function matchesTokens(tokens: readonly Token[] | null, text: readonly string[], separator: string): boolean {
  if (tokens === null) return false
  let reached = withSkippedStars(tokens, new Set([0]))
  for (const character of text) {
    const next = new Set<number>()
    for (const at of reached) {
      const token = tokens[at]
      if (token === undefined || !accepts(token, character, separator)) continue
      next.add(token.kind === 'any' ? at : at + 1)
    }
    if (next.size === 0) return false
    reached = withSkippedStars(tokens, next)
  }
  return reached.has(tokens.length)
}

function withSkippedStars(tokens: readonly Token[], reached: Set<number>): Set<number> {
  for (const at of reached) if (tokens[at]?.kind === 'any') reached.add(at + 1)
  return reached
}

function accepts(token: Token, character: string, separator: string): boolean {
  switch (token.kind) {
    case 'text':
      return token.character === character
    case 'class':
      return token.ranges.some(([from, to]) => from <= character && character <= to) !== token.negated
    default:
      return token.across || character !== separator
  }
}
