import type { Scanning } from './reader.ts'

/** A block scalar, from its `|` or `>`. */
export function blockScalar(scanner: Scanning, isLiteral: boolean): string {
  const { reader } = scanner
  reader.skip()
  const { chomping, increment } = blockHeader(scanner)
  let indent = increment === 0 ? 0 : Math.max(scanner.indent, 0) + increment
  const text: string[] = []
  let leadingBreak = ''
  let isAfterBlank = false
  let breaks: string
  ;[breaks, indent] = blockBreaks(scanner, indent)
  while (reader.column === indent && !reader.isEnd()) {
    const isBlank = reader.isBlankAt()
    if (!isLiteral && leadingBreak === '\n' && !isAfterBlank && !isBlank) {
      if (breaks === '') text.push(' ')
    } else text.push(leadingBreak)
    text.push(breaks)
    isAfterBlank = isBlank
    while (!reader.isBreakEnd()) text.push(reader.take())
    leadingBreak = reader.takeBreak()
    ;[breaks, indent] = blockBreaks(scanner, indent)
  }
  if (chomping !== '-') text.push(leadingBreak)
  if (chomping === '+') text.push(breaks)
  return text.join('')
}

function blockHeader(scanner: Scanning): { readonly chomping: string; readonly increment: number } {
  const { reader } = scanner
  let chomping = ''
  let increment = 0
  const readChomping = (): boolean => {
    if (reader.peek() !== '+' && reader.peek() !== '-') return false
    chomping = reader.take()
    return true
  }
  const readIncrement = (): void => {
    if (!/^[0-9]$/.test(reader.peek())) return
    if (reader.peek() === '0') scanner.fail('found an indentation indicator equal to 0')
    increment = Number(reader.take())
  }
  if (readChomping()) readIncrement()
  else {
    readIncrement()
    if (increment > 0) readChomping()
  }
  while (reader.isBlankAt()) reader.skip()
  reader.skipComment()
  if (!reader.isBreakEnd()) scanner.fail('did not find expected comment or line break')
  reader.takeBreak()
  return { chomping, increment }
}

/** Empty lines, and the indentation of what follows: the one found where none is known yet (0). */
function blockBreaks(scanner: Scanning, known: number): [breaks: string, indent: number] {
  const { reader } = scanner
  let breaks = ''
  let widest = 0
  for (;;) {
    while ((known === 0 || reader.column < known) && reader.peek() === ' ') reader.skip()
    widest = Math.max(widest, reader.column)
    if ((known === 0 || reader.column < known) && reader.peek() === '\t') {
      scanner.fail('found a tab character where an indentation space is expected')
    }
    if (!reader.isBreakAt()) break
    breaks += reader.takeBreak()
  }
  return [breaks, known === 0 ? Math.max(widest, scanner.indent + 1, 1) : known]
}

/** Breaks between two lines of a scalar: one is a space, of more the first is dropped. */
function joinLines(first: string, rest: string): string {
  if (!first.startsWith('\n')) return first + rest
  return rest === '' ? ' ' : rest
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}
const escapeLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** A scalar in quotes, from the first to the last. */
export function flowScalar(scanner: Scanning, mark: "'" | '"'): string {
  const { reader } = scanner
  const text: string[] = []
  reader.skip()
  for (;;) {
    if (scanner.isAtDocumentIndicator()) scanner.fail('found unexpected document indicator')
    if (reader.isEnd()) scanner.fail('found unexpected end of stream')
    let isAfterBreak = false
    while (!reader.isBlankEnd()) {
      const char = reader.peek()
      if (mark === "'" && char === "'" && reader.peek(1) === "'") {
        text.push("'")
        reader.skip(2)
      } else if (char === mark) break
      else if (mark === '"' && char === '\\' && reader.isBreakAt(1)) {
        reader.skip()
        reader.takeBreak()
        isAfterBreak = true
        break
      } else text.push(mark === '"' && char === '\\' ? escaped(scanner) : reader.take())
    }
    if (reader.peek() === mark) break
    text.push(flowSpace(scanner, isAfterBreak))
  }
  reader.skip()
  return text.join('')
}

/** Blanks and breaks inside quotes; after an escaped break the first blanks don't count. */
function flowSpace({ reader }: Scanning, startsAfterBreak: boolean): string {
  let isAfterBreak = startsAfterBreak
  let spaces = ''
  let first = ''
  let rest = ''
  while (reader.isBlankAt() || reader.isBreakAt()) {
    if (reader.isBlankAt()) {
      const char = reader.take()
      if (!isAfterBreak) spaces += char
    } else if (isAfterBreak) rest += reader.takeBreak()
    else {
      spaces = ''
      first += reader.takeBreak()
      isAfterBreak = true
    }
  }
  if (!isAfterBreak) return spaces
  return first === '' ? rest : joinLines(first, rest)
}

function escaped(scanner: Scanning): string {
  const { reader } = scanner
  const code = reader.peek(1)
  const plain = Object.hasOwn(escapes, code) ? escapes[code] : undefined
  const length = Object.hasOwn(escapeLengths, code) ? escapeLengths[code] : undefined
  if (plain !== undefined) {
    reader.skip(2)
    return plain
  }
  if (length === undefined) return scanner.fail('found unknown escape character')
  reader.skip(2)
  let digits = ''
  for (let i = 0; i < length; i++) digits += reader.peek(i)
  if (!new RegExp(`^[0-9A-Fa-f]{${length}}$`).test(digits)) scanner.fail('did not find expected hexdecimal number')
  const point = Number.parseInt(digits, 16)
  if ((point >= 0xd800 && point < 0xe000) || point > 0x10ffff) scanner.fail('found invalid Unicode character escape code')
  reader.skip(length)
  return String.fromCodePoint(point)
}

/** A scalar without quotes, and whether a line break follows it. */
export function plainScalar(scanner: Scanning): { readonly text: string; readonly endsLine: boolean } {
  const { reader } = scanner
  const indent = scanner.indent + 1
  const isFlow = scanner.flowLevel > 0
  const text: string[] = []
  let isAfterBreak = false
  let spaces = ''
  let first = ''
  let rest = ''
  for (;;) {
    if (scanner.isAtDocumentIndicator() || reader.peek() === '#') break
    while (!reader.isBlankEnd()) {
      const char = reader.peek()
      if ((char === ':' && reader.isBlankEnd(1)) || (isFlow && ',?[]{}'.includes(char))) break
      if (isAfterBreak) text.push(joinLines(first, rest))
      else text.push(spaces)
      isAfterBreak = false
      spaces = ''
      first = ''
      rest = ''
      text.push(reader.take())
    }
    if (!reader.isBlankAt() && !reader.isBreakAt()) break
    while (reader.isBlankAt() || reader.isBreakAt()) {
      if (reader.isBlankAt()) {
        if (isAfterBreak && reader.column < indent && reader.peek() === '\t') {
          scanner.fail('found a tab character that violates indentation')
        }
        const char = reader.take()
        if (!isAfterBreak) spaces += char
      } else if (isAfterBreak) rest += reader.takeBreak()
      else {
        spaces = ''
        first = reader.takeBreak()
        isAfterBreak = true
      }
    }
    if (!isFlow && reader.column < indent) break
  }
  return { text: text.join(''), endsLine: isAfterBreak }
}
