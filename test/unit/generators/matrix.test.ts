import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../../fleet/json.ts'
import type { GeneratorInputs, TemplateMode } from '../../../generators/generator.ts'
import { answering, cluster, expandOne, fast, go, goStrict, inputs, refused } from './environment.ts'

const list = (...elements: readonly JsonObject[]): JsonObject => ({ list: { elements } })
const clusters = [cluster('eu-1', { env: 'prod' }), cluster('lab', { env: 'dev' })]

function expand(generators: Json, mode: TemplateMode = go, more: JsonObject = {}, given: GeneratorInputs = inputs(clusters)) {
  return expandOne('matrix', { generators, ...more }, mode, given)
}

function parameters(...args: Parameters<typeof expand>) {
  const result = expand(...args)
  return result.outcome === 'complete' ? result.parameters : result
}

describe('matrix', () => {
  it('the first generator is the outer loop, and wins', () => {
    expect(
      parameters([list({ a: '1', m: { x: false } }, { a: '2' }), list({ b: 'x', m: { x: true, y: [] } }, { b: 'y', a: '3' })]),
    ).toEqual([
      { a: '1', b: 'x', m: { x: false, y: [] } },
      { a: '1', b: 'y', m: { x: false } },
      { a: '2', b: 'x', m: { x: true, y: [] } },
      { a: '2', b: 'y' },
    ])
  })

  it('in fasttemplate a combination with two values for a name is left out and named', () => {
    expect(expand([list({ a: '1' }, { a: '2' }), list({ a: '1', b: 'x' })], fast)).toMatchObject({
      parameters: [{ a: '1', b: 'x' }],
      leftOut: [{ path: 'g.generators[1]', message: expect.stringContaining('duplicate key a') }],
    })
  })

  it('with more conflicts than a set may have applications is incomplete, and does not collect them', () => {
    const many = list(...Array.from({ length: 1_000 }, (_, n) => ({ a: `${n}` })))
    expect(expand([many, list(...Array.from({ length: 1_000 }, (_, n) => ({ a: `x${n}` })))], fast)).toEqual({
      outcome: 'incomplete',
      problems: [{ path: 'g', message: expect.stringContaining('more than') }],
    })
  })

  it('a later generator is rendered with what stands before it: texts, keys, selectors', () => {
    const second = {
      clusters: { selector: { matchLabels: { '{{.label}}': '{{.env}}' } } },
      selector: { matchLabels: { name: '{{.only}}' } },
    }
    expect(parameters([list({ label: 'env', env: 'prod', only: 'eu-1' }), second])).toMatchObject([{ env: 'prod', name: 'eu-1' }])
  })

  it('values of a later generator may use either side, or both', () => {
    const second = {
      clusters: {
        selector: { matchLabels: { env: 'dev' } },
        values: { own: '{{.name}}', other: '{{.team}}', both: '{{.team}}-{{.name}}' },
      },
    }
    expect(parameters([list({ team: 'a' }), second], goStrict)).toMatchObject([{ values: { own: 'lab', other: 'a', both: 'a-lab' } }])
  })

  it('a later generator has no field that is null', () => {
    expect(parameters([list({ a: '1', x: null }), list({ b: null, m: { y: null, z: [null] } })])).toEqual([
      { a: '1', x: null, m: { z: [null] } },
    ])
  })

  it('values wait for a parameter that is not there yet, not for what fails for another reason', () => {
    const second = (value: string) => ({ clusters: { selector: { matchLabels: { env: 'dev' } }, values: { value } } })
    expect(parameters([list({ team: 'a' }), second('{{.metadata.labels.env}}')])).toMatchObject([{ values: { value: 'dev' } }])
    expect(expand([list({ team: 'a' }), second('{{mustFromJson "no"}}')])).toMatchObject({
      outcome: 'incomplete',
      problems: [{ path: 'g.generators[1].clusters.values["value"]', message: expect.stringContaining('mustFromJson') }],
    })
  })

  it('takes any number of generators, each of which sees all before it', () => {
    const generators = [list({ a: '1' }, { a: '2' }), list({ b: '{{.a}}b' }), list({ c: '{{.a}}{{.b}}' })]
    expect(parameters(generators)).toEqual([
      { a: '1', b: '1b', c: '11b' },
      { a: '2', b: '2b', c: '22b' },
    ])
  })

  it('nests, and what is nested sees its neighbours and what stands before it', () => {
    const inner = {
      matrix: {
        generators: [
          list({ b: '{{.a}}' }),
          { merge: { mergeKeys: ['b'], generators: [list({ b: '{{.b}}', c: '{{.a}}{{.b}}' }), list({ b: '1', d: 'x' })] } },
        ],
      },
    }
    expect(parameters([list({ a: '1' }, { a: '2' }), inner])).toEqual([
      { a: '1', b: '1', c: '11', d: 'x' },
      { a: '2', b: '2', c: '22' },
    ])
  })

  it('join: left keeps what finds no partner, with defaults', () => {
    const generators = [list({ env: 'prod' }, { env: 'none' }), { clusters: { selector: { matchLabels: { env: '{{.env}}' } } } }]
    expect(parameters(generators)).toMatchObject([{ env: 'prod', name: 'eu-1' }])
    expect(parameters(generators, go, { join: 'left', defaults: { name: 'nobody', env: 'x' } })).toMatchObject([
      { env: 'prod', name: 'eu-1' },
      { env: 'none', name: 'nobody' },
    ])
    expect(expand(generators, go, { join: 'outer' })).toMatchObject({ problems: [{ path: 'g.join' }] })
  })

  it('asks for all that later generators need at once', () => {
    const git = { git: { repoURL: 'https://git.example/{{.a}}', revision: 'main', directories: [{ path: '*' }] } }
    expect(expand([list({ a: '1' }, { a: '2' }), git])).toMatchObject({
      outcome: 'needs',
      requests: [{ repoURL: 'https://git.example/1' }, { repoURL: 'https://git.example/2' }],
    })
  })

  it('a set of parameters for which a later generator fails is left out and named', () => {
    const git = { git: { repoURL: 'https://git.example/{{.a}}', revision: 'main', directories: [{ path: '*' }] } }
    const answers = answering({
      gitDirectories: (request) =>
        request.repoURL === 'https://git.example/2'
          ? refused('unreachable')()
          : { complete: true, value: { directories: ['d'] }, proof: '' },
    })
    expect(expand([list({ a: '1' }, { a: '2' }), git], go, {}, answers.inputs)).toMatchObject({
      outcome: 'complete',
      parameters: [{ a: '1', path: { path: 'd' } }],
      leftOut: [{ path: 'g.generators[1].git', message: expect.stringMatching(/"a":"2".*unreachable/) }],
    })
    expect(expand([list({ a: '2' }), git], go, {}, answers.inputs)).toMatchObject({ outcome: 'incomplete' })
  })

  it('a generator that cannot be left out of join: left by an error is not taken for empty', () => {
    const bad = { list: { elements: [{ b: '{{.a.b.c}}' }] } }
    expect(expand([list({ a: 'text' }, { a: { b: { c: 'x' } } }), bad], go, { join: 'left', defaults: { b: 'default' } })).toMatchObject({
      parameters: [{ b: 'x' }],
      leftOut: [{ path: 'g.generators[1].list.elements[0].b' }],
    })
  })

  it.each<[Json, string]>([
    [[list()], 'g.generators'],
    [[list(), { ...list(), clusters: {} }], 'g.generators[1]'],
    [[list(), {}], 'g.generators[1]'],
    [[list({}), { oracle: {} }], 'g.generators[1].oracle'],
    [[list({}), { list: { elementsYaml: 'a: b' } }], 'g.generators[1].list.elementsYaml'],
  ])('names what is wrong: %j', (generators, path) => {
    expect(expand(generators)).toMatchObject({ outcome: 'incomplete', problems: [{ path }] })
  })

  it('refuses to nest without end', () => {
    const nested = Array.from({ length: 12 }).reduce<JsonObject>((inner) => ({ matrix: { generators: [list({}), inner] } }), list({}))
    expect(expand([list({}), nested])).toMatchObject({ outcome: 'incomplete', problems: [{ message: expect.stringContaining('nested') }] })
  })

  it('gives as many combinations as the product of its parts', () => {
    const sizes = fc.array(fc.nat({ max: 4 }), { minLength: 2, maxLength: 4 })
    fc.assert(
      fc.property(sizes, fc.boolean(), (counts, goTemplate) => {
        const generators = counts.map((count, part) => list(...Array.from({ length: count }, (_, n) => ({ [`k${part}`]: `v${n}` }))))
        const found = parameters(generators, goTemplate ? go : fast)
        expect(found).toHaveLength(counts.reduce((product, count) => product * count, 1))
      }),
    )
  })
})
