import { integer, typeOf, type Value } from '../values.ts'
import { Printer } from './print.ts'

/** fmt refuses widths, precisions and argument numbers beyond this. */
const numberMax = 1_000_000

/** fmt.Sprintf, wrong verbs and missing operands included. */
export function sprintf(format: string, args: readonly Value[]): string {
  return new Formatter(format, args).run()
}

class Formatter {
  private readonly format: string
  private readonly args: readonly Value[]
  private readonly printer = new Printer()
  private at = 0
  private argument = 0
  private isReordered = false
  private isGoodArgument = true
  private isAfterIndex = false

  constructor(format: string, args: readonly Value[]) {
    this.format = format
    this.args = args
  }

  run(): string {
    while (this.at < this.format.length) {
      const next = this.format.indexOf('%', this.at)
      const end = next < 0 ? this.format.length : next
      if (end > this.at) this.printer.write(this.format.slice(this.at, end))
      this.at = end + 1
      if (next >= 0) this.directive()
    }
    if (!this.isReordered && this.argument < this.args.length) this.extraArguments()
    return this.printer.result()
  }

  private directive(): void {
    this.isGoodArgument = true
    this.isAfterIndex = false
    this.printer.flags.clear()
    if (this.readFlags()) return
    this.readIndex()
    this.readWidth()
    this.readPrecision()
    if (!this.isAfterIndex) this.readIndex()
    if (this.at >= this.format.length) {
      this.printer.write('%!(NOVERB)')
      return
    }
    const verb = String.fromCodePoint(this.format.codePointAt(this.at) ?? 0xfffd)
    this.at += verb.length
    if (verb === '%') this.printer.write('%')
    else if (!this.isGoodArgument) this.printer.write(`%!${verb}(BADINDEX)`)
    else if (this.argument >= this.args.length) this.printer.write(`%!${verb}(MISSING)`)
    else this.print(verb)
  }

  /** The flags; true when a lower-case verb followed at once and is printed already. */
  private readFlags(): boolean {
    const flags = this.printer.flags
    for (; this.at < this.format.length; this.at++) {
      const char = this.format[this.at] ?? ''
      if (char === '#') flags.sharp = true
      else if (char === '0') flags.zero = true
      else if (char === '+') flags.plus = true
      else if (char === '-') flags.minus = true
      else if (char === ' ') flags.space = true
      else if (char >= 'a' && char <= 'z' && this.argument < this.args.length) {
        this.at++
        this.print(char)
        return true
      } else return false
    }
    return false
  }

  private print(verb: string): void {
    const flags = this.printer.flags
    // %w is %v to Sprintf, and wrong all the same.
    if (verb === 'v' || verb === 'w') {
      flags.sharpV = flags.sharp
      flags.sharp = false
      flags.plusV = flags.plus
      flags.plus = false
    }
    this.printer.printArgument(this.args[this.argument], verb)
    this.argument++
  }

  private readWidth(): void {
    const flags = this.printer.flags
    if (this.format[this.at] === '*') {
      this.at++
      const width = this.integerArgument()
      flags.hasWidth = width !== undefined
      flags.width = width ?? 0
      if (width === undefined) this.printer.write('%!(BADWIDTH)')
      if (flags.width < 0) {
        flags.width = -flags.width
        flags.minus = true
        flags.zero = false
      }
      this.isAfterIndex = false
      return
    }
    const width = this.readNumber()
    flags.hasWidth = width !== undefined
    flags.width = width ?? 0
    if (this.isAfterIndex && flags.hasWidth) this.isGoodArgument = false
  }

  private readPrecision(): void {
    if (this.at + 1 >= this.format.length || this.format[this.at] !== '.') return
    const flags = this.printer.flags
    this.at++
    if (this.isAfterIndex) this.isGoodArgument = false
    this.readIndex()
    if (this.format[this.at] === '*') {
      this.at++
      const precision = this.integerArgument()
      flags.hasPrecision = precision !== undefined && precision >= 0
      flags.precision = flags.hasPrecision ? (precision ?? 0) : 0
      if (!flags.hasPrecision) this.printer.write('%!(BADPREC)')
      this.isAfterIndex = false
      return
    }
    flags.precision = this.readNumber() ?? 0
    flags.hasPrecision = true
  }

  /** Digits at the current place; undefined when there are none. A number that is too large swallows the rest of the format, as in Go. */
  private readNumber(): number | undefined {
    const digits = /^[0-9]*/.exec(this.format.slice(this.at, this.at + 20))?.[0] ?? ''
    if (digits === '') return undefined
    let value = 0
    for (const digit of digits) {
      if (value > numberMax) {
        this.at = this.format.length
        return undefined
      }
      value = value * 10 + Number(digit)
    }
    this.at += digits.length
    return value
  }

  private integerArgument(): number | undefined {
    if (this.argument >= this.args.length) return undefined
    const value = integer(this.args[this.argument])
    this.argument++
    if (value === undefined || value > numberMax || value < -numberMax) return undefined
    return Number(value)
  }

  /** `[n]`, the number of the operand that comes next. */
  private readIndex(): void {
    if (this.format[this.at] !== '[') {
      this.isAfterIndex = false
      return
    }
    this.isReordered = true
    const close = this.format.indexOf(']', this.at)
    if (close < 0 || this.format.length - this.at < 3) {
      this.isGoodArgument = false
      this.isAfterIndex = false
      this.at++
      return
    }
    const text = this.format.slice(this.at + 1, close)
    this.at = close + 1
    const isNumber = /^[0-9]{1,7}$/.test(text)
    const index = isNumber ? Number(text) - 1 : -1
    if (isNumber && index >= 0 && index < this.args.length) this.argument = index
    else this.isGoodArgument = false
    this.isAfterIndex = isNumber
  }

  private extraArguments(): void {
    this.printer.flags.clear()
    this.printer.write('%!(EXTRA ')
    for (const [i, value] of this.args.slice(this.argument).entries()) {
      if (i > 0) this.printer.write(', ')
      if (value === undefined || value === null) this.printer.write('<nil>')
      else {
        this.printer.write(`${typeOf(value)}=`)
        this.printer.printArgument(value, 'v')
      }
    }
    this.printer.write(')')
  }
}
