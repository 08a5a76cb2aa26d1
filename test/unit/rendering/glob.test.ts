import { describe, expect, it } from 'vitest'
import { compileGlob } from '../../../rendering/glob.ts'
import { failure } from './memory-repositories.ts'

describe('compileGlob', () => {
  it.each([
    ['*.yaml', 'a.yaml', true],
    ['*.yaml', 'deep/a.yaml', true],
    ['**/a.yaml', 'x/y/a.yaml', true],
    ['env-usw2/*', 'env-usw2/a/b', true],
    ['{*.yml,*.yaml}', 'a.yml', true],
    ['{a,b{1,2}}.yaml', 'b2.yaml', true],
    ['{a,b{1,2}}.yaml', 'b3.yaml', false],
    ['?.yaml', 'a.yaml', true],
    ['?.yaml', 'ab.yaml', false],
    ['[a-c].yaml', 'b.yaml', true],
    ['[!a-c].yaml', 'b.yaml', false],
    ['[!a-c].yaml', 'd.yaml', true],
    ['a.yaml', 'aXyaml', false],
    ['a+(b)|c^$', 'a+(b)|c^$', true],
    [String.raw`\*`, '*', true],
    [String.raw`\*`, 'a', false],
    ['a,b', 'a,b', true],
    ['config.json', 'x/config.json', false],
  ])('%s with %s: %s', (pattern, path, expected) => {
    expect(compileGlob(pattern)(path)).toBe(expected)
  })

  it.each(['{a', 'a}', '[a'])('%s is refused', async (pattern) => {
    expect((await failure(() => compileGlob(pattern))).code).toBe('RENDER_FAILED')
  })

  it('comes to an end with a nasty pattern, which would take a backtracking matcher for ever', () => {
    expect(compileGlob(`${'*a'.repeat(100)}b`)('a'.repeat(1000))).toBe(false)
  })
})
