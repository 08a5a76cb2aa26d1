import { fromBytes } from '../bytes.ts'
import type { Scanning } from './reader.ts'
import type { TokenKind } from './tokens.ts'

const letter = /^[0-9A-Za-z_-]$/
const uriCharacter = /^[0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]%]$/

function word({ reader }: Scanning): string {
  let text = ''
  while (letter.test(reader.peek())) text += reader.take()
  return text
}

function skipBlanks({ reader }: Scanning): void {
  while (reader.isBlankAt()) reader.skip()
}

/** The name of an anchor or alias, its sign included in what is read. */
export function scanAnchor(scanner: Scanning): string {
  const { reader } = scanner
  reader.skip()
  const name = word(scanner)
  if (name === '' || !(reader.isBlankEnd() || '?:,]}%@`'.includes(reader.peek()))) {
    scanner.fail('did not find expected alphabetic or numeric character')
  }
  return name
}

export function scanTag(scanner: Scanning): { readonly handle: string; readonly suffix: string } {
  const { reader } = scanner
  let handle = ''
  let suffix = ''
  if (reader.peek(1) === '<') {
    reader.skip(2)
    suffix = uri(scanner, '')
    if (reader.peek() !== '>') scanner.fail("did not find the expected '>'")
    reader.skip()
  } else {
    handle = tagHandle(scanner, false)
    if (handle.length > 1 && handle.endsWith('!')) suffix = uri(scanner, '')
    else {
      suffix = uri(scanner, handle)
      handle = '!'
      // A tag that is nothing but `!`.
      if (suffix === '') [handle, suffix] = [suffix, handle]
    }
  }
  if (!reader.isBlankEnd()) scanner.fail('did not find expected whitespace or line break')
  return { handle, suffix }
}

function tagHandle(scanner: Scanning, isDirective: boolean): string {
  const { reader } = scanner
  if (reader.peek() !== '!') scanner.fail("did not find expected '!'")
  let text = reader.take() + word(scanner)
  if (reader.peek() === '!') text += reader.take()
  else if (isDirective && text !== '!') scanner.fail("did not find expected '!'")
  return text
}

/** A URI; `head` is a handle whose letters turned out to be its start. */
function uri(scanner: Scanning, head: string): string {
  const { reader } = scanner
  let text = head.slice(1)
  let hasTag = head !== ''
  while (uriCharacter.test(reader.peek())) {
    text += reader.peek() === '%' ? escapedCharacter(scanner) : reader.take()
    hasTag = true
  }
  if (!hasTag) scanner.fail('did not find expected tag URI')
  return text
}

/** One character that a URI writes as bytes, `%C3%A9`. */
function escapedCharacter(scanner: Scanning): string {
  const { reader } = scanner
  const bytes: number[] = []
  let width = 1
  while (bytes.length < width) {
    const digits = reader.peek(1) + reader.peek(2)
    if (reader.peek() !== '%' || !/^[0-9A-Fa-f]{2}$/.test(digits)) scanner.fail('did not find URI escaped octet')
    const byte = Number.parseInt(digits, 16)
    if (bytes.length === 0) {
      width = byte < 0x80 ? 1 : byte < 0xc0 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf8 ? 4 : 0
      if (width === 0) scanner.fail('found an incorrect leading UTF-8 octet')
    } else if ((byte & 0xc0) !== 0x80) scanner.fail('found an incorrect trailing UTF-8 octet')
    bytes.push(byte)
    reader.skip(3)
  }
  return fromBytes(Uint8Array.from(bytes))
}

interface Directive {
  readonly kind: TokenKind
  readonly value: string
  readonly suffix: string
}

export function scanDirective(scanner: Scanning): Directive {
  const { reader } = scanner
  reader.skip()
  const name = word(scanner)
  if (name === '') scanner.fail('could not find expected directive name')
  if (!reader.isBlankEnd()) scanner.fail('found unexpected non-alphabetical character')
  const directive = name === 'YAML' ? version(scanner) : name === 'TAG' ? tagDirective(scanner) : undefined
  if (directive === undefined) return scanner.fail('found unknown directive name')
  skipBlanks(scanner)
  reader.skipComment()
  if (!reader.isBreakEnd()) scanner.fail('did not find expected comment or line break')
  reader.takeBreak()
  return directive
}

function version(scanner: Scanning): Directive {
  const { reader } = scanner
  skipBlanks(scanner)
  const major = versionNumber(scanner)
  if (reader.peek() !== '.') scanner.fail("did not find expected digit or '.' character")
  reader.skip()
  return { kind: 'version directive', value: `${major}.${versionNumber(scanner)}`, suffix: '' }
}

function versionNumber(scanner: Scanning): number {
  const { reader } = scanner
  let digits = ''
  while (/^[0-9]$/.test(reader.peek())) {
    if (digits.length === 2) scanner.fail('found extremely long version number')
    digits += reader.take()
  }
  if (digits === '') scanner.fail('did not find expected version number')
  return Number(digits)
}

function tagDirective(scanner: Scanning): Directive {
  const { reader } = scanner
  skipBlanks(scanner)
  const value = tagHandle(scanner, true)
  if (!reader.isBlankAt()) scanner.fail('did not find expected whitespace')
  skipBlanks(scanner)
  const suffix = uri(scanner, '')
  if (!reader.isBlankEnd()) scanner.fail('did not find expected whitespace or line break')
  return { kind: 'tag directive', value, suffix }
}
