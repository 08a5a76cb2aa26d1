import { describe, expect, it } from 'vitest'
import { type GitFileGlobbing, gitFilePatternProblem, matchesGitFile } from '../../../generators/git-file-glob.ts'
import { pathMatcher } from '../../../generators/glob.ts'

const paths = ['a.json', 'x/a.json', 'x/y/a.json', 'x/y/b.yaml', 'x/[z]/c.json']

function matches(pattern: string, globbing: GitFileGlobbing): readonly string[] {
  return paths.filter((path) => matchesGitFile(pattern, path, globbing))
}

describe('files of the git generator', () => {
  it.each([
    ['*.json', ['a.json', 'x/a.json', 'x/y/a.json', 'x/[z]/c.json']],
    ['x/*.json', ['x/a.json', 'x/y/a.json', 'x/[z]/c.json']],
    ['**/a.json', ['x/a.json', 'x/y/a.json']],
    ['x/y', ['x/y/a.json', 'x/y/b.yaml']],
    ['x/y/', ['x/y/a.json', 'x/y/b.yaml']],
    ['./x/../a.json', ['a.json']],
    ['x/[z]', ['x/[z]/c.json']],
    ['x?a.json', ['x/a.json']],
    ['[[:alpha:]].json', ['a.json']],
    ['x/[!z]/b.yaml', ['x/y/b.yaml']],
  ])('pathspec: %s', (pattern, expected) => expect(matches(pattern, 'pathspec')).toEqual(expected))

  it.each([
    ['*.json', ['a.json']],
    ['**/*.json', ['a.json', 'x/a.json', 'x/y/a.json', 'x/[z]/c.json']],
    ['x/**', ['x/a.json', 'x/y/a.json', 'x/y/b.yaml', 'x/[z]/c.json']],
    ['x/*/*.{json,yaml}', ['x/y/a.json', 'x/y/b.yaml', 'x/[z]/c.json']],
    ['{a,x/{a,y/a}}.json', ['a.json', 'x/a.json', 'x/y/a.json']],
    ['x/\\[z\\]/*', ['x/[z]/c.json']],
    ['x?a.json', []],
    ['/x//y/../*.json', ['x/a.json']],
    ['./**/y/*.yaml', ['x/y/b.yaml']],
    ['x/y', []],
  ])('doublestar: %s', (pattern, expected) => expect(matches(pattern, 'doublestar')).toEqual(expected))

  it.each([
    ['', 'pathspec'],
    [':(exclude)x', 'pathspec'],
    ['../x', 'pathspec'],
    ['/x', 'pathspec'],
    ['{a', 'doublestar'],
    ['../a', 'doublestar'],
    ['[]', 'doublestar'],
    ['{a,b}'.repeat(11), 'doublestar'],
  ] as const)('%s is a bad %s pattern, which matches nothing', (pattern, globbing) => {
    expect(gitFilePatternProblem(pattern, globbing)).not.toBeNull()
    expect(matches(pattern, globbing)).toEqual([])
  })

  it('many stars take no exponential time', () => {
    expect(matchesGitFile(`${'*a'.repeat(50)}b`, 'a'.repeat(2000), 'pathspec')).toBe(false)
    expect(matchesGitFile(`${'**/a/'.repeat(30)}b`, 'a/'.repeat(200), 'doublestar')).toBe(false)
  })
})

describe("Go's path.Match", () => {
  it.each([
    ['*', 'a', true],
    ['*', 'a/b', false],
    ['**', 'a/b', false],
    ['a/*', 'a/b', true],
    ['a/', 'a', false],
    ['[^a]', 'b', true],
    ['[!a]', 'b', false],
    ['[a-c]?', 'bz', true],
    ['a\\*', 'a*', true],
    ['[', '[', false],
    ['[]a]', ']', false],
    ['[-a]', '-', false],
  ])('%s on %s: %s', (pattern, path, expected) => expect(pathMatcher(pattern)(path)).toBe(expected))
})
