/** What libyaml finds out about a scalar before it chooses a style. */
export interface ScalarFacts {
  readonly isMultiline: boolean
  readonly allowsPlain: boolean
  readonly allowsSingle: boolean
  readonly allowsBlock: boolean
}

export function isBreak(char: string): boolean {
  return char === '\n' || char === '\r' || char === '\x85' || char === '\u2028' || char === '\u2029'
}

function isBlank(char: string | undefined): boolean {
  return char === undefined || char === ' ' || char === '\t'
}

/** libyaml's printable: the basic plane without controls; a tab isn't. */
function isPrintable(char: string): boolean {
  if (char === '\n' || (char >= ' ' && char <= '~')) return true
  const point = char.codePointAt(0) ?? 0
  return (point >= 0xa0 && point < 0xd800) || (point >= 0xe000 && point <= 0xfffd && point !== 0xfeff)
}

/** A character that double quotes hold without a backslash. */
export function isPlainChar(char: string): boolean {
  return isPrintable(char) && !isBreak(char) && char !== '"' && char !== '\\'
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
}

/** A character as double quotes write what they can't hold. */
export function escapeChar(char: string): string {
  const known = escapes[char]
  if (known !== undefined) return `\\${known}`
  const point = char.codePointAt(0) ?? 0
  const digits = point.toString(16).toUpperCase()
  if (point <= 0xff) return `\\x${digits.padStart(2, '0')}`
  return point <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`
}

/** libyaml's yaml_emitter_analyze_scalar, in block context. */
export function analyze(text: string): ScalarFacts {
  if (text === '') return { isMultiline: false, allowsPlain: true, allowsSingle: true, allowsBlock: false }
  const chars = Array.from(text)
  let hasIndicator = text.startsWith('---') || text.startsWith('...')
  let hasSpecial = false
  let hasBreak = false
  let breakSpace = false
  let spaceBreak = false
  for (const [i, char] of chars.entries()) {
    const next = chars[i + 1]
    const previous = chars[i - 1]
    if (isIndicator(char, i === 0, previous, next)) hasIndicator = true
    if (!isPrintable(char)) hasSpecial = true
    if (char === ' ' && previous !== undefined && isBreak(previous)) breakSpace = true
    if (isBreak(char)) {
      hasBreak = true
      if (previous === ' ') spaceBreak = true
    }
  }
  const first = chars[0] ?? ''
  const last = chars.at(-1) ?? ''
  const hasEdge = first === ' ' || last === ' ' || isBreak(first) || isBreak(last)
  const isSpoilt = spaceBreak || hasSpecial
  return {
    isMultiline: hasBreak,
    allowsPlain: !hasEdge && !breakSpace && !isSpoilt && !hasBreak && !hasIndicator,
    allowsSingle: !breakSpace && !isSpoilt,
    allowsBlock: last !== ' ' && !isSpoilt,
  }
}

/** A character that would mean something where it stands in a plain scalar. */
function isIndicator(char: string, isFirst: boolean, previous: string | undefined, next: string | undefined): boolean {
  if (char === ':') return isBlank(next)
  if (!isFirst) return char === '#' && (isBlank(previous) || isBreak(previous ?? ''))
  if (char === '-' || char === '?') return isBlank(next)
  return '#,[]{}&*!|>\'"%@`'.includes(char)
}
