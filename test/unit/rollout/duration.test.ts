import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../fleet/canonical-json.ts'
import { formatDuration, parseDuration } from '../../../fleet/duration.ts'

describe('a duration', () => {
  it.each([
    ['0', 0],
    ['+0', 0],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1_000],
    ['-1m', -60_000],
    ['1m0.5s', 60_500],
    ['0.1s0.2s', 300],
    ['1us', 1],
    ['1µs', 1],
    ['1ns', 1],
    ['0ns', 0],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text, 'p')).toEqual({ value: ms, problems: [] })
  })

  it.each([
    [''],
    ['-'],
    ['90'],
    ['1d'],
    ['1h 30m'],
    ['s'],
    ['.s'],
    ['1e3s'],
    ['1h30'],
    ['--1s'],
    ['１s'],
    ['1.2.3s'],
    ['3000000h'],
    [' 1s'],
  ])('%j is none, and says what to write', (text) => {
    const { value, problems } = parseDuration(text, 'spec.bake')
    expect(value).toBeNull()
    expect(problems).toMatchObject([{ path: 'spec.bake', message: expect.stringContaining(JSON.stringify(text)) }])
  })

  it('is written as short as it can be said', () => {
    expect([0, 500, 1_500, 90_000, 600_000, 5_400_000, 3_600_001, -60_000].map(formatDuration)).toEqual([
      '0s',
      '500ms',
      '1.5s',
      '1m30s',
      '10m',
      '1h30m',
      '1h0.001s',
      '-1m',
    ])
  })

  it('that was written reads as the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e11, max: 1e11 }), (ms) => {
        expect(parseDuration(formatDuration(ms), 'p').value).toBe(ms)
      }),
    )
  })
})

describe('canonical JSON', () => {
  it('sorts keys at every depth, and leaves undefined out', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined, B: true })).toBe('{"B":true,"b":[1,{"c":"x","d":null}]}')
  })

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('refuses what JSON cannot hold', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(/NaN has no JSON/)
    expect(() => canonicalJson([() => 1])).toThrow(TypeError)
  })
})
