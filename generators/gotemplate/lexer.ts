import { byteLength } from './bytes.ts'
import { isPrintable, quote, unicodeName } from './format/quote.ts'

export type TokenKind =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | Keyword

export type Keyword = 'block' | 'break' | 'continue' | 'dot' | 'define' | 'else' | 'end' | 'if' | 'nil' | 'range' | 'template' | 'with'

export interface Token {
  readonly kind: TokenKind
  /** UTF-16 index in the text. */
  readonly pos: number
  readonly value: string
  /** 1-based. */
  readonly line: number
}

const keywords: ReadonlyMap<string, Keyword> = new Map<string, Keyword>([
  ['block', 'block'],
  ['break', 'break'],
  ['continue', 'continue'],
  ['define', 'define'],
  ['else', 'else'],
  ['end', 'end'],
  ['if', 'if'],
  ['nil', 'nil'],
  ['range', 'range'],
  ['template', 'template'],
  ['with', 'with'],
])
const keywordKinds: ReadonlySet<TokenKind> = new Set<TokenKind>([...keywords.values(), 'dot'])

/** A token as Go's parser names it in an error. */
export function describe(token: Token): string {
  if (token.kind === 'eof') return 'EOF'
  if (token.kind === 'error') return token.value
  if (keywordKinds.has(token.kind)) return `<${token.value}>`
  // More than ten bytes are cut to ten characters, and said to be cut even where they aren't.
  if (byteLength(token.value) <= 10) return quote(token.value)
  return `${quote(Array.from(token.value).slice(0, 10).join(''))}...`
}

const leftDelim = '{{'
const rightDelim = '}}'
const spaces = /[ \t\r\n]*$/
const leadingSpaces = /^[ \t\r\n]*/
const alphanumeric = /^[_\p{L}\p{Nd}]$/u

function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n'
}

