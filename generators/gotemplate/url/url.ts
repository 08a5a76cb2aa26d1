import { FunctionError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import { escapeUrl, mustEscape, unescapeUrl } from './escape.ts'

/** A URL in the pieces of Go's net/url. */
export interface Url {
  readonly scheme: string
  readonly opaque: string
  /** As it is written, escaped; undefined when there is none. */
  readonly userinfo: string | undefined
  readonly host: string
  readonly path: string
  readonly rawPath: string
  /** The host is absent, not empty. */
  readonly omitsHost: boolean
  readonly query: string
  /** A question mark without a query. */
  readonly forcesQuery: boolean
  readonly fragment: string
  readonly rawFragment: string
}

export const emptyUrl: Url = {
  scheme: '',
  opaque: '',
  userinfo: undefined,
  host: '',
  path: '',
  rawPath: '',
  omitsHost: false,
  query: '',
  forcesQuery: false,
  fragment: '',
  rawFragment: '',
}

/** url.Parse. Throws FunctionError with Go's text. */
export function parseUrl(text: string): Url {
  const at = text.indexOf('#')
  const front = at < 0 ? text : text.slice(0, at)
  const url = named(front, () => parseFront(front))
  if (at < 0 || at === text.length - 1) return url
  return { ...url, ...named(text, () => fragmentOf(text.slice(at + 1))) }
}

/** Puts the text that was read in front of an error. */
function named<T>(text: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof FunctionError) throw new FunctionError(`parse ${quote(text)}: ${error.message}`)
    throw error
  }
}

function fragmentOf(raw: string): Pick<Url, 'fragment' | 'rawFragment'> {
  const fragment = unescapeUrl(raw, 'fragment')
  return { fragment, rawFragment: raw === escapeUrl(fragment, 'fragment') ? '' : raw }
}

function schemeOf(text: string): { readonly scheme: string; readonly rest: string } {
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]*)?:/.exec(text)
  if (match === null) return { scheme: '', rest: text }
  if (match[1] === undefined) throw new FunctionError('missing protocol scheme')
  return { scheme: match[1].toLowerCase(), rest: text.slice(match[0].length) }
}

function parseFront(text: string): Url {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\0-\x1f\x7f]/.test(text)) throw new FunctionError('net/url: invalid control character in URL')
  if (text === '*') return { ...emptyUrl, path: '*' }
  const { scheme, rest } = schemeOf(text)
  const mark = rest.indexOf('?')
  const forcesQuery = mark >= 0 && mark === rest.length - 1
  const query = mark < 0 ? '' : rest.slice(mark + 1)
  const body = mark < 0 ? rest : rest.slice(0, mark)
  const base: Url = { ...emptyUrl, scheme, query, forcesQuery }
  if (!body.startsWith('/')) {
    if (scheme !== '') return { ...base, opaque: body }
    if (body.split('/', 1)[0]?.includes(':')) throw new FunctionError('first path segment in URL cannot contain colon')
  }
  if ((scheme !== '' || !body.startsWith('///')) && body.startsWith('//')) {
    const slash = body.indexOf('/', 2)
    const authority = slash < 0 ? body.slice(2) : body.slice(2, slash)
    return { ...base, ...parseAuthority(scheme, authority), ...pathOf(slash < 0 ? '' : body.slice(slash)) }
  }
  return { ...base, omitsHost: scheme !== '' && body.startsWith('/'), ...pathOf(body) }
}

function pathOf(raw: string): Pick<Url, 'path' | 'rawPath'> {
  const path = unescapeUrl(raw, 'path')
  return { path, rawPath: raw === escapeUrl(path, 'path') ? '' : raw }
}

