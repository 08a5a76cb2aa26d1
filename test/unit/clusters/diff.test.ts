import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differences } from '../../../fleet/diff/differences.ts'
import { ownedFields, ownsAllOf, ownsNothingElse } from '../../../fleet/diff/managed-fields.ts'
import { quantityOf, sameQuantity } from '../../../fleet/diff/quantity.ts'
import { sameObject } from '../../../fleet/diff/same-object.ts'
import type { Json, JsonObject } from '../../../fleet/json.ts'

describe('quantities', () => {
  it.each([
    ['1000m', 1],
    ['1', 1],
    ['0.5', 0.5],
    ['500m', 0.5],
    ['1Gi', 2 ** 30],
    ['1024Mi', 2 ** 30],
    ['1e3', 1000],
    ['1k', 1000],
    ['.5', 0.5],
    ['-1', -1],
    ['12E', 12e18],
    ['1e-3', 0.001],
  ])('%s is %d', (text, amount) => {
    expect(quantityOf(text)).toBeCloseTo(amount, 9)
  })

  it('are not read from other texts', () => {
    for (const text of ['', 'm', '1 Gi', '1gi', '0x10', '1.2.3', 'NaN', 'Infinity', '1e']) expect(quantityOf(text), text).toBeNull()
    expect(sameQuantity('x', 'x')).toBe(false)
  })

  it('are the same in every unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (cores) => {
        expect(sameQuantity(`${cores * 1000}m`, `${cores}`)).toBe(true)
        expect(sameQuantity(`${cores + 1}`, `${cores}`)).toBe(false)
      }),
    )
  })
})

const paths = (wanted: JsonObject, live: JsonObject) => differences(wanted, live).map(({ path }) => path)
const pod = (container: JsonObject, rest: JsonObject = {}): JsonObject => ({
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'web', ...container }], ...rest },
})

describe('differences', () => {
  it('are none when the live object only has more', () => {
    const live = pod({ image: 'web:1', terminationMessagePath: '/dev/x' }, { dnsPolicy: 'ClusterFirst' })
    expect(differences(pod({ image: 'web:1' }), { ...live, status: { phase: 'Running' } })).toEqual([])
  })

  it('name the path and both values', () => {
    expect(differences(pod({ image: 'web:2' }), pod({ image: 'web:1' }))).toEqual([
      { path: 'spec.containers[web].image', wanted: 'web:2', live: 'web:1' },
    ])
    expect(paths({ metadata: { annotations: { 'a/b': '1' } } }, { metadata: {} })).toEqual(['metadata.annotations'])
    expect(paths({ metadata: { annotations: { 'a/b': '1' } } }, { metadata: { annotations: {} } })).toEqual(['metadata.annotations["a/b"]'])
  })

  it('find items by their name, wherever they are, and miss none', () => {
    const live = { spec: { containers: [{ name: 'injected' }, { name: 'web', image: 'web:1' }] } }
    expect(paths({ spec: { containers: [{ name: 'web', image: 'web:1' }] } }, live)).toEqual([])
    expect(paths({ spec: { containers: [{ name: 'other' }] } }, live)).toEqual(['spec.containers[other]'])
  })

  it('compare lists without names item by item, and by length', () => {
    expect(paths({ spec: { args: ['a', 'b'] } }, { spec: { args: ['b', 'a'] } })).toEqual(['spec.args[0]', 'spec.args[1]'])
    expect(paths({ spec: { args: ['a'] } }, { spec: { args: ['a', 'b'] } })).toEqual(['spec.args'])
  })

  it('read amounts where Kubernetes has amounts, and nowhere else', () => {
    expect(
      paths(
        pod({ resources: { requests: { cpu: '1000m' }, limits: { cpu: 1 } } }),
        pod({ resources: { requests: { cpu: '1' }, limits: { cpu: '1' } } }),
      ),
    ).toEqual([])
    expect(paths({ data: { limits: '1000m' } }, { data: { limits: '1' } })).toEqual(['data.limits'])
    expect(paths({ metadata: { annotations: { limits: '1000m' } } }, { metadata: { annotations: { limits: '1' } } })).toEqual([
      'metadata.annotations.limits',
    ])
    expect(paths(pod({ image: '1000m' }), pod({ image: '1' }))).toEqual(['spec.containers[web].image'])
  })

  it('ignore status, what the server writes, nulls, and empty maps that the server drops', () => {
    const wanted = { metadata: { uid: 'x', creationTimestamp: null, labels: {} }, spec: { a: null, args: [] }, status: { x: 1 } }
    expect(differences(wanted, { metadata: {}, spec: {} })).toEqual([])
  })

  it('are none between an object and itself, and some when any leaf is changed', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean())
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), leaf, { minKeys: 1 }), {
          minKeys: 1,
        }),
        fc.nat(),
        (spec, seed) => {
          const live = { spec: structuredClone(spec) } as JsonObject
          expect(differences({ spec }, live)).toEqual([])
          const names = Object.keys(spec)
          const name = names[seed % names.length] ?? ''
          const [field = ''] = Object.keys(spec[name] ?? {})
          const changed = { ...spec, [name]: { ...spec[name], [field]: { changed: true } } }
          expect(paths({ spec: changed }, live)).toHaveLength(1)
        },
      ),
    )
  })
})

