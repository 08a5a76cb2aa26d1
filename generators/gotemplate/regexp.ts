import { RE2JS } from 're2js'
import { isStrayByte } from './bytes.ts'
import { FunctionError, LimitError } from './errors.ts'
import { outputBytesMax, patternLengthMax } from './limits.ts'

interface Compiled {
  readonly pattern: RE2JS
  /** Groups by name: Go lets several have the same one. */
  readonly names: ReadonlyMap<string, readonly number[]>
}

/** Compiled expressions, the least recently used one leaves first. */
const cache = new Map<string, Compiled>()
const cacheMax = 256

/** A match: where it and its groups are, -1 for a group that took no part. */
interface Match {
  readonly start: number
  readonly end: number
  readonly groups: readonly (string | null)[]
}

/** Go's regexp (RE2: linear time) on JavaScript strings. */
export class Regexp {
  private readonly pattern: RE2JS
  private readonly compiled: Compiled

  private constructor(compiled: Compiled) {
    this.pattern = compiled.pattern
    this.compiled = compiled
  }

  /** regexp.Compile. Throws FunctionError with Go's text. */
  static compile(expression: string): Regexp {
    const known = cache.get(expression)
    if (known !== undefined) {
      cache.delete(expression)
      cache.set(expression, known)
      return new Regexp(known)
    }
    if (expression.length > patternLengthMax) throw new LimitError(`a regular expression is longer than ${patternLengthMax} characters`)
    const compiled = compile(expression)
    if (cache.size >= cacheMax) {
      const [oldest] = cache.keys()
      if (oldest !== undefined) cache.delete(oldest)
    }
    cache.set(expression, compiled)
    return new Regexp(compiled)
  }

  matches(text: string): boolean {
    return this.pattern.matcher(text).find()
  }

  /** The first match, or ''. */
  find(text: string): string {
    const matcher = this.pattern.matcher(text)
    return matcher.find() ? (matcher.group() ?? '') : ''
  }

  /** FindAllString; a count below 0 means all. Undefined when nothing matches. */
  findAll(text: string, count: number): string[] | undefined {
    const found = this.all(text, count)
    return found.length === 0 ? undefined : found.map((match) => text.slice(match.start, match.end))
  }

  private all(text: string, count: number): Match[] {
    const found: Match[] = []
    let previousEnd = -1
    for (const match of this.scan(text)) {
      if (count >= 0 && found.length >= count) break
      // An empty match right after another one doesn't count.
      if (match.end > match.start || match.start !== previousEnd) found.push(match)
      previousEnd = match.end
    }
    return found
  }

  private *scan(text: string): Generator<Match> {
    const matcher = this.pattern.matcher(text)
    const groupCount = matcher.groupCount()
    for (let at = 0; at <= text.length; ) {
      if (!matcher.find(at)) return
      const groups: (string | null)[] = []
      for (let i = 0; i <= groupCount; i++) groups.push(matcher.group(i))
      const match = { start: matcher.start(), end: matcher.end(), groups }
      yield match
      const width = (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
      at = match.end > at ? match.end : at + width
    }
  }

  /** ReplaceAllString: `$1`, `${1}`, `${name}` and `$$` in the replacement mean groups and a dollar. */
  replaceAll(text: string, replacement: string): string {
    return this.replace(text, (match) => this.expand(replacement, match))
  }

  replaceAllLiteral(text: string, replacement: string): string {
    return this.replace(text, () => replacement)
  }

  private replace(text: string, by: (match: Match) => string): string {
    let result = ''
    let lastEnd = 0
    for (const match of this.scan(text)) {
      result += text.slice(lastEnd, match.start)
      if (match.end > lastEnd || match.start === 0) result += by(match)
      lastEnd = match.end
      if (result.length > outputBytesMax) throw new LimitError(`the template makes more than ${outputBytesMax} bytes`)
    }
    return result + text.slice(lastEnd)
  }

  private expand(template: string, match: Match): string {
    return template.replace(
      /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
      (whole, braced: string | undefined, bare: string | undefined) => {
        const name = braced ?? bare
        if (whole === '$$' || name === undefined) return '$'
        if (/^(?:0|[1-9][0-9]{0,8})$/.test(name)) return match.groups[Number(name)] ?? ''
        const indices = this.compiled.names.get(name) ?? []
        return indices.map((index) => match.groups[index]).find((group) => typeof group === 'string') ?? ''
      },
    )
  }

  /** Split; a count below 0 means all, 0 gives nothing. */
  split(text: string, count: number, expression: string): string[] | undefined {
    if (count === 0) return undefined
    if (expression !== '' && text === '') return ['']
    const pieces: string[] = []
    let start = 0
    let end = 0
    for (const match of this.all(text, count)) {
      if (count > 0 && pieces.length === count - 1) break
      end = match.start
      if (match.end !== 0) pieces.push(text.slice(start, end))
      start = match.end
    }
    if (end !== text.length) pieces.push(text.slice(start))
    return pieces
  }
}

function compile(expression: string): Compiled {
  const stray = Array.from(expression).findIndex(isStrayByte)
  if (stray >= 0) {
    throw new FunctionError(`error parsing regexp: invalid UTF-8: \`${Array.from(expression).slice(stray).join('')}\``)
  }
  try {
    const { names, unique } = groupNames(expression)
    return { pattern: RE2JS.compile(unique), names }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const message = error.message
    if (message.endsWith('trailing backslash at end of expression')) throw new FunctionError(`${message}: \`\``)
    throw new FunctionError(message)
  }
}

/** What may hold a parenthesis that opens no group, or opens one: quoted text, escapes, classes, groups. */
const groupTokens = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\^?\w+:\]|[^\]\\])*\]|\(\?P?<(\w+)>|\((?!\?)/g

/** The named groups of an expression, and the expression with the names of none taken twice, which the engine refuses. */
function groupNames(expression: string): { readonly names: ReadonlyMap<string, readonly number[]>; readonly unique: string } {
  const names = new Map<string, number[]>()
  if (!expression.includes('(?')) return { names, unique: expression }
  let group = 0
  const unique = expression.replace(groupTokens, (token, name: string | undefined) => {
    if (!token.startsWith('(')) return token
    group++
    if (name === undefined) return token
    const known = names.get(name)
    if (known === undefined) names.set(name, [group])
    else known.push(group)
    return known === undefined ? token : '('
  })
  return { names, unique }
}

/** regexp.QuoteMeta. */
export function quoteMeta(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, (char) => `\\${char}`)
}
