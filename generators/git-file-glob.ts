import { matchGlob, parseGlob } from './glob.ts'

/** `pathspec`: as `git ls-files` matches, `*` crosses `/`. `doublestar`: `*` stays in one segment, `**` is any number of them. */
export type GitFileGlobbing = 'pathspec' | 'doublestar'

/** Patterns that the braces of one may stand for. */
const alternativesMax = 1000

/** What is wrong with a pattern of `git.files`, or null. */
export function gitFilePatternProblem(pattern: string, globbing: GitFileGlobbing): string | null {
  if (pattern === '') return 'must not be empty'
  if (globbing === 'pathspec') {
    if (pattern.startsWith(':')) return 'starts with ":", which is pathspec magic of Git: not supported'
    return normalizePath(pattern) === null ? 'leads out of the repository' : null
  }
  const joined = joinedToRoot(pattern)
  if (joined === null) return 'leads out of the repository'
  const alternatives = expandBraces(joined)
  if (alternatives === null) return `the braces are not closed, or stand for more than ${alternativesMax} patterns`
  return alternatives.flatMap((one) => one.split('/')).every((segment) => parseGlob(segment, 'doublestar') !== null)
    ? null
    : 'a [class] is not closed or empty, or ends with a backslash'
}

/**
 * A matcher of file paths (slash-separated, from the root of the repository) for one pattern of `git.files`. A bad pattern matches nothing.
 * Its time is bounded by the product of both lengths.
 */
export function gitFileMatcher(pattern: string, globbing: GitFileGlobbing): (path: string) => boolean {
  if (gitFilePatternProblem(pattern, globbing) !== null) return () => false
  return globbing === 'pathspec' ? pathspecMatcher(normalizePath(pattern) ?? '') : doublestarMatcher(joinedToRoot(pattern) ?? '')
}

/** gitFileMatcher() for one path. */
export function matchesGitFile(pattern: string, path: string, globbing: GitFileGlobbing): boolean {
  return gitFileMatcher(pattern, globbing)(path)
}

/** As Git matches: the path itself, everything below a directory, or wildcards that know no segments. */
function pathspecMatcher(pattern: string): (path: string) => boolean {
  const glob = parseGlob(pattern, 'wildmatch')
  const directory = pattern === '' || pattern.endsWith('/') ? pattern : `${pattern}/`
  return (path) => path === pattern || path.startsWith(directory) || (glob !== null && matchGlob(glob, path))
}

/** Without `.` and `..`; null when it leads out. A slash at the end stays. */
function normalizePath(path: string): string | null {
  if (path.startsWith('/')) return null
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') segments.push(segment)
    else if (segments.pop() === undefined) return null
  }
  const slash = segments.length > 0 && /\/\.{0,2}$/.test(path) ? '/' : ''
  return segments.join('/') + slash
}

/** As Argo CD joins such a pattern to the root of the repository: slashes at its ends, and doubled ones, mean nothing. */
function joinedToRoot(pattern: string): string | null {
  return normalizePath(pattern.replace(/^\/+/, ''))?.replace(/\/$/, '') ?? null
}

function doublestarMatcher(pattern: string): (path: string) => boolean {
  const patterns = (expandBraces(pattern) ?? []).map((one) =>
    one.split('/').map((segment) => (segment === '**' ? ('**' as const) : (parseGlob(segment, 'doublestar') ?? []))),
  )
  return (path) => {
    const segments = path.split('/')
    return patterns.some((globs) => matchSegments(globs, segments))
  }
}

type SegmentGlob = '**' | NonNullable<ReturnType<typeof parseGlob>>

/** Row by row: which numbers of segments the globs so far can have used. */
function matchSegments(globs: readonly SegmentGlob[], segments: readonly string[]): boolean {
  let reachable = new Set([0])
  for (const glob of globs) {
    const next = new Set<number>()
    for (const used of reachable) {
      if (glob === '**') for (let end = used; end <= segments.length; end += 1) next.add(end)
      else {
        const segment = segments[used]
        if (segment !== undefined && matchGlob(glob, segment)) next.add(used + 1)
      }
    }
    if (next.size === 0) return false
    reachable = next
  }
  return reachable.has(segments.length)
}

/** `a{b,c}` as `ab` and `ac`, also nested; null when a brace isn't closed or there are too many. */
function expandBraces(pattern: string): readonly string[] | null {
  const open = indexOfUnescaped(pattern, 0, '{')
  if (open === -1) return [pattern]
  const alternatives: string[] = []
  let depth = 0
  let start = open + 1
  for (let at = open; at < pattern.length; at += 1) {
    const char = pattern[at]
    if (char === '\\') at += 1
    else if (char === '{') depth += 1
    else if ((char === ',' && depth === 1) || char === '}') {
      if (char === '}') depth -= 1
      if (char === '}' && depth > 0) continue
      alternatives.push(pattern.slice(start, at))
      start = at + 1
      if (char === '}') return combineBraces(pattern.slice(0, open), alternatives, pattern.slice(start))
    }
  }
  return null
}

function combineBraces(before: string, alternatives: readonly string[], after: string): readonly string[] | null {
  const all: string[] = []
  const rests = expandBraces(after)
  if (rests === null) return null
  for (const alternative of alternatives) {
    for (const inner of expandBraces(alternative) ?? []) {
      for (const rest of rests) {
        if (all.length === alternativesMax) return null
        all.push(before + inner + rest)
      }
    }
  }
  return all
}

function indexOfUnescaped(text: string, from: number, wanted: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === wanted) return at
  }
  return -1
}