describe('fields that we own', () => {
  const fields: JsonObject = {
    'f:metadata': { 'f:labels': { 'f:app': {} } },
    'f:spec': {
      'f:replicas': {},
      'f:rules': {},
      'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
      'f:finalizers': { 'v:"a"': {} },
      'f:empty': {},
    },
  }
  const wanted = (change: JsonObject = {}, rest: JsonObject = {}): JsonObject => ({
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name: 'it', namespace: 'web', labels: { app: 'x' } },
    spec: { replicas: 1, rules: [{ host: 'a' }], ports: [{ port: 80 }], finalizers: ['a'], empty: {}, ...change },
    status: { ignored: true },
    ...rest,
  })

  it('are all of what was applied, until somebody takes one', () => {
    expect(ownsAllOf(fields, wanted())).toBe(true)
    const { 'f:replicas': _, ...others } = fields['f:spec'] as JsonObject
    expect(ownsAllOf({ ...fields, 'f:spec': others }, wanted())).toBe(false)
    expect(ownsAllOf({ ...fields, 'f:spec': { ...others, 'f:replicas': {}, 'f:ports': {} } }, wanted())).toBe(true)
    expect(ownsAllOf({}, wanted())).toBe(false)
  })

  it('don’t cover what came to the manifest', () => {
    for (const change of [
      { more: 1 },
      { ports: [{ port: 80 }, { port: 81 }] },
      { ports: [{ port: 80, name: 'http' }] },
      { finalizers: ['a', 'b'] },
    ] as JsonObject[])
      expect(ownsAllOf(fields, wanted(change)), JSON.stringify(change)).toBe(false)
    expect(ownsAllOf(fields, wanted({}, { data: {} }))).toBe(false)
  })

  it('are more than is wanted when something left the manifest', () => {
    expect(ownsNothingElse(fields, wanted())).toBe(true)
    for (const change of [
      { replicas: undefined },
      { rules: undefined },
      { ports: [] },
      { ports: [{ port: 81 }] },
      { finalizers: [] },
    ] as JsonObject[])
      expect(ownsNothingElse(fields, wanted(change)), JSON.stringify(change)).toBe(false)
    expect(ownsNothingElse(fields, { ...wanted(), metadata: { name: 'it' } })).toBe(false)
  })

  it('are read from our own entry only', () => {
    const live = (entry: JsonObject): JsonObject => ({
      metadata: { managedFields: [{ manager: 'kubectl', operation: 'Apply', fieldsV1: {} }, entry] },
    })
    const entry = { manager: 'roadstead', operation: 'Apply', apiVersion: 'v1', fieldsV1: fields }
    expect(ownedFields(live(entry), 'roadstead')).toEqual({ apiVersion: 'v1', fields })
    expect(ownedFields(live({ ...entry, operation: 'Update' }), 'roadstead')).toBeNull()
    expect(ownedFields(live({ ...entry, subresource: 'status' }), 'roadstead')).toBeNull()
    expect(ownedFields({ metadata: {} }, 'roadstead')).toBeNull()
  })

  it('never throw, whatever the server keeps there', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('f:spec', 'k:{', 'v:x', 'k:{"a":1}', '.', 'i:0'), fc.jsonValue()),
        fc.jsonValue(),
        (node, spec) => {
          expect(typeof ownsAllOf({ 'f:spec': node }, { spec })).toBe('boolean')
          expect(typeof ownsNothingElse({ 'f:spec': node }, { spec })).toBe('boolean')
        },
      ),
    )
  })
})

describe('the same object', () => {
  const base: JsonObject = {
    kind: 'X',
    metadata: { name: 'x', annotations: { a: '1', digest: 'old' }, resourceVersion: '1', generation: 1, managedFields: [] },
    spec: { a: 1, b: [1] },
    status: { x: 1 },
  }
  it('has the same content, whatever its bookkeeping, status and order of fields', () => {
    const other = {
      status: {},
      spec: { b: [1], a: 1 },
      metadata: { name: 'x', resourceVersion: '2', annotations: { digest: 'new', a: '1' } },
      kind: 'X',
    } as JsonObject
    expect(sameObject(base, other, ['digest'])).toBe(true)
    expect(sameObject(base, other)).toBe(false)
    expect(sameObject({ metadata: { annotations: { digest: 'x' } } }, { metadata: {} }, ['digest'])).toBe(true)
  })

  it('differs in anything else', () => {
    for (const change of [
      { spec: { a: 1, b: [1, 2] } },
      { spec: { a: 1 } },
      { metadata: { name: 'x', annotations: { a: '2' } } },
      { data: {} },
    ] as Record<string, Json>[])
      expect(sameObject(base, { ...base, ...change }, ['digest'])).toBe(false)
  })
})
