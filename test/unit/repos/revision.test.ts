import { describe, expect, it } from 'vitest'
import { movedRevisions, refOf, resolveRevision } from '../../../repos/revision.ts'

const id = (digit: string) => digit.repeat(40)
const refs = new Map([
  ['HEAD', id('a')],
  ['refs/heads/main', id('a')],
  ['refs/heads/feature/x', id('b')],
  ['refs/heads/both', id('c')],
  ['refs/heads/1.5', id('9')],
  ['refs/tags/both', id('d')],
  ['refs/tags/v1.0.0', id('1')],
  ['refs/tags/v1.2.0', id('2')],
  ['refs/tags/v1.10.0', id('3')],
  ['refs/tags/v2.0.0-rc.1', id('4')],
  ['refs/tags/v2.0.0', id('5')],
  ['refs/tags/not-a-version', id('6')],
  ['refs/pull/7/head', id('7')],
])

describe('resolveRevision', () => {
  it.each([
    ['', id('a')],
    ['HEAD', id('a')],
    ['main', id('a')],
    ['refs/heads/main', id('a')],
    ['heads/main', id('a')],
    ['feature/x', id('b')],
    ['v1.2.0', id('2')],
    ['refs/tags/v1.2.0', id('2')],
    ['not-a-version', id('6')],
    ['refs/pull/7/head', id('7')],
    ['pull/7/head', id('7')],
    [id('e'), id('e')],
    [id('E'), id('e')],
    ['v1.*', id('3')],
    ['1.x', id('3')],
    ['>=1.2', id('5')],
    ['>=1.0.0 <1.5', id('2')],
    ['>=1.0.0, <1.5', id('2')],
    ['^1.0.0', id('3')],
    ['~1.2.0', id('2')],
    ['*', id('5')],
    ['>=2.0.0-0 <2.0.0', id('4')],
    ['7777777', id('7')],
  ])('%s', (revision, commit) => {
    expect(resolveRevision(refs, revision)).toBe(commit)
  })

  it('takes the branch when a branch and a tag have one name', () => {
    expect(resolveRevision(refs, 'both')).toBe(id('c'))
    expect(resolveRevision(refs, 'refs/tags/both')).toBe(id('d'))
  })

  it('takes a plain version as a name, never as a range', () => {
    expect(resolveRevision(refs, '1.5')).toBe(id('9'))
    expect(resolveRevision(refs, '1.2')).toBeNull()
  })

  it.each(['nope', '>=9', 'v3.*', 'tags', '77', 'refs/heads', 'x'.repeat(10_000)])('gives null for %s', (revision) => {
    expect(resolveRevision(refs, revision)).toBeNull()
  })

  it('does not guess when a shortened commit fits two tips', () => {
    const two = new Map([
      ['refs/heads/a', `${'1'.repeat(39)}2`],
      ['refs/heads/b', `${'1'.repeat(39)}3`],
    ])
    expect(resolveRevision(two, '1111111')).toBeNull()
  })

  it('gives null for everything in an empty repository', () => {
    expect(resolveRevision(new Map(), '')).toBeNull()
    expect(resolveRevision(new Map(), '*')).toBeNull()
  })
})

describe('refOf', () => {
  it('names a branch before a tag', () => {
    expect(refOf(refs, id('b'))).toBe('refs/heads/feature/x')
    expect(refOf(refs, id('2'))).toBe('refs/tags/v1.2.0')
    expect(refOf(refs, id('f'))).toBeNull()
  })
})

describe('movedRevisions', () => {
  const before = { HEAD: id('a'), 'refs/heads/main': id('a'), 'refs/heads/dev': id('b'), 'refs/tags/v1.0.0': id('1') }

  it('is so for what means another commit now: a branch, HEAD, a range of versions, something new or gone', () => {
    const after = {
      HEAD: id('c'),
      'refs/heads/main': id('c'),
      'refs/heads/new': id('b'),
      'refs/tags/v1.0.0': id('1'),
      'refs/tags/v1.1.0': id('2'),
    }
    const moved = movedRevisions(before, after)
    for (const revision of ['', 'HEAD', 'main', 'refs/heads/main', 'dev', 'new', 'v1.*', 'v1.1.0']) expect(moved(revision)).toBe(true)
    for (const revision of ['v1.0.0', 'nowhere', id('a'), id('9')]) expect(moved(revision)).toBe(false)
  })

  it('is so for a commit that a ref has now and none had before: it may not have been there to fetch', () => {
    const moved = movedRevisions(before, { ...before, 'refs/pull/1/head': id('e') })
    expect(moved(id('e'))).toBe(true)
    expect(moved('eeeeeee')).toBe(true)
    expect(moved('main')).toBe(false)
    expect(moved(id('b'))).toBe(false)
  })
})
