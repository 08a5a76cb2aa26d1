import { matchesGlob } from './glob.ts'

/** Stands in a text for what only an expansion would tell. */
export const unknownText = '\u0000'

/** Whether a text, of which parts may be unknown, can be this one; upper and lower case are the same. */
export function canBe(text: string, other: string): boolean {
  if (!text.includes(unknownText)) return text.toLowerCase() === other.toLowerCase()
  const pattern = text
    .toLowerCase()
    .split(unknownText)
    .map((literal) => literal.replace(/[\\*?[\]{}]/g, '\\$&'))
    .join('*')
  return matchesGlob(pattern, other.toLowerCase())
}

/**
 * A repository's address without what differs between the ways to write it, as `host/path`: scheme, user, port, `ssh.` and `altssh.` before the
 * host, `.git` and slashes at the end. Parts of `url` may be unknown.
 */
export function repositoryAddress(url: string): string {
  const text = url.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
  const [, rawHost, rawPath] = /^(?:[^/@]*@)?([^/]*)(.*)$/s.exec(text) ?? []
  let host = rawHost ?? ''
  let path = rawPath ?? ''
  if (host.includes(unknownText)) return `${unknownText}${withoutEnd(path)}`
  const colon = host.indexOf(':')
  if (colon >= 0) {
    // `host:443/path`, or `host:path` as ssh takes it.
    const after = host.slice(colon + 1)
    if (!/^\d*$/.test(after)) path = `/${after}${path}`
    host = host.slice(0, colon)
  }
  return `${host.replace(/^(?:alt)?ssh\./i, '')}${withoutEnd(path)}`
}

/** The host of an address or URL, in lower case; null when it is unknown. */
export function hostOf(url: string): string | null {
  const host = repositoryAddress(url).split('/')[0] ?? ''
  return host === '' || host.includes(unknownText) ? null : host.toLowerCase()
}

function withoutEnd(path: string): string {
  return path
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '')
    .replace(/\.git$/i, '')
    .replace(/\/$/, '')
}
