import { isAscii, isStrayByte } from './bytes.ts'

/** Go's unicode.IsSpace, as a character class. */
export const spaceClass = '\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const space = new RegExp(`^[${spaceClass}]$`)
const outerSpace = new RegExp(`^[${spaceClass}]+|[${spaceClass}]+$`, 'g')

/** Letters whose title case is neither their upper nor their lower case. */
const titleCase: ReadonlyMap<string, string> = new Map(
  ['ǄǆǅǅǅǇǉǈǈǈǊǌǋǋǋǱǳǲǲǲ'].flatMap((all) => {
    const letters = Array.from(all)
    const pairs: [string, string][] = []
    for (let i = 0; i < letters.length; i += 5) {
      const title = letters[i + 2] ?? ''
      for (const letter of letters.slice(i, i + 3)) pairs.push([letter, title])
    }
    return pairs
  }),
)

export function isSpace(char: string): boolean {
  return space.test(char)
}

/** strings.TrimSpace. */
export function trimSpace(text: string): string {
  return text.replace(outerSpace, '')
}

/** unicode.ToUpper: one character for one. */
export function upperChar(char: string): string {
  const upper = char.toUpperCase()
  return isOneChar(upper) ? upper : char
}

/** unicode.ToLower: one character for one. */
export function lowerChar(char: string): string {
  if (char === '\u0130') return 'i'
  const lower = char.toLowerCase()
  return isOneChar(lower) ? lower : char
}

/** unicode.ToTitle. */
export function titleChar(char: string): string {
  const point = char.codePointAt(0) ?? 0
  // Georgian has capitals that titles don't use.
  if (point >= 0x10d0 && point <= 0x10ff) return char
  return titleCase.get(char) ?? upperChar(char)
}

function isOneChar(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff)
}

/** strings.Map, and goutils on runes: a byte that is no character becomes U+FFFD on the way. */
function map(text: string, change: (char: string) => string): string {
  return Array.from(text, (char) => (isStrayByte(char) ? change('\ufffd') : change(char))).join('')
}

/** strings.ToUpper. */
export function upper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : map(text, upperChar)
}

/** strings.ToLower. */
export function lower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : map(text, lowerChar)
}

const wordCharacter = /^[\p{L}\p{Nd}_]$/u

/** strings.Title: the first letter of each word. */
export function title(text: string): string {
  let isStart = true
  return map(text, (char) => {
    const changed = isStart ? titleChar(char) : char
    isStart = char < '\x80' ? !wordCharacter.test(char) : !wordCharacter.test(char) && isSpace(char)
    return changed
  })
}

/** goutils.Uncapitalize: the first letter of each word that spaces part. */
export function untitle(text: string): string {
  let isStart = true
  return map(text, (char) => {
    if (isSpace(char)) {
      isStart = true
      return char
    }
    const changed = isStart ? lowerChar(char) : char
    isStart = false
    return changed
  })
}

/** goutils.SwapCase: a lower-case letter that starts a word gets its title case. */
export function swapCase(text: string): string {
  let isStart = true
  return map(text, (char) => {
    if (/^[\p{Lu}\p{Lt}]$/u.test(char)) {
      isStart = false
      return lowerChar(char)
    }
    if (/^\p{Ll}$/u.test(char)) {
      const changed = isStart ? titleChar(char) : upperChar(char)
      isStart = false
      return changed
    }
    isStart = isSpace(char)
    return char
  })
}
