import { fromBytes, toBytes } from '../bytes.ts'
import { FunctionError } from '../errors.ts'
import { quote } from '../format/quote.ts'

/** The parts of a URL that Go's net/url escapes differently. */
export type UrlPart = 'path' | 'host' | 'zone' | 'userPassword' | 'fragment' | 'query'

/** What stays as it is, besides letters, digits and - _ . ~ */
const kept: Readonly<Record<UrlPart, string>> = {
  path: '$&+,/:;=@',
  host: '!$&\'()*+,;=:[]<>"',
  zone: '!$&\'()*+,;=:[]<>"',
  userPassword: '$&+,;=',
  fragment: '$&+,/:;=?@!()*',
  query: '',
}

/** Whether a byte has to be escaped in that part. */
export function mustEscape(byte: number, part: UrlPart): boolean {
  const char = String.fromCharCode(byte)
  return byte >= 0x80 || !(/[A-Za-z0-9_.~-]/.test(char) || kept[part].includes(char))
}

/** Escapes a text for a part of a URL, as Go's net/url. */
export function escapeUrl(text: string, part: UrlPart): string {
  let result = ''
  for (const byte of toBytes(text)) {
    if (!mustEscape(byte, part)) result += String.fromCharCode(byte)
    else if (byte === 0x20 && part === 'query') result += '+'
    else result += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return result
}

/** url.QueryEscape. */
export function queryEscape(text: string): string {
  return escapeUrl(text, 'query')
}

/** The reverse of escapeUrl (never for a query). Throws FunctionError with Go's text. */
export function unescapeUrl(text: string, part: UrlPart): string {
  if (part === 'host' || part === 'zone') checkHost(text, part)
  if (!text.includes('%')) return text
  const bytes: number[] = []
  const source = toBytes(text)
  for (let i = 0; i < source.length; i++) {
    const byte = source[i] ?? 0
    if (byte !== 0x25) {
      bytes.push(byte)
      continue
    }
    const sequence = fromBytes(source.subarray(i, i + 3))
    if (!/^%[0-9a-fA-F]{2}$/.test(sequence)) throw invalidEscape(sequence)
    bytes.push(Number.parseInt(sequence.slice(1), 16))
    i += 2
  }
  return fromBytes(Uint8Array.from(bytes))
}

function checkHost(text: string, part: 'host' | 'zone'): void {
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === '%') {
      const sequence = text.slice(i, i + 3)
      if (!/^%[0-9a-fA-F]{2}$/.test(sequence)) throw invalidEscape(sequence)
      const value = Number.parseInt(sequence.slice(1), 16)
      if (part === 'host' && value < 0x80 && sequence !== '%25') throw invalidEscape(sequence)
      if (part === 'zone' && sequence !== '%25' && value !== 0x20 && mustEscape(value, 'host')) throw invalidEscape(sequence)
      i += 2
    } else if (char < '\x80' && mustEscape(char.charCodeAt(0), part)) {
      throw new FunctionError(`invalid character ${quote(char)} in host name`)
    }
  }
}

function invalidEscape(sequence: string): FunctionError {
  return new FunctionError(`invalid URL escape ${quote(sequence)}`)
}
