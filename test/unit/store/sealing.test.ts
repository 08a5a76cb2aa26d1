import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSealer } from '../../../store/sealing.ts'

const key = (byte: number) => Buffer.alloc(32, byte)
const sealer = createSealer({
  keys: new Map([
    ['a', key(1)],
    ['b', key(2)],
  ]),
  currentKeyId: 'a',
})

describe('sealing', () => {
  it('opens what it sealed, for the same row', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uuid(), (clear, rowId) => {
        const sealed = sealer.seal(rowId, clear)
        expect(sealed.keyId).toBe('a')
        expect(sealer.open(rowId, sealed)).toBe(clear)
      }),
    )
  })

  it('never seals the same text alike', () => {
    const [one, two] = [sealer.seal('row', 'secret'), sealer.seal('row', 'secret')]
    expect(one.nonce).toHaveLength(12)
    expect(Buffer.from(one.nonce).equals(Buffer.from(two.nonce))).toBe(false)
    expect(Buffer.from(one.ciphertext).equals(Buffer.from(two.ciphertext))).toBe(false)
  })

  it('opens nothing in which one bit differs', () => {
    const sealed = sealer.seal('row', 'secret')
    for (const part of ['nonce', 'ciphertext'] as const) {
      for (let bit = 0; bit < sealed[part].length * 8; bit += 1) {
        const bytes = Buffer.from(sealed[part])
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(() => sealer.open('row', { ...sealed, [part]: bytes })).toThrow('does not open')
      }
    }
  })

  it('opens nothing for another row, under another key, or cut short', () => {
    const sealed = sealer.seal('row', 'secret')
    expect(() => sealer.open('other', sealed)).toThrow('does not open')
    expect(() => sealer.open('row', { ...sealed, keyId: 'b' })).toThrow('does not open')
    for (const length of [0, 15, 16, 21])
      expect(() => sealer.open('row', { ...sealed, ciphertext: sealed.ciphertext.subarray(0, length) })).toThrow('does not open')
    expect(() => sealer.open('row', { ...sealed, nonce: new Uint8Array(0) })).toThrow('does not open')
  })

  it('names the key that is missing, and tells nothing of the secret', () => {
    const sealed = sealer.seal('row', 'secret')
    const other = createSealer({ keys: new Map([['b', key(2)]]), currentKeyId: 'b' })
    expect(() => other.open('row', sealed)).toThrow('sealed with the key a, which is not configured')
  })

  it('opens what was sealed under an earlier key', () => {
    const rotated = createSealer({
      keys: new Map([
        ['a', key(1)],
        ['b', key(2)],
      ]),
      currentKeyId: 'b',
    })
    expect(rotated.open('row', sealer.seal('row', 'secret'))).toBe('secret')
    expect(rotated.seal('row', 'secret').keyId).toBe('b')
  })

  it('refuses keys of another length, and a current key that is not there', () => {
    expect(() => createSealer({ keys: new Map([['a', Buffer.alloc(16)]]), currentKeyId: 'a' })).toThrow('16 bytes instead of 32')
    expect(() => createSealer({ keys: new Map([['a', key(1)]]), currentKeyId: 'z' })).toThrow('z is not among the keys')
  })
})
