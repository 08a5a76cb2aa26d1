// node setup/complete-lock.ts: run it after npm has rewritten package-lock.json.
//
// Compilers and databases come in one package for each platform, optional dependencies of a package in front. npm leaves out of the lock
// file those that the registry at hand doesn't carry, and `npm ci` then refuses that lock file everywhere. This writes the missing
// entries: the version that the package in front asks for, and the platform, which is in the name. There is no integrity for them, as
// nobody here has seen the file; npm adds it where it installs one.
import { readFileSync, writeFileSync } from 'node:fs'

export interface LockEntry {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export type LockPackages = Readonly<Record<string, LockEntry>>

const OPERATING_SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64']
const LIBCS: Readonly<Record<string, string>> = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' }

/** The entries that `packages` lacks. Throws when a name doesn't say for which platform it is, or a version isn't a fixed one. */
export function missingPlatformPackages(packages: LockPackages): LockPackages {
  const missing: Record<string, LockEntry> = {}
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isLocked(packages, path, name)) continue
      const { os, cpu, libc } = platformOf(name)
      // In npm's order, so that its next rewriting changes nothing.
      missing[`node_modules/${name}`] = {
        version: fixedVersion(name, range),
        cpu,
        ...(entry.dev === true ? { dev: true } : {}),
        ...(libc === undefined ? {} : { libc }),
        optional: true,
        os,
      }
    }
  }
  return missing
}

/** As Node looks for it: beside the package that asks, then in each folder above. */
function isLocked(packages: LockPackages, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (packages[path] !== undefined) return true
    if (folder === '') return false
  }
}

function fixedVersion(name: string, range: string): string {
  const version = /^[\^~]?(\d+\.\d+\.\d+(?:-[\w.]+)?)$/.exec(range)?.[1]
  if (version === undefined) throw new Error(`${name}@${range} is missing from the lock file and its version can't be told`)
  return version
}

interface Platform {
  readonly os: readonly string[]
  readonly cpu: readonly string[]
  readonly libc: readonly string[] | undefined
}

function platformOf(name: string): Platform {
  const words = (name.split('/').at(-1) ?? '').split('-')
  const os = words.find((word) => OPERATING_SYSTEMS.includes(word))
  const cpu = words.find((word) => PROCESSORS.includes(word))
  const libc = words.map((word) => LIBCS[word]).find((found) => found !== undefined)
  if (os === undefined || cpu === undefined)
    throw new Error(`${name} is missing from the lock file and its platform can't be told from its name`)
  return { os: [os], cpu: [cpu], libc: libc === undefined ? undefined : [libc] }
}

if (import.meta.main) {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockEntry> }
  const missing = missingPlatformPackages(lock.packages)
  const { '': self, ...others } = lock.packages
  const sorted = Object.entries({ ...others, ...missing }).toSorted(([a], [b]) => a.localeCompare(b, 'en'))
  lock.packages = { ...(self === undefined ? {} : { '': self }), ...Object.fromEntries(sorted) }
  writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`added ${Object.keys(missing).length} entries`)
}
