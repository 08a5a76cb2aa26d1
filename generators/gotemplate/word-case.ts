import { isStrayByte } from './bytes.ts'
import { isSpace, lowerChar, upperChar } from './text-case.ts'

/** The kinds of words that huandu/xstrings 1.5 cuts a text into. */
type Word = 'none' | 'number' | 'upper' | 'alphabet' | 'connector' | 'punctuation' | 'other'

const upperLetter = /^\p{Lu}$/u
const letter = /^\p{L}$/u
const digit = /^\p{N}$/u
const punctuation = /^\p{P}$/u

function isConnector(char: string): boolean {
  return char === '-' || char === '_' || isSpace(char)
}

function isUpper(char: string): boolean {
  return upperLetter.test(char)
}

/** Letters other than Chinese characters. */
function isAlphabet(char: string): boolean {
  const point = char.codePointAt(0) ?? 0
  if (point < 0x3400) return letter.test(char)
  const isChinese = (point >= 0x4e00 && point <= 0x9fcc) || (point >= 0x3400 && point <= 0x4d85) || (point >= 0x20000 && point <= 0x2b81d)
  return !isChinese && letter.test(char)
}

/** Cuts words off the front of a text. */
class Words {
  private readonly chars: readonly string[]
  /** What `chars` stand for: bytes that are no character go with the one after them, the last with the one before. */
  private readonly texts: readonly string[]
  private at = 0
  word = ''
  kind: Word = 'none'

  constructor(text: string) {
    const texts: string[] = []
    let stray = ''
    for (const char of text) {
      if (isStrayByte(char)) stray += char
      else {
        texts.push(stray + char)
        stray = ''
      }
    }
    if (stray !== '') texts.push((texts.pop() ?? '') + stray)
    this.texts = texts
    this.chars = texts.map((piece) => Array.from(piece).findLast((char) => !isStrayByte(char)) ?? piece)
    this.next()
  }

  hasMore(): boolean {
    return this.at < this.chars.length
  }

  next(): void {
    const start = this.at
    const first = this.chars[start]
    this.kind = first === undefined ? 'none' : this.scan(first)
    this.word = this.texts.slice(start, this.at).join('')
  }

  private run(belongs: (char: string) => boolean): void {
    while (this.at < this.chars.length && belongs(this.chars[this.at] ?? '')) this.at++
  }

  private scan(first: string): Word {
    this.at++
    if (isConnector(first)) {
      this.run(isConnector)
      return 'connector'
    }
    if (punctuation.test(first)) {
      this.run((char) => punctuation.test(char))
      return 'punctuation'
    }
    if (isUpper(first)) {
      this.upperWord()
      return 'upper'
    }
    if (isAlphabet(first)) {
      this.run((char) => isAlphabet(char) && !isUpper(char))
      return 'alphabet'
    }
    if (digit.test(first)) {
      this.run((char) => digit.test(char))
      return 'number'
    }
    this.run((char) => !isConnector(char) && !isAlphabet(char) && !digit.test(char) && !punctuation.test(char))
    return 'other'
  }

  /** `HTTPStatus` is HTTP and Status: the last capital belongs to the next word. */
  private upperWord(): void {
    const second = this.chars[this.at]
    if (second === undefined) return
    if (isUpper(second)) {
      this.run(isUpper)
      const after = this.chars[this.at]
      if (after !== undefined && isAlphabet(after)) this.at--
    } else this.run((char) => isAlphabet(char) && !isUpper(char))
  }
}

/** xstrings.ToSnakeCase and ToKebabCase. */
export function joinWords(text: string, connector: '_' | '-'): string {
  if (text === '') return ''
  const out: string[] = []
  const put = (kind: Word, word: string): void => {
    if (kind !== 'upper' && kind !== 'connector') out.push(word)
    else
      for (const char of word)
        out.push(isConnector(char) ? connector : isStrayByte(char) ? '\ufffd' : isUpper(char) ? lowerChar(char) : char)
  }
  const words = new Words(text)
  const kind = (): Word => words.kind
  const isJoined = (): boolean => kind() === 'connector' || kind() === 'punctuation'
  const putNumbered = (): void => {
    while (words.kind === 'alphabet' || words.kind === 'number') {
      put(words.kind, words.word)
      words.next()
    }
    if (words.kind !== 'none' && !isJoined()) out.push(connector)
  }
  while (words.hasMore()) {
    if (words.kind !== 'connector') put(words.kind, words.word)
    const previous = words.kind
    const last = words.word
    words.next()
    if (previous === 'number') putNumbered()
    else if (previous === 'connector') put(previous, last)
    else if (previous !== 'punctuation') {
      if (words.kind !== 'number') {
        if (!isJoined()) out.push(connector)
        continue
      }
      if (!words.hasMore()) continue
      const number = words.word
      words.next()
      if (kind() !== 'alphabet') {
        // A number belongs to the word before it: Bld4Floor is bld4_floor.
        put('number', number)
        if (!isJoined()) out.push(connector)
        continue
      }
      // Letters in lower case after it make it a word of its own: HTTP2xx is http_2xx.
      out.push(connector)
      put('number', number)
      putNumbered()
    }
  }
  put(words.kind, words.word)
  return out.join('')
}

/** xstrings.ToPascalCase. */
export function pascalCase(text: string): string {
  const chars = Array.from(text, (char) => (isStrayByte(char) ? '\ufffd' : char))
  const out: string[] = []
  let at = 0
  while (at < chars.length && isConnector(chars[at] ?? '')) out.push(chars[at++] ?? '')
  const first = chars[at++]
  // Of connectors alone the library repeats the last.
  if (first === undefined) return out.join('') + (chars.at(-1) ?? '')
  let isRunUpper = isUpper(first)
  let current = upperChar(first)
  for (; at < chars.length; at++) {
    const previous = current
    current = chars[at] ?? ''
    if (isConnector(previous)) {
      if (isConnector(current)) {
        out.push(previous)
        continue
      }
      isRunUpper = isUpper(current)
      current = upperChar(current)
      continue
    }
    if (isRunUpper) {
      if (isUpper(current)) current = lowerChar(current)
      else isRunUpper = false
    }
    out.push(previous)
  }
  out.push(current)
  return out.join('')
}
