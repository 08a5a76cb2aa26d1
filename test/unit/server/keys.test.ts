import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { derivedKey, loadKeyRing } from '../../../server/keys.ts'

const dirs: string[] = []
const directory = () => {
  const dir = mkdtempSync(join(tmpdir(), 'roadstead-keys-'))
  dirs.push(dir)
  return dir
}
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true })
})

const key = (fill: number) => Buffer.alloc(32, fill)
const entry = (id: string, fill: number) => `${id}:${key(fill).toString('base64')}`

describe('the key ring', () => {
  it('is made at the first start, readable by its owner only, and found again', () => {
    const dir = directory()
    const first = loadKeyRing(undefined, dir)
    expect([...first.keys.values()].map((one) => one.length)).toEqual([32])
    expect(loadKeyRing(undefined, dir)).toEqual(first)
    expect(statSync(join(dir, 'keys.txt')).mode & 0o777).toBe(0o600)
    expect(loadKeyRing(undefined, directory()).keys).not.toEqual(first.keys)
  })

  it('seals with the first key and opens with all, so that a new one goes in front', () => {
    const dir = directory()
    writeFileSync(join(dir, 'keys.txt'), `${entry('new', 2)}\n${entry('old', 1)}\n`)
    for (const ring of [loadKeyRing(undefined, dir), loadKeyRing(`${entry('new', 2)}, ${entry('old', 1)}`, dir)]) {
      expect(ring.currentKeyId).toBe('new')
      expect(ring.keys.get('old')).toEqual(key(1))
      expect(ring.keys.get('new')).toEqual(key(2))
    }
  })

  it('comes from the environment without a look at the directory', () => {
    const dir = directory()
    loadKeyRing(entry('a', 1), dir)
    expect(existsSync(join(dir, 'keys.txt'))).toBe(false)
  })

  it.each([
    ['no key', '', /entry 1/],
    ['a key without an id', `:${key(1).toString('base64')}`, /entry 1/],
    ['a short key', `${entry('a', 1)},b:${Buffer.alloc(31).toString('base64')}`, /entry 2 is not id:base64 of 32 bytes/],
    ['one id twice', `${entry('a', 1)},${entry('a', 2)}`, /key id a stands there twice/],
  ])('refuses %s, and repeats no key', (_, text, message) => {
    let said = ''
    try {
      loadKeyRing(text, directory())
    } catch (error) {
      said = String(error)
    }
    expect(said).toMatch(message)
    expect(said).not.toContain(key(1).toString('base64').slice(0, 12))
  })
})

describe('derived keys', () => {
  it('differ by purpose and from the key that they come from', () => {
    const all = [key(1), derivedKey(key(1), 'a'), derivedKey(key(1), 'b'), derivedKey(key(2), 'a')]
    expect(new Set(all.map((one) => one.toString('hex'))).size).toBe(all.length)
    expect(derivedKey(key(1), 'a')).toEqual(derivedKey(key(1), 'a'))
  })
})
