/** One position of a glob: a character, any one (`?`), any number (`*`), or a class. */
export type GlobToken =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] }

/** `path`: Go's path.Match. `doublestar`: also `[!a]`. `wildmatch`: Git's, also `[]a]` and `[[:alpha:]]`. */
export type GlobDialect = 'path' | 'doublestar' | 'wildmatch'

const posixClasses: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  alnum: [
    ['0', '9'],
    ['A', 'Z'],
    ['a', 'z'],
  ],
  alpha: [
    ['A', 'Z'],
    ['a', 'z'],
  ],
  blank: [
    [' ', ' '],
    ['\t', '\t'],
  ],
  cntrl: [
    ['\0', '\x1f'],
    ['\x7f', '\x7f'],
  ],
  digit: [['0', '9']],
  graph: [['!', '~']],
  lower: [['a', 'z']],
  print: [[' ', '~']],
  punct: [
    ['!', '/'],
    [':', '@'],
    ['[', '`'],
    ['{', '~'],
  ],
  space: [
    ['\t', '\r'],
    [' ', ' '],
  ],
  upper: [['A', 'Z']],
  xdigit: [
    ['0', '9'],
    ['A', 'F'],
    ['a', 'f'],
  ],
}

/** A glob taken apart; null when it is malformed. */
export function parseGlob(pattern: string, dialect: GlobDialect): readonly GlobToken[] | null {
  const chars = [...pattern]
  const tokens: GlobToken[] = []
  let at = 0
  while (at < chars.length) {
    const char = chars[at] ?? ''
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' })
      at += 1
    } else if (char === '?') {
      tokens.push({ kind: 'any' })
      at += 1
    } else if (char === '[') {
      const found = parseClass(chars, at + 1, dialect)
      if (found === null) return null
      tokens.push(found.token)
      at = found.next
    } else if (char === '\\') {
      const escaped = chars[at + 1]
      if (escaped === undefined) return null
      tokens.push({ kind: 'char', char: escaped })
      at += 2
    } else {
      tokens.push({ kind: 'char', char })
      at += 1
    }
  }
  return tokens
}

/** Whether a glob matches a whole text, in time bounded by the product of their lengths. It knows no segments: give it one. */
export function matchGlob(tokens: readonly GlobToken[], text: string): boolean {
  const chars = [...text]
  let token = 0
  let char = 0
  // Where the last star was, and what it has eaten up to: an earlier star never has to eat more than it did.
  let star = -1
  let eaten = 0
  while (char < chars.length) {
    const current = tokens[token]
    if (current?.kind === 'star') {
      star = token
      eaten = char
      token += 1
    } else if (current !== undefined && matchesOne(current, chars[char] ?? '')) {
      token += 1
      char += 1
    } else if (star >= 0) {
      eaten += 1
      char = eaten
      token = star + 1
    } else return false
  }
  return tokens.slice(token).every((rest) => rest.kind === 'star')
}

/** Go's path.Match: `*` and `?` stay in one segment. A malformed pattern matches nothing. */
export function pathMatcher(pattern: string): (path: string) => boolean {
  const globs = pattern.split('/').map((segment) => parseGlob(segment, 'path'))
  return (path) => {
    const segments = path.split('/')
    return segments.length === globs.length && globs.every((glob, index) => glob !== null && matchGlob(glob, segments[index] ?? ''))
  }
}

function matchesOne(token: GlobToken, char: string): boolean {
  if (token.kind === 'char') return token.char === char
  if (token.kind === 'any') return true
  return token.kind === 'class' && token.ranges.some(([low, high]) => inRange(char, low, high)) !== token.negated
}

function inRange(char: string, low: string, high: string): boolean {
  const code = char.codePointAt(0) ?? 0
  return code >= (low.codePointAt(0) ?? 0) && code <= (high.codePointAt(0) ?? 0)
}

function parseClass(
  chars: readonly string[],
  from: number,
  dialect: GlobDialect,
): { readonly token: GlobToken; readonly next: number } | null {
  let at = from
  const negated = chars[at] === '^' || (chars[at] === '!' && dialect !== 'path')
  if (negated) at += 1
  const ranges: (readonly [string, string])[] = []
  let empty = true
  while (chars[at] !== ']' || (empty && dialect === 'wildmatch')) {
    const posix = dialect === 'wildmatch' ? /^\[:([a-z]+):\]/.exec(chars.slice(at, at + 12).join('')) : null
    if (posix !== null) {
      const known = posixClasses[posix[1] ?? '']
      if (known === undefined) return null
      ranges.push(...known)
      at += posix[0].length
    } else {
      const low = classChar(chars, at, dialect)
      if (low === null) return null
      at = low.next
      const isRange = chars[at] === '-' && chars[at + 1] !== undefined && (chars[at + 1] !== ']' || dialect === 'path')
      const high = isRange ? classChar(chars, at + 1, dialect) : low
      if (high === null) return null
      at = high.next
      ranges.push([low.char, high.char])
    }
    empty = false
  }
  return empty ? null : { token: { kind: 'class', negated, ranges }, next: at + 1 }
}

/** One character of a class, with what an escape stands for; Go allows `-` and `]` only so. */
function classChar(chars: readonly string[], at: number, dialect: GlobDialect): { readonly char: string; readonly next: number } | null {
  const char = chars[at]
  if (char === undefined || (dialect === 'path' && (char === '-' || char === ']'))) return null
  if (char !== '\\') return { char, next: at + 1 }
  const escaped = chars[at + 1]
  return escaped === undefined ? null : { char: escaped, next: at + 2 }
}
