import { FunctionError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import { GoObject, uint64, type Value } from '../values.ts'

const loose =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/
const uint64Max = 2n ** 64n - 1n

/** A semantic version as Masterminds/semver 3.4 reads it: parts may be missing, a leading v is fine. */
export class Version extends GoObject {
  readonly kind: 'ptr' | 'struct' = 'ptr'
  readonly type: string = '*semver.Version'
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  readonly prerelease: string
  readonly metadata: string
  readonly original: string

  constructor(major: bigint, minor: bigint, patch: bigint, prerelease: string, metadata: string, original: string) {
    super()
    this.major = major
    this.minor = minor
    this.patch = patch
    this.prerelease = prerelease
    this.metadata = metadata
    this.original = original
  }

  override string(): string {
    const prerelease = this.prerelease === '' ? '' : `-${this.prerelease}`
    return `${this.major}.${this.minor}.${this.patch}${prerelease}${this.metadata === '' ? '' : `+${this.metadata}`}`
  }

  override json(): string {
    return `"${this.string()}"`
  }

  override privateFields(): ReadonlyMap<string, Value> {
    return new Map<string, Value>([
      ['major', uint64(this.major)],
      ['minor', uint64(this.minor)],
      ['patch', uint64(this.patch)],
      ['pre', this.prerelease],
      ['metadata', this.metadata],
      ['original', this.original],
    ])
  }

  /** Order by precedence: -1, 0, 1. Metadata doesn't count. */
  compare(other: Version): number {
    const numbers = order(this.major, other.major) || order(this.minor, other.minor) || order(this.patch, other.patch)
    if (numbers !== 0) return numbers
    if (this.prerelease === '' || other.prerelease === '') {
      return (this.prerelease === '' ? 1 : 0) - (other.prerelease === '' ? 1 : 0)
    }
    return comparePrerelease(this.prerelease, other.prerelease)
  }

  /** The next version, `v` kept where it was: what the Inc functions give (a struct, not a pointer). */
  next(major: bigint, minor: bigint, patch: bigint, prerelease = '', metadata = ''): Version {
    const plain = new VersionValue(major, minor, patch, prerelease, metadata, '')
    return new VersionValue(major, minor, patch, prerelease, metadata, (this.original.startsWith('v') ? 'v' : '') + plain.string())
  }
}

/** semver.Version itself, which methods such as IncPatch return. */
export class VersionValue extends Version {
  override readonly kind = 'struct'
  override readonly type: string = 'semver.Version'
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Order of two prerelease texts. */
export function comparePrerelease(a: string, b: string): number {
  const left = a.split('.')
  const right = b.split('.')
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const result = comparePart(left[i] ?? '', right[i] ?? '')
    if (result !== 0) return result
  }
  return 0
}

function comparePart(a: string, b: string): number {
  if (a === b) return 0
  if (a === '' || b === '') return a === '' ? -1 : 1
  const left = asNumber(a)
  const right = asNumber(b)
  if (left === undefined && right === undefined) return a > b ? 1 : -1
  if (left === undefined) return 1
  if (right === undefined) return -1
  return left > right ? 1 : -1
}

function asNumber(text: string): bigint | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined
  const value = BigInt(text)
  return value > uint64Max ? undefined : value
}

/** Reads a version. Throws FunctionError with the library's text. */
export function parseVersion(text: string): Version {
  const match = loose.exec(text)
  if (match === null) throw new FunctionError('invalid semantic version')
  const [, major = '', minor = '0', patch = '0', prerelease = '', metadata = ''] = match
  const version = new Version(segment(major), segment(minor), segment(patch), prerelease, metadata, text)
  if (prerelease.split('.').some((part) => /^0[0-9]+$/.test(part))) throw new FunctionError('version segment starts with 0')
  return version
}

function segment(text: string): bigint {
  const value = BigInt(text)
  if (value <= uint64Max) return value
  throw new FunctionError(`error parsing version segment: strconv.ParseUint: parsing ${quote(text)}: value out of range`)
}
