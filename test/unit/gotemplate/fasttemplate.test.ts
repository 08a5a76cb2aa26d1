import { describe, expect, it } from 'vitest'
import { TemplateError } from '../../../generators/gotemplate/errors.ts'
import { renderFastTemplate } from '../../../generators/gotemplate/fasttemplate.ts'

describe('fasttemplate', () => {
  it('puts parameters in, blanks around a name ignored', () => {
    expect(renderFastTemplate('{{a}}-{{ b }}-{{\tc.d\t}}', { a: '1', b: '2', 'c.d': '3' })).toBe('1-2-3')
  })

  it('leaves unknown, empty and non-string tags as they are written', () => {
    expect(renderFastTemplate('{{ x }}{{}}{{  }}{{n}}{{o}}', { n: 3, o: null, '': 'never' })).toBe('{{ x }}{{}}{{  }}{{n}}{{o}}')
  })

  it("doesn't see what every JavaScript object has", () => {
    expect(renderFastTemplate('{{constructor}}{{toString}}{{__proto__}}', {})).toBe('{{constructor}}{{toString}}{{__proto__}}')
  })

  it('renders no parameter again', () => {
    expect(renderFastTemplate('{{a}}', { a: '{{b}}', b: 'x' })).toBe('{{b}}')
  })

  it('leaves a text without a tag on one line alone', () => {
    expect(renderFastTemplate('}} {{', { a: '1' })).toBe('}} {{')
    expect(renderFastTemplate('{{a\n}}', { a: '1' })).toBe('{{a\n}}')
  })

  it('takes for a line, and for space around a name, what Go does', () => {
    expect(renderFastTemplate('{{\r\u2028a}}', { a: '1' })).toBe('1')
    expect(renderFastTemplate('{{\u0085a\u00a0}}{{a\ufeff}}', { a: '1' })).toBe('1{{a\ufeff}}')
  })

  it('names the place of a tag that is never closed beside one that is', () => {
    const render = (): string => renderFastTemplate('{{a}}\n {{b', { a: '1' })
    expect(render).toThrow(TemplateError)
    expect(render).toThrow('Cannot find end tag="}}" in the template="{{a}}\\n {{b" starting from "b"')
    try {
      render()
    } catch (error) {
      expect(error).toMatchObject({ stage: 'parse', line: 2, column: 2 })
    }
  })
})