function isAlphanumeric(char: string): boolean {
  if (char.length === 1 && char < '\x80') {
    return (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || (char >= '0' && char <= '9') || char === '_'
  }
  return alphanumeric.test(char)
}

/** Splits a template into tokens, one at a time: Go's text/template/parse/lex.go with the delimiters {{ and }}. */
export class Lexer {
  private readonly input: string
  private pos = 0
  private start = 0
  private line = 1
  private startLine = 1
  private parenDepth = 0
  private isInAction = false
  private hasFailed = false

  constructor(input: string) {
    this.input = input
  }

  next(): Token {
    if (this.hasFailed) return { kind: 'eof', pos: 0, value: 'EOF', line: this.startLine }
    return this.isInAction ? this.insideAction() : this.text()
  }

  private emit(kind: TokenKind): Token {
    const value = this.input.slice(this.start, this.pos)
    const token: Token = { kind, pos: this.start, value, line: this.startLine }
    this.countLines(value)
    this.start = this.pos
    this.startLine = this.line
    return token
  }

  private ignore(): void {
    this.countLines(this.input.slice(this.start, this.pos))
    this.start = this.pos
    this.startLine = this.line
  }

  private countLines(text: string): void {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.line++
  }

  private fail(message: string): Token {
    this.hasFailed = true
    return { kind: 'error', pos: this.start, value: message, line: this.startLine }
  }

  /** The character at `at`, a whole one; '' at the end. */
  private charAt(at: number): string {
    const point = this.input.codePointAt(at)
    return point === undefined ? '' : String.fromCodePoint(point)
  }

  private text(): Token {
    for (;;) {
      const at = this.input.indexOf(leftDelim, this.pos)
      if (at < 0) {
        this.pos = this.input.length
        return this.emit(this.pos > this.start ? 'text' : 'eof')
      }
      this.pos = at
      if (at > this.start) {
        const before = this.input.slice(this.start, at)
        const trimmed = this.hasLeftTrimMarker(at + 2) ? before.replace(spaces, '') : before
        this.pos = this.start + trimmed.length
        const token = this.emit('text')
        this.pos = at
        this.ignore()
        if (token.value !== '') return token
      }
      const next = this.leftDelim()
      if (next !== undefined) return next
    }
  }

  private hasLeftTrimMarker(at: number): boolean {
    return this.input[at] === '-' && isSpace(this.input[at + 1] ?? '')
  }

  private hasRightTrimMarker(at: number): boolean {
    return isSpace(this.input[at] ?? '') && this.input[at + 1] === '-'
  }

  /** Where the closing delimiter's `}}` starts when one comes at `at`, with whether it trims; undefined when none does. */
  private rightDelimAt(at: number): { readonly trims: boolean } | undefined {
    if (this.hasRightTrimMarker(at) && this.input.startsWith(rightDelim, at + 2)) return { trims: true }
    return this.input.startsWith(rightDelim, at) ? { trims: false } : undefined
  }

  /** The opening delimiter, or undefined when it opened a comment, which is skipped. */
  private leftDelim(): Token | undefined {
    this.pos += 2
    const marker = this.hasLeftTrimMarker(this.pos) ? 2 : 0
    if (this.input.startsWith('/*', this.pos + marker)) {
      this.pos += marker
      this.ignore()
      return this.comment()
    }
    const token = this.emit('leftDelim')
    this.isInAction = true
    this.pos += marker
    this.ignore()
    this.parenDepth = 0
    return token
  }

  private comment(): Token | undefined {
    const end = this.input.indexOf('*/', this.pos + 2)
    if (end < 0) return this.fail('unclosed comment')
    this.pos = end + 2
    const delim = this.rightDelimAt(this.pos)
    if (delim === undefined) return this.fail('comment ends before closing delimiter')
    this.pos += delim.trims ? 4 : 2
    if (delim.trims) this.skipSpaces()
    this.ignore()
    return undefined
  }

  private skipSpaces(): void {
    this.pos += leadingSpaces.exec(this.input.slice(this.pos))?.[0].length ?? 0
  }

  private rightDelim(trims: boolean): Token {
    if (trims) {
      this.pos += 2
      this.ignore()
    }
    this.pos += 2
    const token = this.emit('rightDelim')
    if (trims) {
      this.skipSpaces()
      this.ignore()
    }
    this.isInAction = false
    return token
  }

  private insideAction(): Token {
    const delim = this.rightDelimAt(this.pos)
    if (delim !== undefined) return this.parenDepth === 0 ? this.rightDelim(delim.trims) : this.fail('unclosed left paren')
    const char = this.charAt(this.pos)
    if (char === '') return this.fail('unclosed action')
    if (isSpace(char)) return this.space()
    this.pos += char.length
    switch (char) {
      case '=':
        return this.emit('assign')
      case ':':
        if (this.input[this.pos] !== '=') return this.fail('expected :=')
        this.pos++
        return this.emit('declare')
      case '|':
        return this.emit('pipe')
      case '"':
        return this.quoted('"', 'string', 'unterminated quoted string')
      case "'":
        return this.quoted("'", 'charConstant', 'unterminated character constant')
      case '`':
        return this.rawQuoted()
      case '$':
        return this.fieldOrVariable('variable')
      case '(':
        this.parenDepth++
        return this.emit('leftParen')
      case ')':
        this.parenDepth--
        return this.parenDepth < 0 ? this.fail('unexpected right paren') : this.emit('rightParen')
      default:
        return this.word(char)
    }
  }

  private word(char: string): Token {
    if (char === '.') {
      const next = this.input[this.pos] ?? ''
      if (next !== '' && (next < '0' || next > '9')) return this.fieldOrVariable('field')
    }
    if (char === '.' || char === '+' || char === '-' || (char >= '0' && char <= '9')) {
      this.pos--
      return this.number()
    }
    if (isAlphanumeric(char)) return this.identifier()
    if (char < '\x80' && isPrintable(char)) return this.emit('char')
    return this.fail(`unrecognized character in action: ${unicodeName(char.codePointAt(0) ?? 0xfffd)}`)
  }

  private space(): Token {
    const first = this.pos
    while (isSpace(this.input[this.pos] ?? '')) this.pos++
    // The last space may belong to a closing delimiter that trims.
    const last = this.pos - 1
    if (this.hasRightTrimMarker(last) && this.input.startsWith(rightDelim, last + 2)) {
      this.pos = last
      if (last === first) return this.rightDelim(true)
    }
    return this.emit('space')
  }

  private skipAlphanumeric(): string {
    for (;;) {
      const char = this.charAt(this.pos)
      if (char === '' || !isAlphanumeric(char)) return char
      this.pos += char.length
    }
  }

  private identifier(): Token {
    const after = this.skipAlphanumeric()
    if (!this.isAtTerminator(after)) return this.badCharacter(after)
    const word = this.input.slice(this.start, this.pos)
    return this.emit(keywords.get(word) ?? (word === 'true' || word === 'false' ? 'bool' : 'identifier'))
  }

  private fieldOrVariable(kind: 'field' | 'variable'): Token {
    if (this.isAtTerminator(this.charAt(this.pos))) return this.emit(kind === 'variable' ? 'variable' : 'dot')
    const after = this.skipAlphanumeric()
    return this.isAtTerminator(after) ? this.emit(kind) : this.badCharacter(after)
  }

  private badCharacter(char: string): Token {
    return this.fail(`bad character ${unicodeName(char.codePointAt(0) ?? 0xfffd)}`)
  }

  private isAtTerminator(char: string): boolean {
    return char === '' || isSpace(char) || '.,|:)('.includes(char) || this.input.startsWith(rightDelim, this.pos)
  }

  private quoted(mark: string, kind: TokenKind, problem: string): Token {
    for (;;) {
      const char = this.input[this.pos++]
      if (char === mark) return this.emit(kind)
      if (char === undefined || char === '\n') return this.fail(problem)
      if (char === '\\') {
        const next = this.input[this.pos++]
        if (next === undefined || next === '\n') return this.fail(problem)
      }
    }
  }

  private rawQuoted(): Token {
    const end = this.input.indexOf('`', this.pos)
    if (end < 0) return this.fail('unterminated raw quoted string')
    this.pos = end + 1
    return this.emit('rawString')
  }

  private number(): Token {
    if (!this.scanNumber()) return this.badNumber()
    const sign = this.input[this.pos]
    if (sign === '+' || sign === '-') {
      if (!this.scanNumber() || this.input[this.pos - 1] !== 'i') return this.badNumber()
      return this.emit('complex')
    }
    return this.emit('number')
  }

  private badNumber(): Token {
    return this.fail(`bad number syntax: ${quote(this.input.slice(this.start, this.pos))}`)
  }

  private accept(valid: string): boolean {
    const char = this.input[this.pos]
    if (char === undefined || !valid.includes(char)) return false
    this.pos++
    return true
  }

  private acceptRun(valid: string): void {
    while (this.accept(valid));
  }

  private scanNumber(): boolean {
    this.accept('+-')
    let digits = '0123456789_'
    if (this.accept('0')) {
      if (this.accept('xX')) digits = '0123456789abcdefABCDEF_'
      else if (this.accept('oO')) digits = '01234567_'
      else if (this.accept('bB')) digits = '01_'
    }
    this.acceptRun(digits)
    if (this.accept('.')) this.acceptRun(digits)
    const exponent = digits.length === 11 ? 'eE' : digits.length === 23 ? 'pP' : ''
    if (exponent !== '' && this.accept(exponent)) {
      this.accept('+-')
      this.acceptRun('0123456789_')
    }
    this.accept('i')
    const after = this.charAt(this.pos)
    if (after === '' || !isAlphanumeric(after)) return true
    this.pos += after.length
    return false
  }
}
