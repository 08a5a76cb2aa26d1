import { describe, expect, it } from 'vitest'
import { mergeTemplate } from '../../../generators/merge-template.ts'
import { normalizeName } from '../../../generators/normalize.ts'
import { flattenParameters, postSelectorProblems } from '../../../generators/selector.ts'
import { compileTemplate } from '../../../generators/template.ts'

describe("a generator's template over the base", () => {
  it.each([
    ['a value overrides', { a: 'over' }, { a: 'base' }, { a: 'over' }],
    [
      'what is empty is filled',
      { a: '', b: false, c: 0, d: [], e: {} },
      { a: 'x', b: true, c: 1, d: [1], e: { f: 1 } },
      { a: 'x', b: true, c: 1, d: [1], e: { f: 1 } },
    ],
    ['maps unite', { m: { a: '1' } }, { m: { b: '2', a: '3' } }, { m: { a: '1', b: '2' } }],
    ['lists replace', { l: ['x'] }, { l: ['a', 'b'] }, { l: ['x'] }],
    ['an empty object stays', { automated: {} }, {}, { automated: {} }],
    [
      'valuesObject is taken whole',
      { helm: { valuesObject: { a: 1 } } },
      { helm: { valuesObject: { b: 2 }, version: 'v3' } },
      { helm: { valuesObject: { a: 1 }, version: 'v3' } },
    ],
    ['inherited names are no fields', { constructor: 'x' }, {}, { constructor: 'x' }],
  ])('%s', (_, over, base, merged) => {
    expect(mergeTemplate(over, base)).toEqual(merged)
  })
})

describe('rendering a template', () => {
  it('renders texts and keys at any depth and copies everything else, but for fields that are null', () => {
    const template = { a: '{{x}}', '{{k}}': [1, true, null, { deep: ['{{x}}', 2.5], nothing: null }], n: 3, nothing: null }
    expect(compileTemplate(template, 't')((text) => text.replace('{{x}}', 'X').replace('{{k}}', 'key'))).toEqual({
      value: { a: 'X', key: [1, true, null, { deep: ['X', 2.5] }], n: 3 },
      problems: [],
    })
  })

  it('lets what is no error of a template through', () => {
    const broken = () => {
      throw new TypeError('a bug')
    }
    expect(() => compileTemplate({ a: '{{x}}' }, 't')(broken)).toThrow(TypeError)
  })
})

describe('flattened parameters', () => {
  it('join keys and indexes with dots and print as Go does', () => {
    expect(flattenParameters({ a: { b: ['x', { c: true }] }, n: 12345678, small: 0.5, nothing: null, empty: {}, none: [] })).toEqual({
      'a.b.0': 'x',
      'a.b.1.c': 'true',
      n: '1.2345678e+07',
      small: '0.5',
      nothing: '<nil>',
    })
  })
})

describe('the selector beside a generator', () => {
  it.each([
    [{ matchLabels: { 'values.url': 'https://any thing' } }, []],
    [{ matchLabels: { 'not a key': 'x' } }, ['s.matchLabels["not a key"]']],
    [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['https://x', ''] }] }, []],
    [{ matchExpressions: [{ key: 'a', operator: 'In' }] }, ['s.matchExpressions[0].values']],
    [{ matchExpressions: [{ key: 'a', operator: 'DoesNotExist', values: ['x'] }] }, ['s.matchExpressions[0].values']],
    [{ matchExpressions: [{ key: '/a', operator: 'Near' }] }, ['s.matchExpressions[0].key', 's.matchExpressions[0].operator']],
  ])('%j has problems at %j', (selector, paths) => {
    expect(postSelectorProblems(selector, 's').map((problem) => problem.path)).toEqual(paths)
  })
})

describe('normalized names', () => {
  it.each([
    ['eu-1', 'eu-1'],
    ['Prod EU/West_1.', 'prod-eu-west-1'],
    ['--.a.--', 'a'],
    ['ÄÖ漢x', 'x'],
    ['İx', 'ix'],
    ['x'.repeat(300), 'x'.repeat(253)],
    ['', ''],
  ])('%j becomes %j', (name, normalized) => {
    expect(normalizeName(name)).toBe(normalized)
  })
})
