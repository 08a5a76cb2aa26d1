import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toJsonColumn, toTextColumn } from '../../../store/json-column.ts'

describe('JSON for a column', () => {
  it('is plain JSON where PostgreSQL can store that', () => {
    const value = { text: 'a\\u0000 \u{1f600} é', list: [1, null, true], nested: { 'k\\ud800': '' } }
    expect(JSON.parse(toJsonColumn(value))).toEqual(value)
  })

  it('has U+FFFD where it can not: NUL and lone surrogates, in values and keys', () => {
    expect(JSON.parse(toJsonColumn({ 'a\0': ['\ud800x', { b: 'y\udc00' }], n: 1 }))).toEqual({
      'a\ufffd': ['\ufffdx', { b: 'y\ufffd' }],
      n: 1,
    })
  })

  it('never holds what PostgreSQL refuses', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ max: 0xffff, min: 0 })).map((units) => String.fromCharCode(...units)),
        fc.constantFrom('\0', '\ud800', '\udfff', '\\u0000', ''),
        (text, odd) => {
          const parsed: unknown = JSON.parse(toJsonColumn({ text: text + odd }))
          expect(parsed).toEqual({ text: toTextColumn(text + odd) })
          expect(toTextColumn(text + odd)).not.toContain('\0')
          expect(toTextColumn(text + odd).isWellFormed()).toBe(true)
        },
      ),
    )
  })
})
