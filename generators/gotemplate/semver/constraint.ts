import { FunctionError } from '../errors.ts'
import { comparePrerelease, parseVersion, type Version } from './version.ts'

const operators = '=||!=|>|<|>=|=>|<=|=<|~|~>|\\^'
const version =
  'v?([0-9|x|X|*]+)(\\.[0-9|x|X|*]+)?(\\.[0-9|x|X|*]+)?(-([0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*))?(\\+([0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*))?'
const single = new RegExp(`^\\s*(${operators})\\s*(${version})\\s*$`)
const range = new RegExp(`\\s*(${version})\\s+-\\s+(${version})\\s*`, 'g')
const finder = new RegExp(`(${operators})\\s*(${version})`, 'g')
const segmentPattern = new RegExp(`^(\\s*(${operators})\\s*(${version})\\s*)((?:\\s+|,\\s*)(${operators})\\s*(${version})\\s*)*$`)
/** These patterns back-track, which RE2's don't: no constraint of a person is this long. */
const constraintLengthMax = 256

interface Constraint {
  readonly operator: string
  readonly version: Version
  /** A part is missing or an x. */
  readonly isDirty: boolean
  readonly isMinorDirty: boolean
  readonly isPatchDirty: boolean
}

/** Whether a version satisfies one of the alternatives: Masterminds/semver 3.4. */
export function satisfies(alternatives: readonly (readonly Constraint[])[], checked: Version): boolean {
  return alternatives.some((all) => {
    const includesPrerelease = all.some((one) => one.version.prerelease !== '')
    return all.every((one) => check(one, checked, includesPrerelease))
  })
}

/** Reads `>= 1.2, < 2 || ~3`: alternatives of constraints that have to hold together. Throws FunctionError. */
export function parseConstraints(text: string): Constraint[][] {
  if (text.length > constraintLengthMax) throw new FunctionError(`a constraint is longer than ${constraintLengthMax} characters`)
  return rewriteRanges(text)
    .split('||')
    .map((part) => {
      if (!segmentPattern.test(part)) throw new FunctionError(`improper constraint: ${part}`)
      return (part.match(finder) ?? [part]).map(parseConstraint)
    })
}

/** `1.2 - 2.3` is `>= 1.2, <= 2.3`. */
function rewriteRanges(text: string): string {
  return text.replace(range, (_, ...groups) => `>= ${String(groups[0])}, <= ${String(groups[10])} `)
}

function isX(text: string): boolean {
  return text === 'x' || text === 'X' || text === '*' || text === ''
}

function parseConstraint(text: string): Constraint {
  if (text === '') return { operator: '', version: parseVersion('0.0.0'), isDirty: true, isMinorDirty: false, isPatchDirty: false }
  const match = single.exec(text)
  if (match === null) throw new FunctionError(`improper constraint: ${text}`)
  const [, operator = '', whole = '', major = '', minor = '', patch = '', prerelease = ''] = match
  const isMajorX = isX(major)
  const isMinorDirty = !isMajorX && isX(minor.slice(1))
  const isPatchDirty = !isMajorX && !isMinorDirty && isX(patch.slice(1))
  const wanted = isMajorX
    ? `0.0.0${prerelease}`
    : isMinorDirty
      ? `${major}.0.0${prerelease}`
      : isPatchDirty
        ? `${major}${minor}.0${prerelease}`
        : whole
  try {
    return { operator, version: parseVersion(wanted), isDirty: isMajorX || isMinorDirty || isPatchDirty, isMinorDirty, isPatchDirty }
  } catch {
    throw new FunctionError('constraint parser error')
  }
}

function check(constraint: Constraint, v: Version, includesPrerelease: boolean): boolean {
  if (v.prerelease !== '' && !includesPrerelease) return false
  const c = constraint.version
  switch (constraint.operator) {
    case '!=':
      return isDifferent(constraint, v)
    case '>':
      if (!constraint.isDirty) return v.compare(c) === 1
      if (v.major !== c.major) return v.major > c.major
      if (constraint.isMinorDirty) return false
      return constraint.isPatchDirty ? v.minor > c.minor : v.compare(c) === 1
    case '<':
      return v.compare(c) < 0
    case '>=':
    case '=>':
      return v.compare(c) >= 0
    case '<=':
    case '=<':
      if (!constraint.isDirty) return v.compare(c) <= 0
      return v.major <= c.major && !(v.major === c.major && v.minor > c.minor && !constraint.isMinorDirty)
    case '~':
    case '~>':
      return isTilde(constraint, v)
    case '^':
      return isCaret(constraint, v)
    default:
      return constraint.isDirty ? isTilde(constraint, v) : v.compare(c) === 0
  }
}

function isDifferent(constraint: Constraint, v: Version): boolean {
  const c = constraint.version
  if (constraint.isDirty) {
    if (v.major !== c.major) return true
    if (constraint.isMinorDirty) return false
    if (v.minor !== c.minor) return true
    if (constraint.isPatchDirty) return (v.prerelease !== '' || c.prerelease !== '') && comparePrerelease(v.prerelease, c.prerelease) !== 0
    if (v.patch !== c.patch) return true
  }
  return v.compare(c) !== 0
}

function isTilde(constraint: Constraint, v: Version): boolean {
  const c = constraint.version
  if (v.compare(c) < 0) return false
  // ~0.0.0 takes everything.
  const isZero = c.major === 0n && c.minor === 0n && c.patch === 0n
  if (isZero && !constraint.isMinorDirty && !constraint.isPatchDirty) return true
  return v.major === c.major && (v.minor === c.minor || constraint.isMinorDirty)
}

function isCaret(constraint: Constraint, v: Version): boolean {
  const c = constraint.version
  if (v.compare(c) < 0) return false
  if (c.major > 0n || constraint.isMinorDirty) return v.major === c.major
  if (v.major > 0n) return false
  if (c.minor > 0n || constraint.isPatchDirty) return v.minor === c.minor
  return v.minor === 0n && v.patch === c.patch
}
