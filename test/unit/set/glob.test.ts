import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesGlob } from '../../../fleet/set/glob.ts'

describe('a glob', () => {
  it.each([
    ['abc', 'abc', '', true],
    ['abc', 'abcd', '', false],
    ['*', '', '', true],
    ['*', 'a/b', '', true],
    ['a*c', 'a/x/c', '', true],
    ['https://git.example/*', 'https://git.example/a', '/', true],
    ['https://git.example/*', 'https://git.example/a/b', '/', false],
    ['https://git.example/**', 'https://git.example/a/b', '/', true],
    ['https://*.example/a', 'https://git.example/a', '/', true],
    ['?', 'a', '/', true],
    ['?', '/', '/', false],
    ['?', '', '', false],
    ['[a-c]1', 'b1', '', true],
    ['[!a-c]1', 'b1', '', false],
    ['[!a-c]1', 'd1', '', true],
    ['{eu,us}-*', 'us-1', '', true],
    ['{eu,us}-*', 'ap-1', '', false],
    ['{a,b{c,d}}', 'bd', '', true],
    ['a\\*', 'a*', '', true],
    ['a\\*', 'ab', '', false],
    ['[a', 'a', '', false],
    ['{a', 'a', '', false],
    ['', '', '', true],
    ['', 'a', '', false],
  ])('%j on %j with separator %j: %j', (pattern, text, separator, matches) => {
    expect(matchesGlob(pattern, text, separator)).toBe(matches)
  })

  it('without special characters matches itself only', () => {
    const plain = fc.stringMatching(/^[a-z0-9./:-]{0,12}$/)
    fc.assert(fc.property(plain, plain, (a, b) => matchesGlob(a, b, '/') === (a === b)))
  })

  it('with stars agrees with a regular expression', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '/', '*', '**', '?'), { maxLength: 8 }).map((parts) => parts.join(''))
    const text = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(pattern, text, (glob, value) => {
        const expression = glob.replace(/\*+|\?/g, (found) => (found === '?' ? '[^/]' : found === '*' ? '[^/]*' : '.*'))
        expect(matchesGlob(glob, value, '/')).toBe(new RegExp(`^${expression}$`).test(value))
      }),
    )
  })

  it('takes no longer for a malicious pattern', () => {
    expect(matchesGlob('*a'.repeat(200), `${'a'.repeat(5_000)}b`)).toBe(false)
    expect(matchesGlob('{a,b}'.repeat(50), 'a'.repeat(50))).toBe(false)
  })
})
