import { LimitError } from '../errors.ts'
import { valueDepthMax } from '../limits.ts'
import { type Mark, yamlError } from './problem.ts'
import { Reader, type Scanning } from './reader.ts'
import { blockScalar, flowScalar, plainScalar } from './scan-scalar.ts'
import { scanAnchor, scanDirective, scanTag } from './scan-word.ts'
import type { Token, TokenKind } from './tokens.ts'

/** A place where a key without a question mark may have begun. */
interface SimpleKey {
  isPossible: boolean
  readonly isRequired: boolean
  readonly token: number
  readonly mark: Mark
}

/** Characters that a key without a question mark may be long. */
const simpleKeyMax = 1024

/** Splits a YAML text into tokens: libyaml's scanner as go-yaml 2 has it. */
export class Scanner implements Scanning {
  readonly reader: Reader
  private readonly tokens: Token[] = []
  /** Tokens handed out. */
  private parsed = 0
  private isDone = false
  indent = -1
  private readonly indents: number[] = []
  private readonly simpleKeys: SimpleKey[] = []
  flowLevel = 0
  isKeyAllowed = true

  constructor(text: string) {
    this.reader = new Reader(text)
    this.simpleKeys.push(this.noKey())
  }

  /** The next token, which stays. Throws FunctionError. */
  peek(): Token {
    for (;;) {
      const [first] = this.tokens
      // A token that may turn out to be a key isn't told before that is known.
      if (first !== undefined && (!this.mayBeKey(this.parsed) || this.isDone)) return first
      this.fetch()
    }
  }

  next(): Token {
    const token = this.peek()
    this.tokens.shift()
    this.parsed++
    return token
  }

  fail(problem: string): never {
    const { line } = this.reader
    throw yamlError(problem, line === 0 ? 0 : line + 1)
  }

  private mayBeKey(token: number): boolean {
    const key = this.simpleKeys.find((known) => known.token === token && known.isPossible)
    return key !== undefined && this.isValidKey(key)
  }

  private noKey(): SimpleKey {
    return { isPossible: false, isRequired: false, token: -1, mark: { index: 0, line: 0, column: 0 } }
  }

  private isValidKey(key: SimpleKey): boolean {
    if (!key.isPossible) return false
    if (key.mark.line < this.reader.line || key.mark.index + simpleKeyMax < this.reader.index) {
      if (key.isRequired) this.fail("could not find expected ':'")
      key.isPossible = false
      return false
    }
    return true
  }

  private lastKey(): SimpleKey {
    return this.simpleKeys.at(-1) ?? this.noKey()
  }

  private saveKey(): void {
    if (!this.isKeyAllowed) return
    const isRequired = this.flowLevel === 0 && this.indent === this.reader.column
    const key = { isPossible: true, isRequired, token: this.parsed + this.tokens.length, mark: this.reader.mark }
    this.removeKey()
    this.simpleKeys[this.simpleKeys.length - 1] = key
  }

  private removeKey(): void {
    const key = this.lastKey()
    if (key.isPossible && key.isRequired) this.fail("could not find expected ':'")
    key.isPossible = false
  }

  private push(kind: TokenKind, start: Mark, value = '', suffix = '', isPlain = false): void {
    this.tokens.push({ kind, start, end: this.reader.mark, value, suffix, isPlain })
  }

  private rollIndent(column: number, kind: TokenKind, mark: Mark, token?: number): void {
    if (this.flowLevel > 0 || this.indent >= column) return
    if (this.indents.length > valueDepthMax) throw new LimitError(`a YAML text is nested more than ${valueDepthMax} deep`)
    this.indents.push(this.indent)
    this.indent = column
    const made: Token = { kind, start: mark, end: mark, value: '', suffix: '', isPlain: false }
    if (token === undefined) this.tokens.push(made)
    else this.tokens.splice(token - this.parsed, 0, made)
  }

  private unrollIndent(column: number): void {
    if (this.flowLevel > 0) return
    while (this.indent > column) {
      this.push('block end', this.reader.mark)
      this.indent = this.indents.pop() ?? -1
    }
  }

  private fetch(): void {
    const { reader } = this
    this.skipToToken()
    this.unrollIndent(reader.column)
    const char = reader.peek()
    if (char === '') return this.streamEnd()
    if (reader.column === 0) {
      if (char === '%') return this.directive()
      if (this.isDocumentIndicator('-')) return this.documentIndicator('document start')
      if (this.isDocumentIndicator('.')) return this.documentIndicator('document end')
    }
    const isSpaced = reader.isBlankEnd(1)
    const isFlow = this.flowLevel > 0
    if (char === '[') return this.flowStart('flow sequence start')
    if (char === '{') return this.flowStart('flow mapping start')
    if (char === ']') return this.flowEnd('flow sequence end')
    if (char === '}') return this.flowEnd('flow mapping end')
    if (char === ',') return this.flowEntry()
    if (char === '-' && isSpaced) return this.blockEntry()
    if (char === '?' && (isFlow || isSpaced)) return this.key()
    if (char === ':' && (isFlow || isSpaced)) return this.value()
    if (char === '*' || char === '&') return this.anchor(char)
    if (char === '!') return this.tag()
    if ((char === '|' || char === '>') && !isFlow) return this.block(char === '|')
    if (char === "'" || char === '"') return this.quoted(char)
    if (this.startsPlain(char)) return this.plain()
    this.fail('found character that cannot start any token')
  }

