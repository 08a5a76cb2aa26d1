import { runes, toBytes } from '../bytes.ts'

/** Package time's own quoting, in its errors: whatever isn't printable ASCII byte by byte, `\\x0a`. */
export function quoteBytes(text: string): string {
  const parts = Array.from(text, (char) => {
    if (char === '"' || char === '\\') return `\\${char}`
    const [point = 0] = runes(char)
    if (point >= 0x20 && point < 0x80) return char
    return Array.from(toBytes(char), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  })
  return `"${parts.join('')}"`
}
