import { buildSchema, parse, specifiedRules, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { defaultLimits, type OperationLimits, operationLimitsRule } from '../../../schema/limits.ts'

const schema = buildSchema('type Query { a: Query b: Int } type Mutation { a: Query }')
const off: OperationLimits = { depth: 1e9, introspectionDepth: 1e9, aliases: 1e9, rootFields: 1e9, tokens: 1e9, cost: 1e9, bodyBytes: 1e9 }

function problems(query: string, limits: Partial<OperationLimits>): readonly string[] {
  return validate(schema, parse(query), [operationLimitsRule({ ...off, ...limits })]).map((error) => error.message)
}

/** Refused under the limit, taken one above it: so it is that limit that holds. */
function expectHeld(query: string, limit: keyof OperationLimits, found: number, message: RegExp) {
  expect(problems(query, { [limit]: found - 1 })).toEqual([expect.stringMatching(message)])
  expect(problems(query, { [limit]: found })).toEqual([])
}

describe('operation limits', () => {
  it('hold the depth, the deepest path counts', () => {
    expectHeld('{ b a { b a { b } } }', 'depth', 3, /3 fields deep, the limit is 2/)
  })

  it('hold the depth through fragments', () => {
    expectHeld('{ ...F } fragment F on Query { a { ...G } } fragment G on Query { a { b } }', 'depth', 3, /3 fields deep/)
    expectHeld('{ a { ... on Query { a { ... { b } } } } }', 'depth', 3, /3 fields deep/)
  })

  it('hold the depth of introspection by itself', () => {
    const query = '{ __schema { types { fields { name } } } }'
    expectHeld(query, 'introspectionDepth', 4, /introspection is 4 fields deep/)
    expect(problems(query, { depth: 1 })).toEqual([])
  })

  it('hold aliases, counted where fragments are spread', () => {
    expectHeld('{ x: b y: b a { z: b } }', 'aliases', 3, /3 aliases/)
    expectHeld('{ a { ...F } ...F } fragment F on Query { x: b y: b }', 'aliases', 4, /4 aliases/)
  })

  it('hold root fields, aliased and in fragments', () => {
    expectHeld('mutation { a { b } x: a { b } ...F } fragment F on Mutation { y: a { b } }', 'rootFields', 3, /3 root fields/)
  })

  it('hold each operation of a document', () => {
    expect(problems('query A { b } query B { a { b } }', { depth: 1 })).toHaveLength(1)
  })

  it('measure each of fragments that double each other once: 2^60 fields would never end', () => {
    const fragments = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query { x: a { ...F${i + 1} } y: a { ...F${i + 1} } }`).join(
      '\n',
    )
    const query = `{ ...F0 } ${fragments} fragment F60 on Query { b }`
    expect(problems(query, { aliases: 30 })[0]).toMatch(/aliases/)
  })

  it('survive fragments that contain themselves, which another rule refuses', () => {
    const query = '{ ...F } fragment F on Query { a { ...F } }'
    expect(problems(query, { depth: 5 })).toEqual([])
    expect(validate(schema, parse(query), specifiedRules).map((error) => error.message)).toEqual([expect.stringMatching(/itself/)])
  })

  it('hold tokens in the parser', () => {
    expect(() => parse('{ a { b } }', { maxTokens: 5 })).toThrow(/more than 5 tokens/)
  })

  it('leave room for what GraphiQL asks', async () => {
    const { getIntrospectionQuery } = await import('graphql')
    const rule = operationLimitsRule(defaultLimits)
    expect(validate(schema, parse(getIntrospectionQuery(), { maxTokens: defaultLimits.tokens }), [rule])).toEqual([])
  })
})
