import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteLength, byteSlice, compareStrings, fromBytes, toBytes, wellFormed } from '../../../generators/gotemplate/bytes.ts'
import { TemplateError } from '../../../generators/gotemplate/errors.ts'
import { renderFastTemplate } from '../../../generators/gotemplate/fasttemplate.ts'
import { formatFloat } from '../../../generators/gotemplate/format/float.ts'
import { quote, unquote } from '../../../generators/gotemplate/format/quote.ts'
import { normalizeName, slugifyName } from '../../../generators/gotemplate/slug.ts'
import { renderGoTemplate } from '../../../generators/gotemplate/template.ts'
import { toYaml } from '../../../generators/gotemplate/yaml/emit.ts'
import { parseYaml } from '../../../generators/gotemplate/yaml/parse.ts'

const environment = { nowMs: 0 }
const anyText = fc.string({ unit: 'grapheme' })
const anyBytes = fc.uint8Array({ maxLength: 40 })
const pieces = fc.constantFrom(
  ...[
    '{{',
    '}}',
    '{{-',
    '-}}',
    ' ',
    '.a',
    '.b',
    '$x',
    ':=',
    '|',
    '(',
    ')',
    '"s"',
    '1',
    '-2.5',
    'if',
    'else',
    'end',
    'range',
    'with',
    'define',
  ],
  ...[
    'template',
    'break',
    'upper',
    'list',
    'dict',
    'printf',
    'index',
    'len',
    'eq',
    '"%v"',
    ',',
    '\n',
    '/*',
    '*/',
    '`r`',
    "'c'",
    'nil',
    'é',
  ],
)

function outcome(text: string, params: { [key: string]: string }): string {
  try {
    return renderGoTemplate(text, params, [], environment)
  } catch (error) {
    if (error instanceof TemplateError) return `error ${error.line}:${error.column}`
    throw error
  }
}

describe('properties of templates', () => {
  it('any text renders or fails with a place in it, and says the same again', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
        const text = parts.join(' ')
        const first = outcome(text, { a: 'x' })
        expect(outcome(text, { a: 'x' })).toBe(first)
        const place = /^error (\d+):(\d+)$/.exec(first)
        if (place !== null) expect(Number(place[1])).toBeLessThanOrEqual(text.split('\n').length)
      }),
      { numRuns: 2000 },
    )
  })

  it('a parameter is text wherever it is put, never a template', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(renderGoTemplate('<{{ .a }}>', { a: value }, [], environment)).toBe(`<${value.toWellFormed()}>`)
        expect(renderFastTemplate('<{{a}}>', { a: value })).toBe(`<${value}>`)
      }),
    )
  })

  it('quoting is undone by unquoting, and is one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const literal = quote(text.toWellFormed())
        expect(literal).not.toContain('\n')
        expect(unquote(literal)).toBe(text.toWellFormed())
        expect(renderGoTemplate(`{{ ${literal} }}`, { a: '' }, [], environment)).toBe(text.toWellFormed())
      }),
    )
  })

  it('a float prints so that it reads back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        for (const verb of ['g', 'e', 'f']) expect(Number(formatFloat(value, verb, -1))).toBe(value)
      }),
    )
  })
})

describe('properties of text in bytes', () => {
  it('bytes become text and the same bytes again', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = fromBytes(bytes)
        expect(toBytes(text)).toEqual(bytes)
        expect(byteLength(text)).toBe(bytes.length)
        expect(wellFormed(text).isWellFormed()).toBe(true)
      }),
    )
  })

  it('a cut text is whole again when it is put together', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, cut) => {
        const whole = text.toWellFormed()
        const at = cut % (byteLength(whole) + 1)
        expect(wellFormed(byteSlice(whole, 0, at) + byteSlice(whole, at, byteLength(whole)))).toBe(whole)
      }),
    )
  })

  it('texts sort as their bytes do', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(Math.sign(compareStrings(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))))
      }),
    )
  })
})

describe('properties of names and YAML', () => {
  it('a normalized name is one that DNS takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
        expect(normalizeName(text)).toMatch(/^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)?$/)
        expect(slugifyName(text, 20, true)).toMatch(/^([a-z0-9]([-a-z0-9]{0,18}[-a-z0-9])?)?$/)
      }),
    )
  })

  it('what is written as YAML reads back', () => {
    // Go folds YAML 1.1's other line breaks in quoted text; the yaml package reads them as YAML 1.2 does, as characters like any other.
    const noOldBreaks = anyText.filter((text) => !/[\u0085\u2028\u2029]/.test(text))
    const leaf = fc.oneof(noOldBreaks, fc.boolean(), fc.constant(null), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(noOldBreaks, tie('tree'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const json = JSON.parse(JSON.stringify(value)) as never
        expect(JSON.parse(JSON.stringify(parseYaml(toYaml(json))))).toEqual(json)
      }),
    )
  })
})