function parseAuthority(scheme: string, authority: string): Pick<Url, 'userinfo' | 'host'> {
  const at = authority.lastIndexOf('@')
  const host = parseHost(scheme, authority.slice(at + 1))
  if (at < 0) return { userinfo: undefined, host }
  const userinfo = authority.slice(0, at)
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new FunctionError('net/url: invalid userinfo')
  const colon = userinfo.indexOf(':')
  const written = (part: string): string => escapeUrl(unescapeUrl(part, 'userPassword'), 'userPassword')
  if (colon < 0) return { userinfo: written(userinfo), host }
  return { userinfo: `${written(userinfo.slice(0, colon))}:${written(userinfo.slice(colon + 1))}`, host }
}

function checkPort(port: string): void {
  if (!/^(?::[0-9]*)?$/.test(port)) throw new FunctionError(`invalid port ${quote(port)} after host`)
}

function parseHost(scheme: string, host: string): string {
  const open = host.lastIndexOf('[')
  if (open > 0) throw new FunctionError('invalid IP-literal')
  if (open === 0) return parseBracketed(host)
  const first = host.indexOf(':')
  if (first >= 0) checkPort(host.slice(scheme === 'http' || scheme === 'https' ? first : host.lastIndexOf(':')))
  return unescapeUrl(host, 'host')
}

function parseBracketed(host: string): string {
  const close = host.lastIndexOf(']')
  if (close < 0) throw new FunctionError("missing ']' in host")
  const port = host.slice(close + 1)
  checkPort(port)
  const name = host.slice(1, close)
  const zone = name.indexOf('%25')
  const address = zone < 0 ? unescapeUrl(name, 'host') : unescapeUrl(name.slice(0, zone), 'host') + unescapeUrl(name.slice(zone), 'zone')
  if (!isIpv6(address)) {
    if (/^[0-9.]+$/.test(address)) throw new FunctionError('invalid IP-literal')
    throw new FunctionError(`invalid host: ParseAddr(${quote(address)}): unable to parse IP`)
  }
  return `[${address}]${port}`
}

function isIpv6(address: string): boolean {
  const text = address.replace(/%.+$/, '')
  const withoutIpv4 = text.replace(/(?<=:)(?:[0-9]{1,3}\.){3}[0-9]{1,3}$/, '0:0')
  if (!/^[0-9a-fA-F:]+$/.test(withoutIpv4)) return false
  const halves = withoutIpv4.split('::')
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false
  return halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8
}

/** The host without port and brackets. */
export function hostname(host: string): string {
  const colon = host.lastIndexOf(':')
  const name = colon >= 0 && /^:[0-9]*$/.test(host.slice(colon)) ? host.slice(0, colon) : host
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name
}

/** url.URL's String. */
export function formatUrl(url: Url): string {
  let text = url.scheme === '' ? '' : `${url.scheme}:`
  if (url.opaque !== '') text += url.opaque
  else {
    const hasUser = url.userinfo !== undefined
    if ((url.scheme !== '' || url.host !== '' || hasUser) && !(url.omitsHost && url.host === '' && !hasUser)) {
      if (url.host !== '' || url.path !== '' || hasUser) text += '//'
      if (hasUser) text += `${url.userinfo}@`
      text += escapeUrl(url.host, 'host')
    }
    const path = escapedPath(url)
    if (path !== '' && !path.startsWith('/') && url.host !== '') text += '/'
    if (text === '' && path.split('/', 1)[0]?.includes(':')) text += './'
    text += path
  }
  if (url.forcesQuery || url.query !== '') text += `?${url.query}`
  return url.fragment === '' ? text : `${text}#${escapedFragment(url)}`
}

function isValidEncoded(text: string, part: 'path' | 'fragment'): boolean {
  return Array.from(text).every((char) => "!$&'()*+,;=:@[]%".includes(char) || (char < '\x80' && !mustEscape(char.charCodeAt(0), part)))
}

function escapedPath(url: Url): string {
  if (url.rawPath !== '' && isValidEncoded(url.rawPath, 'path')) return url.rawPath
  return url.path === '*' ? '*' : escapeUrl(url.path, 'path')
}

function escapedFragment(url: Url): string {
  if (url.rawFragment !== '' && isValidEncoded(url.rawFragment, 'fragment')) return url.rawFragment
  return escapeUrl(url.fragment, 'fragment')
}
