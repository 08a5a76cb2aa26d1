import { byteLength, byteSlice } from './bytes.ts'
import { FunctionError } from './errors.ts'
import { lower, trimSpace } from './text-case.ts'
import { transliterate } from './transliterate.ts'

/** gosimple/slug's substitutions for English. */
const substitutions: Readonly<Record<string, string>> = {
  '&': 'and',
  '@': 'at',
  '"': '',
  "'": '',
  '’': '',
  '‒': '-',
  '–': '-',
  '—': '-',
  '―': '-',
}

/**
 * gosimple/slug 1.15 with MaxLength and EnableSmartTruncate given: lower-case ASCII letters, digits, `-` and `_`. Smart truncation cuts at a
 * dash. What isn't ASCII is spelled out where we know how.
 */
export function slug(text: string, maxLength: number, smart: boolean): string {
  const substituted = Array.from(trimSpace(text), (char) => substitutions[char] ?? char).join('')
  let result = lower(transliterate(substituted))
  if (!smart && byteLength(result) >= maxLength) {
    if (maxLength < 0) throw new FunctionError(`runtime error: slice bounds out of range [:${maxLength}]`)
    result = byteSlice(result, 0, maxLength)
  }
  result = result
    .replace(/[^a-zA-Z0-9\-_]/g, '-')
    .replace(/-+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '')
  return maxLength > 0 && smart ? smartTruncate(result, maxLength) : result
}

function smartTruncate(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const dash = text.lastIndexOf('-', maxLength)
  return text.slice(0, dash < 0 ? maxLength : dash)
}

const nameLengthMax = 253

/** Argo CD's SanitizeName: a name that a DNS subdomain may have. */
export function normalizeName(text: string): string {
  const name = lower(text).replace(/[^-a-z0-9.]/gu, '-')
  return name.slice(0, nameLengthMax).replace(/^[-.]+|[-.]+$/g, '')
}

/** Argo CD's slugify: normalized, then a slug. */
export function slugifyName(text: string, maxLength: number, smart: boolean): string {
  return slug(normalizeName(text), maxLength, smart)
}
