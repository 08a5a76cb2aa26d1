import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareVersions, parseRange, parseVersion, satisfies, type Version } from '../../../repos/semver-range.ts'

const version = (text: string): Version => parseVersion(text) ?? expect.fail(`${text} is no version`)
const matches = (range: string, text: string) => satisfies(version(text), parseRange(range) ?? expect.fail(`${range} is no range`))

/** Rows of Masterminds/semver's documentation and tests, by meaning. */
describe('version ranges as Masterminds/semver reads them', () => {
  it.each([
    ['1.2.3', '1.2.3', true],
    ['=1.2.3', 'v1.2.3', true],
    ['1.2.3', '1.2.4', false],
    ['1.2', '1.2.9', true],
    ['1', '1.9.9', true],
    ['v1.*', '1.9.9', true],
    ['1.2.x', '1.3.0', false],
    ['!=1.2.3', '1.2.4', true],
    ['!=1.2.3', '1.2.3', false],
    ['!=4.x', '4.5.0', false],
    ['!=4.x', '5.1.0', true],
    ['!=4.2.x', '4.3.0', true],
    ['!=4.2.x', '4.2.1', false],
    ['>11', '11.1.0', false],
    ['>11', '12.0.0', true],
    ['>11.1', '11.1.1', false],
    ['>11.1', '11.2.1', true],
    ['<1.2', '1.1.9', true],
    ['<1.2', '1.2.0', false],
    ['>=11', '11.1.2', true],
    ['=>11', '11.1.2', true],
    ['<=11', '11.1.2', true],
    ['=<11', '12.0.0', false],
    ['<=1.1', '1.1.9', true],
    ['<=1.1', '0.5.0', true],
    ['~1.2.3', '1.2.9', true],
    ['~1.2.3', '1.3.0', false],
    ['~>1', '1.9.0', true],
    ['~1', '2.0.0', false],
    ['~0.0.0', '5.0.0', true],
    ['~*', '2.1.1', true],
    ['^1.2.3', '1.9.0', true],
    ['^1.2.3', '2.0.0', false],
    ['^0.2.3', '0.2.9', true],
    ['^0.2.3', '0.3.0', false],
    ['^0.0.3', '0.0.4', false],
    ['^0.0', '0.0.9', true],
    ['^0', '0.9.0', true],
    ['^*', '7.0.0', true],
    ['1.1 - 2', '1.9.0', true],
    ['1.5.0 - 4.5', '4.5.2', true],
    ['1.5.0 - 4.5', '4.6.0', false],
    ['>= 1.2, < 3.0.0 || >= 4.2.3', '4.3.0', true],
    ['>= 1.2, < 3.0.0 || >= 4.2.3', '3.5.0', false],
    ['>1.1 <2', '1.5.0', true],
    ['*', '1.0.0-rc.1', false],
    ['>=1.0.0', '1.5.0-beta', false],
    ['>=1.0.0-0', '1.5.0-beta', true],
    ['', '1.0.0', true],
  ])('%s with %s: %s', (range, text, expected) => {
    expect(matches(range, text)).toBe(expected)
  })

  it.each(['main', 'feature/x', '>=', '>=main', '1.2.3.4', '>>1', 'a || b', 'v'])('%s is no range', (text) => {
    expect(parseRange(text)).toBeNull()
  })

  it.each(['', 'main', '1.2.3.4', 'v', '1..2', '99999999999999999999'])('%s is no version', (text) => {
    expect(parseVersion(text)).toBeNull()
  })

  it('orders as semver.org does', () => {
    const sorted = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.2',
      '1.10',
      '2',
    ]
    const shuffled = [...sorted].reverse().map(version)
    expect(shuffled.sort(compareVersions).map(({ original }) => original)).toEqual(sorted)
  })

  const versions = fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4)).map(([a, b, c]) => `${a}.${b}.${c}`)

  it('holds >= and < apart from each other for every version', () => {
    fc.assert(
      fc.property(versions, versions, (bound, text) => {
        expect(matches(`>=${bound}`, text)).toBe(!matches(`<${bound}`, text))
      }),
    )
  })

  it('keeps caret and tilde above their bound and below the next major', () => {
    fc.assert(
      fc.property(versions, versions, (bound, text) => {
        for (const operator of ['^', '~']) {
          if (bound === '0.0.0' || !matches(`${operator}${bound}`, text)) continue
          expect(compareVersions(version(text), version(bound))).toBeGreaterThanOrEqual(0)
          expect(version(text).major).toBe(version(bound).major)
        }
      }),
    )
  })
})