  private startsPlain(char: string): boolean {
    const { reader } = this
    if (char === '-') return !reader.isBlankAt(1)
    if (char === '?' || char === ':') return this.flowLevel === 0 && !reader.isBlankEnd(1)
    return !reader.isBlankEnd() && !',[]{}#&*!|>\'"%@`'.includes(char)
  }

  private isDocumentIndicator(char: string): boolean {
    const { reader } = this
    return reader.peek() === char && reader.peek(1) === char && reader.peek(2) === char && reader.isBlankEnd(3)
  }

  isAtDocumentIndicator(): boolean {
    return this.reader.column === 0 && (this.isDocumentIndicator('-') || this.isDocumentIndicator('.'))
  }

  private skipToToken(): void {
    const { reader } = this
    for (;;) {
      while (reader.peek() === ' ' || ((this.flowLevel > 0 || !this.isKeyAllowed) && reader.peek() === '\t')) reader.skip()
      reader.skipComment()
      if (!reader.isBreakAt()) return
      reader.takeBreak()
      if (this.flowLevel === 0) this.isKeyAllowed = true
    }
  }

  private streamEnd(): void {
    this.reader.endLine()
    this.unrollIndent(-1)
    this.removeKey()
    this.isKeyAllowed = false
    this.push('stream end', this.reader.mark)
    this.isDone = true
  }

  private directive(): void {
    this.unrollIndent(-1)
    this.removeKey()
    this.isKeyAllowed = false
    const { mark } = this.reader
    const { kind, value, suffix } = scanDirective(this)
    this.push(kind, mark, value, suffix)
  }

  private documentIndicator(kind: TokenKind): void {
    this.unrollIndent(-1)
    this.removeKey()
    this.isKeyAllowed = false
    const { mark } = this.reader
    this.reader.skip(3)
    this.push(kind, mark)
  }

  private indicator(kind: TokenKind): void {
    const { mark } = this.reader
    this.reader.skip()
    this.push(kind, mark)
  }

  private flowStart(kind: TokenKind): void {
    this.saveKey()
    this.simpleKeys.push(this.noKey())
    this.flowLevel++
    if (this.flowLevel > valueDepthMax) throw new LimitError(`a YAML text is nested more than ${valueDepthMax} deep`)
    this.isKeyAllowed = true
    this.indicator(kind)
  }

  private flowEnd(kind: TokenKind): void {
    this.removeKey()
    if (this.flowLevel > 0) {
      this.flowLevel--
      this.simpleKeys.pop()
    }
    this.isKeyAllowed = false
    this.indicator(kind)
  }

  private flowEntry(): void {
    this.removeKey()
    this.isKeyAllowed = true
    this.indicator('flow entry')
  }

  private blockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.isKeyAllowed) this.fail('block sequence entries are not allowed in this context')
      this.rollIndent(this.reader.column, 'block sequence start', this.reader.mark)
    }
    this.removeKey()
    this.isKeyAllowed = true
    this.indicator('block entry')
  }

  private key(): void {
    if (this.flowLevel === 0) {
      if (!this.isKeyAllowed) this.fail('mapping keys are not allowed in this context')
      this.rollIndent(this.reader.column, 'block mapping start', this.reader.mark)
    }
    this.removeKey()
    this.isKeyAllowed = this.flowLevel === 0
    this.indicator('key')
  }

  private value(): void {
    const key = this.lastKey()
    if (this.isValidKey(key)) {
      const token: Token = { kind: 'key', start: key.mark, end: key.mark, value: '', suffix: '', isPlain: false }
      this.tokens.splice(key.token - this.parsed, 0, token)
      this.rollIndent(key.mark.column, 'block mapping start', key.mark, key.token)
      key.isPossible = false
      this.isKeyAllowed = false
    } else {
      if (this.flowLevel === 0) {
        if (!this.isKeyAllowed) this.fail('mapping values are not allowed in this context')
        this.rollIndent(this.reader.column, 'block mapping start', this.reader.mark)
      }
      this.isKeyAllowed = this.flowLevel === 0
    }
    this.indicator('value')
  }

  private anchor(mark: '*' | '&'): void {
    this.saveKey()
    this.isKeyAllowed = false
    const start = this.reader.mark
    this.push(mark === '*' ? 'alias' : 'anchor', start, scanAnchor(this))
  }

  private tag(): void {
    this.saveKey()
    this.isKeyAllowed = false
    const start = this.reader.mark
    const { handle, suffix } = scanTag(this)
    this.push('tag', start, handle, suffix)
  }

  private block(isLiteral: boolean): void {
    this.removeKey()
    this.isKeyAllowed = true
    const start = this.reader.mark
    this.push('scalar', start, blockScalar(this, isLiteral))
  }

  private quoted(mark: "'" | '"'): void {
    this.saveKey()
    this.isKeyAllowed = false
    const start = this.reader.mark
    this.push('scalar', start, flowScalar(this, mark))
  }

  private plain(): void {
    this.saveKey()
    this.isKeyAllowed = false
    const start = this.reader.mark
    const { text, endsLine } = plainScalar(this)
    this.push('scalar', start, text, '', true)
    if (endsLine) this.isKeyAllowed = true
  }
}
