import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../../fleet/json.ts'
import type { TemplateMode } from '../../../generators/generator.ts'
import { cluster, expandOne, fast, go, inputs } from './environment.ts'

const list = (...elements: readonly JsonObject[]): JsonObject => ({ list: { elements } })

function expand(mergeKeys: readonly string[], generators: Json, mode: TemplateMode = go) {
  return expandOne('merge', { mergeKeys, generators }, mode, inputs([cluster('eu-1'), cluster('us-1')]))
}

function parameters(...args: Parameters<typeof expand>) {
  const result = expand(...args)
  return result.outcome === 'complete' ? result.parameters : result
}

describe('merge', () => {
  it('lays later generators over the first, in order; what has no partner is dropped', () => {
    const base = list({ k: '1', v: 'a', m: { x: 1, y: [1, 2] } }, { k: '2', v: 'b' })
    expect(parameters(['k', 'k'], [base, list({ k: '1', v: '', m: { y: [3] } }, { k: '3' }), list({ k: '1', w: false })])).toEqual([
      { k: '1', v: '', m: { x: 1, y: [3] }, w: false },
      { k: '2', v: 'b' },
    ])
  })

  it('types of keys matter; a missing key agrees with a missing key', () => {
    expect(parameters(['k'], [list({ k: 1 }, { k: '1' }), list({ k: '1', v: 'x' })])).toEqual([{ k: 1 }, { k: '1', v: 'x' }])
    expect(parameters(['k'], [list({ a: 'a' }), list({ b: 'b' })])).toEqual([{ a: 'a', b: 'b' }])
  })

  it('values of clusters unite with those of a list, where Argo CD panics', () => {
    const generators = [{ clusters: { values: { a: '1', b: '2' } } }, list({ name: 'us-1', values: { b: '3' } })]
    expect(parameters(['name'], generators)).toMatchObject([
      { name: 'eu-1', values: { a: '1', b: '2' } },
      { name: 'us-1', values: { a: '1', b: '3' } },
      { name: 'in-cluster' },
    ])
    expect(parameters(['name'], generators, fast)).toMatchObject([{}, { 'values.a': '1', 'values.b': '3' }, {}])
  })

  it('duplicate keys: those of the first are left out, those of an override fail all of it', () => {
    expect(expand(['k'], [list({ k: '1' }, { k: '1' }, { k: '2' }), list()])).toMatchObject({
      parameters: [{ k: '2' }],
      leftOut: [{ path: 'g.generators[0]', message: expect.stringContaining('{"k":"1"}') }],
    })
    expect(expand(['k'], [list({ k: '1' }), list({ k: '1' }, { k: '1' })])).toMatchObject({
      outcome: 'incomplete',
      problems: [{ path: 'g.generators[1]' }],
    })
  })

  it('an override that lost an element fails all of it: applications would lose what it says', () => {
    const broken: Json = [{ k: '1' }, { k: 1 }]
    expect(expand(['k'], [list({ k: '1' }), { list: { elements: broken } }], fast)).toMatchObject({ outcome: 'incomplete' })
    expect(expand(['k'], [{ list: { elements: broken } }, list({ k: '1', v: 'x' })], fast)).toMatchObject({
      parameters: [{ k: '1', v: 'x' }],
      leftOut: [{ path: 'g.generators[0].list.elements[1]["k"]' }],
    })
  })

  it.each<[readonly string[], Json, string]>([
    [[], [list(), list()], 'g.mergeKeys'],
    [['k'], [list()], 'g.generators'],
  ])('names what is wrong: %j %j', (keys, generators, path) => {
    expect(expand(keys, generators)).toMatchObject({ outcome: 'incomplete', problems: [{ path }] })
  })
})
