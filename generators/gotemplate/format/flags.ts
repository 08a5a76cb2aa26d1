import { byteLength, characters, runes, toBytes } from '../bytes.ts'
import { LimitError } from '../errors.ts'
import { outputBytesMax } from '../limits.ts'
import { formatFloat } from './float.ts'
import { canBackquote, quote, quoteRune, unicodeName } from './quote.ts'

/** One directive's flags, width and precision, and how they bear on each kind of text (Go's fmt/format.go). */
export class Flags {
  width = 0
  hasWidth = false
  precision = 0
  hasPrecision = false
  minus = false
  plus = false
  sharp = false
  space = false
  zero = false
  plusV = false
  sharpV = false

  clear(): void {
    this.width = 0
    this.hasWidth = false
    this.precision = 0
    this.hasPrecision = false
    this.minus = false
    this.plus = false
    this.sharp = false
    this.space = false
    this.zero = false
    this.plusV = false
    this.sharpV = false
  }

  /** `text` filled up to the width; zeros only to the left. */
  pad(text: string, withZeros = this.zero): string {
    if (!this.hasWidth || this.width === 0) return text
    const missing = this.width - runes(text).length
    if (missing <= 0) return text
    if (missing > outputBytesMax) throw new LimitError('a printf width is too large')
    if (this.minus) return text + ' '.repeat(missing)
    return (withZeros ? '0' : ' ').repeat(missing) + text
  }

  text(value: string): string {
    return this.pad(this.cut(value))
  }

  private cut(value: string): string {
    if (!this.hasPrecision || value.length <= this.precision) return value
    return characters(value).slice(0, this.precision).join('')
  }

  quoted(value: string): string {
    const text = this.cut(value)
    if (this.sharp && canBackquote(text)) return this.pad(`\`${text}\``)
    return this.pad(quote(text, this.plus))
  }

  hexText(value: string, upper: boolean): string {
    const bytes = toBytes(value)
    const length = this.hasPrecision ? Math.min(this.precision, bytes.length) : bytes.length
    const digits: string[] = []
    for (let i = 0; i < length; i++) {
      const pair = (bytes[i] ?? 0).toString(16).padStart(2, '0')
      digits.push(upper ? pair.toUpperCase() : pair)
    }
    if (length === 0) return this.hasWidth ? (this.zero && !this.minus ? '0' : ' ').repeat(this.width) : ''
    const prefix = this.sharp ? (upper ? '0X' : '0x') : ''
    const body = this.space ? digits.map((pair) => prefix + pair).join(' ') : prefix + digits.join('')
    const missing = this.hasWidth ? Math.max(this.width - byteLength(body), 0) : 0
    if (this.minus) return body + ' '.repeat(missing)
    return (this.zero ? '0' : ' ').repeat(missing) + body
  }

  integer(value: bigint, base: 2 | 8 | 10 | 16, verb: string): string {
    const isNegative = value < 0n
    let digits = (isNegative ? -value : value).toString(base)
    if (verb === 'X') digits = digits.toUpperCase()
    let wanted = 0
    if (this.hasPrecision) {
      wanted = this.precision
      if (wanted === 0 && value === 0n) return ' '.repeat(this.hasWidth ? this.width : 0)
    } else if (this.zero && !this.minus && this.hasWidth) {
      wanted = this.width - (isNegative || this.plus || this.space ? 1 : 0)
    }
    if (wanted > outputBytesMax) throw new LimitError('a printf precision is too large')
    digits = digits.padStart(wanted, '0')
    if (this.sharp) {
      if (base === 2) digits = `0b${digits}`
      else if (base === 8 && !digits.startsWith('0')) digits = `0${digits}`
      else if (base === 16) digits = (verb === 'X' ? '0X' : '0x') + digits
    }
    if (verb === 'O') digits = `0o${digits}`
    const sign = isNegative ? '-' : this.plus ? '+' : this.space ? ' ' : ''
    return this.pad(sign + digits, false)
  }

  character(value: bigint): string {
    return this.pad(toCharacter(value))
  }

  quotedCharacter(value: bigint): string {
    return this.pad(quoteRune(value > 0x10ffffn || value < 0n ? 0xfffd : Number(value), this.plus))
  }

  unicode(value: bigint): string {
    const digits = BigInt.asUintN(64, value).toString(16).toUpperCase()
    const name = `U+${digits.padStart(this.hasPrecision && this.precision > 4 ? this.precision : 4, '0')}`
    const isCharacter = this.sharp && value >= 0n && value <= 0x10ffffn
    return this.pad(isCharacter ? name + unicodeName(Number(value)).replace(/^U\+[0-9A-F]+/, '') : name, false)
  }

  float(value: number, verb: string, usualPrecision: number): string {
    const precision = this.hasPrecision ? this.precision : usualPrecision
    let text = formatFloat(value, verb, precision)
    if (!text.startsWith('-') && !text.startsWith('+')) text = `+${text}`
    if (this.space && text.startsWith('+') && !this.plus) text = ` ${text.slice(1)}`
    if (/[IN]/.test(text[1] ?? '')) {
      if (text[1] === 'N' && !this.space && !this.plus) text = text.slice(1)
      if (text === '+Inf' && !this.plus) text = this.space ? ' Inf' : '+Inf'
      return this.pad(text, false)
    }
    if (this.sharp && verb !== 'b') text = keepPoint(text, verb, precision)
    if (this.plus || !text.startsWith('+')) {
      if (this.zero && !this.minus && this.hasWidth && this.width > text.length) {
        return text.slice(0, 1) + '0'.repeat(this.width - text.length) + text.slice(1)
      }
      return this.pad(text)
    }
    return this.pad(text.slice(1))
  }
}

/** `string(rune)`: what is no character is U+FFFD. */
function toCharacter(value: bigint): string {
  const point = value < 0n || value > 0x10ffffn ? 0xfffd : Number(value)
  return point >= 0xd800 && point < 0xe000 ? '\ufffd' : String.fromCodePoint(point)
}

/** The `#` flag: always a decimal point, and trailing zeros kept for %g. */
function keepPoint(number: string, verb: string, precision: number): string {
  let digits = 'vgGx'.includes(verb) ? (precision === -1 ? 6 : precision) : 0
  const at = number.search(verb === 'x' || verb === 'X' ? /[pP]/ : /[pPeE]/)
  const tail = at < 0 ? '' : number.slice(at)
  let head = at < 0 ? number : number.slice(0, at)
  let sawDigit = false
  for (const char of head.slice(1)) {
    if (char === '.') continue
    if (char !== '0') sawDigit = true
    if (sawDigit) digits--
  }
  if (!head.includes('.')) {
    if (head.length === 2 && head[1] === '0') digits--
    head += '.'
  }
  return head + '0'.repeat(Math.max(digits, 0)) + tail
}
