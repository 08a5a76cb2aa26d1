/**
 * Versions and ranges as Argo CD reads them in a targetRevision, which is as Masterminds/semver v3 does: a leading `v` and
 * missing parts are allowed, a pre-release matches only a range that names one itself.
 */
export interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
  readonly prerelease: string
  /** The text that was parsed, such as `v1.2`. */
  readonly original: string
}

type Operator = '=' | '!=' | '>' | '<' | '>=' | '<=' | '~' | '^'

/** Which parts were left out or are a wildcard: none, the patch, minor and patch, or all three. */
type Open = 'none' | 'patch' | 'minor' | 'all'

interface Condition {
  readonly operator: Operator
  readonly version: Version
  readonly open: Open
}

/** One of these groups has to hold; in a group, every condition. */
export type VersionRange = readonly (readonly Condition[])[]

/** Longer texts are names of branches, not ranges. */
const rangeLengthMax = 256

const suffix = String.raw`(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`
const versionPattern = new RegExp(String.raw`^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?${suffix}$`)
const part = '(?:[0-9]+|[xX*])'
const partialPattern = new RegExp(String.raw`^v?(${part})(?:\.(${part}))?(?:\.(${part}))?${suffix}$`)
const operators: Readonly<Record<string, Operator>> = {
  '': '=',
  '=': '=',
  '!=': '!=',
  '>': '>',
  '<': '<',
  '>=': '>=',
  '=>': '>=',
  '<=': '<=',
  '=<': '<=',
  '~': '~',
  '~>': '~',
  '^': '^',
}

/** Null when the text isn't a version; `1`, `v1.2` and `1.2.3-rc.1+build` are. */
export function parseVersion(text: string): Version | null {
  const match = versionPattern.exec(text)
  if (match === null) return null
  const [major, minor, patch] = [match[1], match[2], match[3]].map((digits) => Number(digits ?? '0'))
  if (major === undefined || minor === undefined || patch === undefined) return null
  if (![major, minor, patch].every(Number.isSafeInteger)) return null
  return { major, minor, patch, prerelease: match[4] ?? '', original: text }
}

/** Null when the text isn't a range, so that it is the name of something. A bare version such as `1.2` is one, too. */
export function parseRange(text: string): VersionRange | null {
  if (text.length > rangeLengthMax) return null
  const groups: Condition[][] = []
  for (const alternative of text.split('||')) {
    const group = parseGroup(alternative.trim())
    if (group === null) return null
    groups.push(group)
  }
  return groups
}

function parseGroup(text: string): Condition[] | null {
  if (text === '') return [{ operator: '=', version: zero, open: 'all' }]
  const hyphen = /^(\S+)\s+-\s+(\S+)$/.exec(text)
  if (hyphen !== null) {
    const from = parseCondition('>=', hyphen[1] ?? '')
    const to = parseCondition('<=', hyphen[2] ?? '')
    return from === null || to === null ? null : [from, to]
  }
  const conditions: Condition[] = []
  // An operator may stand apart from its version: glue it on before splitting.
  for (const word of text.replace(/([=!<>~^]+)\s+/g, '$1').split(/\s*,\s*|\s+/)) {
    const split = /^([=!<>~^]*)(.*)$/.exec(word)
    const condition = parseCondition(operators[split?.[1] ?? ''], split?.[2] ?? '')
    if (condition === null) return null
    conditions.push(condition)
  }
  return conditions
}

const zero: Version = { major: 0, minor: 0, patch: 0, prerelease: '', original: '' }

function parseCondition(operator: Operator | undefined, text: string): Condition | null {
  const match = partialPattern.exec(text)
  if (operator === undefined || match === null) return null
  const wild = (value: string | undefined): boolean => value === undefined || /^[xX*]$/.test(value)
  const open: Open = wild(match[1]) ? 'all' : wild(match[2]) ? 'minor' : wild(match[3]) ? 'patch' : 'none'
  const [major, minor, patch] = [match[1], match[2], match[3]].map((value) => (wild(value) ? '0' : (value ?? '0')))
  const kept =
    open === 'all' ? ['0', '0', '0'] : open === 'minor' ? [major, '0', '0'] : open === 'patch' ? [major, minor, '0'] : [major, minor, patch]
  const prerelease = match[4] === undefined ? '' : `-${match[4]}`
  const version = parseVersion(`${kept.join('.')}${prerelease}`)
  return version === null ? null : { operator, version, open }
}

/** Negative, zero or positive, by the precedence of semver.org. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePrereleases(a.prerelease, b.prerelease)
}

function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0
  if (a === '') return 1
  if (b === '') return -1
  const [left, right] = [a.split('.'), b.split('.')]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [l, r] = [left[i], right[i]]
    if (l === undefined) return -1
    if (r === undefined) return 1
    if (l === r) continue
    const [lNumeric, rNumeric] = [/^[0-9]+$/.test(l), /^[0-9]+$/.test(r)]
    if (lNumeric && rNumeric && Number(l) !== Number(r)) return Number(l) - Number(r)
    if (lNumeric !== rNumeric) return lNumeric ? -1 : 1
    return l < r ? -1 : 1
  }
  return 0
}

export function satisfies(version: Version, range: VersionRange): boolean {
  return range.some((group) => {
    // A pre-release anywhere in the group opens the whole group to them.
    const prereleases = group.some((condition) => condition.version.prerelease !== '')
    return (version.prerelease === '' || prereleases) && group.every((condition) => holds(version, condition))
  })
}

function holds(version: Version, { operator, version: bound, open }: Condition): boolean {
  const compared = compareVersions(version, bound)
  const sameMajor = version.major === bound.major
  const sameMinor = sameMajor && version.minor === bound.minor
  switch (operator) {
    case '=':
      return open === 'none' ? compared === 0 : withinTilde(version, bound, open)
    case '!=':
      if (open === 'none') return compared !== 0
      return open === 'all' ? false : open === 'minor' ? !sameMajor : !sameMinor
    case '>':
      if (open === 'none') return compared > 0
      return open === 'patch' ? version.major > bound.major || (sameMajor && version.minor > bound.minor) : version.major > bound.major
    case '<':
      return compared < 0
    case '>=':
      return compared >= 0
    case '<=':
      if (open === 'none') return compared <= 0
      return version.major < bound.major || (sameMajor && (open !== 'patch' || version.minor <= bound.minor))
    case '~':
      return withinTilde(version, bound, open)
    case '^':
      return withinCaret(version, bound, open)
  }
}

function withinTilde(version: Version, bound: Version, open: Open): boolean {
  if (compareVersions(version, bound) < 0) return false
  if (open === 'all') return true
  // Masterminds: ~0.0.0 accepts whatever isn't older.
  if (open === 'none' && bound.major === 0 && bound.minor === 0 && bound.patch === 0) return true
  return version.major === bound.major && (open === 'minor' || version.minor === bound.minor)
}

function withinCaret(version: Version, bound: Version, open: Open): boolean {
  if (compareVersions(version, bound) < 0) return false
  if (open === 'all') return true
  if (version.major !== bound.major) return false
  if (bound.major > 0 || open === 'minor') return true
  if (version.minor !== bound.minor) return false
  return bound.minor > 0 || open === 'patch' || version.patch === bound.patch
}
