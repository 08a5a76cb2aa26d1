import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type LockPackages, missingPlatformPackages } from '../../../setup/complete-lock.ts'

const text = readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8')

describe('package-lock.json', () => {
  it('holds the packages of every platform, or `npm ci` refuses it (mend it with setup/complete-lock.ts)', () => {
    expect(missingPlatformPackages((JSON.parse(text) as { packages: LockPackages }).packages)).toEqual({})
  })

  it('names no registry', () => {
    expect(text).not.toMatch(/"resolved"/)
  })
})

describe('completing a lock file', () => {
  it('adds what is asked for and not there, with the platform that the name says', () => {
    const packages = {
      'node_modules/front': {
        version: '1.0.0',
        dev: true,
        optionalDependencies: { '@front/linux-x64-musl': '1.0.0', '@front/linux-x64-gnu': '^1.0.0' },
      },
      'node_modules/@front/linux-x64-gnu': { version: '1.0.1' },
    }
    expect(missingPlatformPackages(packages)).toEqual({
      'node_modules/@front/linux-x64-musl': { version: '1.0.0', os: ['linux'], cpu: ['x64'], libc: ['musl'], dev: true, optional: true },
    })
  })

  it('finds a package that lies below the one that asks', () => {
    const packages = {
      'node_modules/a/node_modules/front': { version: '1.0.0', optionalDependencies: { 'front-darwin-arm64': '1.0.0' } },
      'node_modules/a/node_modules/front-darwin-arm64': { version: '1.0.0' },
    }
    expect(missingPlatformPackages(packages)).toEqual({})
  })

  it('refuses to guess', () => {
    expect(() => missingPlatformPackages({ a: { optionalDependencies: { helper: '1.0.0' } } })).toThrow(/platform can't be told/)
    expect(() => missingPlatformPackages({ a: { optionalDependencies: { 'x-linux-x64': '>=1' } } })).toThrow(/version can't be told/)
  })
})
