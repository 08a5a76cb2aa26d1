import { FleetError } from '../../fleet/errors.ts'
import type { ScmLimits } from './limits.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** Where the next page is; null after the last one. */
  readonly next: string | null
}

export interface Listing<T> {
  /** For messages: `open pull requests of acme/web`. */
  readonly what: string
  readonly first: string
  readonly read: (at: string) => Promise<Page<T>>
  /** What tells one item from another. */
  readonly key: (item: T) => string | number
}

/**
 * Every item, or an error: more pages than the bound are LIMIT_EXCEEDED. Hosts count items to find a page, so an item that goes while
 * we read makes another one slip past us, which would look as if it were gone: what takes several pages is read again until two
 * readings in a row have the same items.
 */
export async function listAll<T>(listing: Listing<T>, limits: ScmLimits): Promise<readonly T[]> {
  let before: string | null = null
  for (let pass = 1; pass <= limits.passesMax; pass++) {
    const { items, pages } = await readPages(listing, limits, pass > 1)
    const keys = JSON.stringify([...items.keys()].toSorted())
    if (pages === 1 || keys === before) return [...items.values()]
    before = keys
  }
  throw new FleetError('GIT_UNREACHABLE', `the ${listing.what} change faster than they can be read: ${limits.passesMax} readings differ`)
}

/** `known`: it was there a moment ago. */
async function readPages<T>({ what, first, read, key }: Listing<T>, { pagesMax }: ScmLimits, known: boolean) {
  const items = new Map<string, T>()
  const seen = new Set<string>()
  let at: string | null = first
  for (let pages = 1; ; pages++) {
    if (pages > pagesMax)
      throw new FleetError('LIMIT_EXCEEDED', `there are more than ${pagesMax} pages of ${what}: nothing is taken rather than a part`)
    if (seen.has(at)) throw new FleetError('GIT_UNREACHABLE', `the pages of ${what} lead in a circle`)
    seen.add(at)
    const page: Page<T> = known || pages > 1 ? await stillThere(what, () => read(at ?? first)) : await read(at)
    for (const item of page.items) items.set(String(key(item)), item)
    if (page.next === null) return { items, pages }
    at = page.next
  }
}

/**
 * What is asked about something that the host has just shown us. If it isn't found now, that is no answer to whether it exists: the
 * caller asked for a whole list and would take GIT_NOT_FOUND for "there is no such repository".
 */
export async function stillThere<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof FleetError) || error.code !== 'GIT_NOT_FOUND') throw error
    throw new FleetError('GIT_UNREACHABLE', `${what} went while they were read: ${error.message}`, {}, { cause: error })
  }
}

/** The address of the next page in a `Link` header (RFC 8288); null when there is none. */
export function nextLink(headers: Readonly<Record<string, unknown>>): string | null {
  const link = headers['link']
  if (typeof link !== 'string') return null
  for (const match of link.matchAll(/<([^>]*)>([^,]*(?:,(?!\s*<)[^,]*)*)/g)) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^;\s]*))/i.exec(match[2] ?? '')
    const kinds = (rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/)
    if (kinds.includes('next')) return match[1] ?? null
  }
  return null
}
