import { toBytes } from '../bytes.ts'
import { type Mark, yamlError } from './problem.ts'
import { isBreak } from './scalar.ts'

const bom = '\ufeff'
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const refused = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/

/** The characters of a YAML text one after the other, as libyaml's reader gives them. '' is what comes after the last one. */
export class Reader {
  private readonly chars: readonly string[]
  private at = 0
  private lineNumber = 0
  private columnNumber = 0

  /** Throws FunctionError for control characters, and for bytes that are no UTF-8. */
  constructor(text: string) {
    if (!text.isWellFormed()) throw yamlError(encodingProblem(text))
    if (refused.test(text)) throw yamlError('control characters are not allowed')
    this.chars = Array.from(text.startsWith(bom) ? text.slice(1) : text)
  }

  get mark(): Mark {
    return { index: this.at, line: this.lineNumber, column: this.columnNumber }
  }

  get index(): number {
    return this.at
  }

  get line(): number {
    return this.lineNumber
  }

  get column(): number {
    return this.columnNumber
  }

  peek(ahead = 0): string {
    return this.chars[this.at + ahead] ?? ''
  }

  isEnd(): boolean {
    return this.at >= this.chars.length
  }

  isBreakAt(ahead = 0): boolean {
    return isBreak(this.peek(ahead))
  }

  isBlankAt(ahead = 0): boolean {
    const char = this.peek(ahead)
    return char === ' ' || char === '\t'
  }

  /** A line break or the end. */
  isBreakEnd(ahead = 0): boolean {
    const char = this.peek(ahead)
    return char === '' || isBreak(char)
  }

  isBlankEnd(ahead = 0): boolean {
    return this.isBlankAt(ahead) || this.isBreakEnd(ahead)
  }

  /** Steps over a character within a line and gives it. */
  take(): string {
    const char = this.peek()
    this.at++
    this.columnNumber++
    return char
  }

  skip(count = 1): void {
    this.at += count
    this.columnNumber += count
  }

  /** Steps over a line break, if there is one, and gives what it counts as. */
  takeBreak(): string {
    const char = this.peek()
    if (!isBreak(char)) return ''
    this.at += char === '\r' && this.peek(1) === '\n' ? 2 : 1
    this.columnNumber = 0
    this.lineNumber++
    return char === '\u2028' || char === '\u2029' ? char : '\n'
  }

  skipComment(): void {
    if (this.peek() === '#') while (!this.isBreakEnd()) this.skip()
  }

  /** The end of the text ends its last line. */
  endLine(): void {
    if (this.columnNumber === 0) return
    this.columnNumber = 0
    this.lineNumber++
  }
}

/** Why libyaml can't decode a text, by its first bytes that are wrong. */
function encodingProblem(text: string): string {
  const bytes = toBytes(text)
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0
    const width = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0
    if (width === 0) return 'invalid leading UTF-8 octet'
    if (at + width > bytes.length) return 'incomplete UTF-8 octet sequence'
    let point = width === 1 ? first : first & (0xff >> (width + 1))
    for (const next of bytes.subarray(at + 1, at + width)) {
      if ((next & 0xc0) !== 0x80) return 'invalid trailing UTF-8 octet'
      point = (point << 6) | (next & 0x3f)
    }
    if ((width === 2 && point < 0x80) || (width === 3 && point < 0x800) || (width === 4 && point < 0x10000)) {
      return 'invalid length of a UTF-8 sequence'
    }
    if ((point >= 0xd800 && point < 0xe000) || point > 0x10ffff) return 'invalid Unicode character'
    at += width
  }
  return 'invalid Unicode character'
}

/** A scanner, as far as its parts look at it. */
export interface Scanning {
  readonly reader: Reader
  readonly indent: number
  readonly flowLevel: number
  /** Whether the line starts with `---` or `...`, which ends every scalar that isn't quoted. */
  isAtDocumentIndicator(): boolean
  fail(problem: string): never
}
