import { describe, expect, it } from 'vitest'
import type { Json } from '../../../fleet/json.ts'
import type { TemplateMode } from '../../../generators/generator.ts'
import { listGenerator } from '../../../generators/list.ts'
import { fast, go, inputs } from './environment.ts'

function expand(spec: Json, mode: TemplateMode) {
  return listGenerator.expand(spec, mode, inputs(), 'g')
}

describe('list', () => {
  it('gives one set of parameters an element, duplicates too', () => {
    expect(expand({ elements: [{ a: 'x' }, { a: 'x' }] }, fast)).toEqual({
      outcome: 'complete',
      parameters: [{ a: 'x' }, { a: 'x' }],
      leftOut: [],
      proof: '2 of 2 list elements',
    })
  })

  it('flattens the values of an element for fasttemplate', () => {
    expect(expand({ elements: [{ a: 'x', values: { b: 'y', c: 'z' } }] }, fast)).toMatchObject({
      parameters: [{ a: 'x', 'values.b': 'y', 'values.c': 'z' }],
    })
  })

  it('keeps JSON as it is for goTemplate', () => {
    const element = { n: 1.5, b: false, nothing: null, deep: { list: [{ a: 1 }] }, values: ['x'] }
    expect(expand({ elements: [element, {}] }, go)).toMatchObject({ parameters: [element, {}] })
  })

  it.each([
    [{ n: 1 }, 'g.elements[1]["n"]'],
    [{ o: { a: 'b' } }, 'g.elements[1]["o"]'],
    [{ values: 'text' }, 'g.elements[1]["values"]'],
    [{ values: { a: true } }, 'g.elements[1]["values"]["a"]'],
    ['text', 'g.elements[1]'],
    [null, 'g.elements[1]'],
    [['a'], 'g.elements[1]'],
  ])('leaves out the element %j that fasttemplate cannot use, and keeps the others', (element, path) => {
    expect(expand({ elements: [{ a: 'x' }, element, { a: 'z' }] }, fast)).toMatchObject({
      parameters: [{ a: 'x' }, { a: 'z' }],
      leftOut: [{ path, message: expect.stringMatching(/text|object|map/) }],
      proof: '2 of 3 list elements',
    })
  })

  it('appends elementsYaml, read as YAML 1.1', () => {
    expect(expand({ elements: [{ a: 1 }], elementsYaml: '- a: off\n  b: "off"\n- a: 012\n' }, go)).toMatchObject({
      parameters: [{ a: 1 }, { a: false, b: 'off' }, { a: 10 }],
    })
  })

  it('gives nothing more for an empty elementsYaml', () => {
    expect(expand({ elementsYaml: '# nothing' }, go)).toMatchObject({ outcome: 'complete', parameters: [] })
  })

  it.each([
    ['- a: [1', /line 1/],
    ['a: 1', /must be a YAML list/],
  ])('is incomplete when elementsYaml is %j', (elementsYaml, message) => {
    expect(expand({ elements: [{ a: 1 }], elementsYaml }, go)).toEqual({
      outcome: 'incomplete',
      problems: [{ path: 'g.elementsYaml', message: expect.stringMatching(message) }],
    })
  })
})
