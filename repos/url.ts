import type { Parsed, Problem } from '../fleet/errors.ts'

/** Longer URLs are refused: no host gives out such. */
const urlLengthMax = 2048

/**
 * The one spelling of an https or http repository URL, by which repositories are told apart and webhooks are matched:
 * scheme and host in lower case, no default port, no `.git`, no trailing slash, dot segments resolved. The case of the path is kept,
 * because some hosts tell them apart.
 * Refused, with a message that says what to use: SSH (both spellings), `ext::`, `file:` and every other scheme, user info,
 * a query or fragment, a leading `-`, control characters.
 */
export function normalizeRepositoryUrl(url: string): Parsed<string> {
  const refused = (message: string): Parsed<string> => ({ value: null, problems: [{ path: '', message } satisfies Problem] })
  const text = url.trim()
  if (text === '') return refused('a repository URL is needed, such as https://git.example.com/team/apps')
  if (text.length > urlLengthMax) return refused(`a repository URL has at most ${urlLengthMax} characters`)
  if (text.startsWith('-')) return refused('a repository URL may not start with "-"')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u0020\u007f\\]/.test(text)) return refused('a repository URL may not hold spaces, backslashes or control characters')
  if (/^[a-z0-9+.-]*::/i.test(text)) return refused('remote helpers ("name::address") are refused; use an https URL')
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'ssh' || scheme === 'git+ssh' || (scheme === undefined && /^[^/:]+:/.test(text))) {
    return refused('SSH repository URLs are not supported yet; use the https URL of the repository')
  }
  if (scheme !== 'https' && scheme !== 'http') return refused('only https and http repository URLs are supported')
  let parsed: URL
  try {
    parsed = new URL(text)
  } catch {
    return refused('not a valid URL')
  }
  // Not even repeated in the message: it may be a token.
  if (parsed.username !== '' || parsed.password !== '' || /^[^/]*@/.test(text.slice(scheme.length + 3))) {
    return refused('a repository URL may not hold a user name or password; give credentials apart from it')
  }
  if (parsed.search !== '' || parsed.hash !== '' || /[?#]/.test(text)) return refused('a repository URL has no query and no fragment')
  // `https:///a` has no host; WHATWG URLs would take `a` for it.
  if (parsed.hostname === '' || text[scheme.length + 3] === '/') return refused('a repository URL needs a host')
  const path = stripEnd(parsed.pathname)
  if (path === '') return refused('a repository URL needs a path')
  return { value: `${parsed.protocol}//${parsed.host.replace(/\.(?=$|:\d+$)/, '')}${path}`, problems: [] }
}

/** Takes off slashes and `.git` at the end until there are none, so that normalising twice changes nothing. */
function stripEnd(path: string): string {
  let end = path.length
  for (;;) {
    if (path[end - 1] === '/') end -= 1
    else if (path.slice(Math.max(0, end - 4), end).toLowerCase() === '.git') end -= 4
    else return path.slice(0, end).replace(/\/{2,}/g, '/')
  }
}
