import { describe, expect, it } from 'vitest'
import { parsePointer, pointerPath } from '../../../fleet/ignored/json-pointer.ts'
import type { Path } from '../../../fleet/ignored/path.ts'
import type { Json } from '../../../fleet/json.ts'

const value: Json = { a: [{ b: 1 }, 'x'], 'c/d': { '~1': 2 }, '': 3 }

function path(text: string): Path | null {
  const parsed = parsePointer(text)
  return 'problem' in parsed ? null : pointerPath(parsed.keys, value)
}

describe('a JSON pointer', () => {
  it.each<[string, Path]>([
    ['/a', [{ key: 'a' }]],
    ['/a/0/b', [{ key: 'a' }, { index: 0, fixed: true }, { key: 'b' }]],
    ['/a/7', [{ key: 'a' }, { index: 7, fixed: true }]],
    ['/c~1d/~01', [{ key: 'c/d' }, { key: '~1' }]],
    ['/', [{ key: '' }]],
    ['/new/0', [{ key: 'new' }, { key: '0' }]],
  ])('%s', (text, expected) => {
    expect(path(text)).toEqual(expected)
  })

  it.each(['/a/-', '/a/01', '/a/-1', '/a/b', '/a/1/b'])('%s leads nowhere', (text) => {
    expect(path(text)).toBeNull()
  })

  it.each(['', 'spec/syncPolicy', '/a~', '/a~2b'])('%j is refused', (text) => {
    expect(parsePointer(text)).toHaveProperty('problem')
  })
})
