import { describe, expect, it } from 'vitest'
import type { OperationLimits } from '../../../schema/limits.ts'
import { useApi } from './api-fixture.ts'

const api = useApi()
const fields = 'id name server'
const deep =
  '{ clusters(first: 1) { edges { node { applications(first: 1) { edges { node { cluster { applications(first: 1) { edges { node { cluster { project { name } } } } } } } } } } } } }'

/** Each operation is refused as it stands, and taken with that limit alone switched off: so it is that limit that holds. */
const cases: readonly (readonly [keyof OperationLimits, string, RegExp])[] = [
  ['depth', deep, /fields deep/],
  ['introspectionDepth', `{ __type(name: "Query") { ${'ofType { '.repeat(24)} name ${'}'.repeat(24)} } }`, /introspection is/],
  ['aliases', `{ fleet { ${Array.from({ length: 31 }, (_, i) => `a${i}: clusters`).join(' ')} } }`, /31 aliases/],
  ['rootFields', `{ ${Array.from({ length: 21 }, (_, i) => `a${i}: latestCursor`).join(' ')} }`, /21 root fields/],
  [
    'tokens',
    `{ clusters(labels: [${Array.from({ length: 300 }, (_, i) => `{ key: "k${i}", value: "v" }`).join(' ')}]) { totalCount } }`,
    /more than 2000 tokens/,
  ],
  [
    'cost',
    `{ clusters(first: 200) { edges { node { ${fields} applications(first: 200) { edges { node { ${fields.replace('server', 'sync')} } } } } } } }`,
    /costs 1\d{5}/,
  ],
  ['bodyBytes', `{ fleet { clusters } } #${'x'.repeat(4 * 1024 * 1024)}`, /./],
]

describe('limits', () => {
  it.each(cases)('%s: an operation beyond it is refused', async (limit, query, message) => {
    const refused = await api.ask(query)
    expect(refused.data, refused.text).toBeFalsy()
    expect(refused.errors[0]?.message).toMatch(message)
    if (limit !== 'bodyBytes') expect(refused.errors[0]?.extensions?.code).toBe('LIMIT_EXCEEDED')
    expect(api.logged, 'refusals are no failures of ours').toEqual([])
    const others = limit === 'aliases' || limit === 'rootFields' ? { aliases: 1e9, rootFields: 1e9 } : {}
    if (limit === 'rootFields') {
      api.limits = { ...api.limits, aliases: 1e9 }
      expect((await api.ask(query)).errors[0]?.message).toMatch(message)
    }
    api.limits = { ...api.limits, ...others, [limit]: Number.POSITIVE_INFINITY }
    const taken = await api.ask(query)
    expect(taken.errors, taken.text).toEqual([])
  })

  it('cost counts the page size of variables, too', async () => {
    const query =
      'query($n: Int) { clusters(first: $n) { edges { node { applications(first: $n) { edges { node { name sync health } } } } } } }'
    expect((await api.ask(query, { n: 200 })).errors[0]).toMatchObject({ extensions: { code: 'LIMIT_EXCEEDED' } })
    expect((await api.ask(query, { n: 20 })).errors).toEqual([])
  })

  it('hold on event streams, too', async () => {
    const aliases = Array.from({ length: 31 }, (_, i) => `a${i}: cursor`).join(' ')
    const response = await fetch(api.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.tokens.admin}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: `subscription { changes(after: "0") { ${aliases} } }` }),
    })
    expect(await response.text()).toContain('31 aliases')
  })

  it('a page has 200 rows at most', async () => {
    for (const first of [0, -1, 201]) {
      expect((await api.ask(`{ clusters(first: ${first}) { totalCount } }`)).errors).toMatchObject([
        { extensions: { code: 'INVALID_INPUT' } },
      ])
    }
  })

  it('nodes are 200 at most', async () => {
    const ids = Array.from({ length: 201 }, () => 'x')
    expect((await api.ask('query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids })).errors).toMatchObject([
      { extensions: { code: 'INVALID_INPUT' } },
    ])
  })
})
