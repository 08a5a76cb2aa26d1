import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Connection, KubeRequest } from '../../../clusters/connection.ts'
import { listCustomResources } from '../../../clusters/custom-resources.ts'
import type { CustomResourceQuery } from '../../../clusters/gateway.ts'
import { KubeApiError } from '../../../clusters/kube-api-error.ts'
import { defaultLimits, type GatewayLimits } from '../../../clusters/limits.ts'
import type { Json } from '../../../fleet/json.ts'

const query: CustomResourceQuery = { apiVersion: 'example.io/v1', resource: 'decisions', namespace: 'argocd', select: { name: 'one' } }
const object = (name: string, status: Json = { clusters: [] }) => ({
  apiVersion: 'example.io/v1',
  kind: 'Decision',
  metadata: { name, labels: { a: 'b' }, annotations: { big: 'x'.repeat(1_000) } },
  spec: { secret: 'not for us' },
  status,
})
const page = (items: Json, next = '') => ({ kind: 'DecisionList', metadata: { continue: next }, items })
const expired = () => new KubeApiError('list decisions', 410, { kind: 'Status', reason: 'Expired', message: 'too old' })

/** An API server that answers as it is told to, one answer a request; the last one for ever. */
function server(answers: readonly (Json | Error)[], limits: Partial<GatewayLimits> = {}) {
  const asked: KubeRequest[] = []
  const connection: Connection = {
    send: async (request) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)]
      asked.push(request)
      if (answer instanceof Error || answer === undefined) throw answer ?? new Error('no answer')
      return answer
    },
    close: async () => undefined,
  }
  const list = (change: Partial<CustomResourceQuery> = {}) =>
    listCustomResources({ connection, limits: { ...defaultLimits, ...limits } }, { ...query, ...change }, undefined)
  return { asked, list }
}
const tokens = (asked: readonly KubeRequest[]) => asked.map((request) => request.query?.['continue'] ?? '')

describe('a list of custom resources', () => {
  it('is asked for by name or labels, and only name and status are kept', async () => {
    const { asked, list } = server([page([object('one'), { metadata: { name: 'new' } }])])
    expect(await list()).toEqual([
      { name: 'one', status: { clusters: [] } },
      { name: 'new', status: null },
    ])
    const labelSelector = {
      matchLabels: { 'example.io/tier': 'gold' },
      matchExpressions: [
        { key: 'region', operator: 'In', values: ['eu', 'us'] },
        { key: 'env', operator: 'NotIn', values: ['dev'] },
        { key: 'a', operator: 'Exists' },
        { key: 'b', operator: 'DoesNotExist' },
      ],
    }
    await list({ select: { labelSelector } })
    expect(asked[0]).toMatchObject({ method: 'GET', path: '/apis/example.io/v1/namespaces/argocd/decisions' })
    expect(asked.map((request) => request.query)).toEqual([
      { fieldSelector: 'metadata.name=one', limit: '250' },
      { labelSelector: 'example.io/tier=gold,region in (eu,us),env notin (dev),a,!b', limit: '250' },
    ])
  })

  it('is read page by page to its end', async () => {
    const { asked, list } = server([page([object('a')], 'p2'), page([object('b')], 'p3'), page([object('c')])])
    expect((await list()).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    expect(tokens(asked)).toEqual(['', 'p2', 'p3'])
  })

  it('that expires in the middle is read from its start, each object once', async () => {
    const { asked, list } = server([page([object('a')], 'p2'), expired(), page([object('a')], 'q2'), page([object('b')])])
    expect((await list()).map(({ name }) => name)).toEqual(['a', 'b'])
    expect(tokens(asked)).toEqual(['', 'p2', '', 'q2'])
  })

  it('that always expires is an error, after a few tries', async () => {
    const { asked, list } = server([expired()])
    await expect(list()).rejects.toMatchObject({ status: 410 })
    expect(asked).toHaveLength(4)
  })

  it('of more objects, bytes or pages than there may be is an error, not the first of them', async () => {
    const three = page(['a', 'b', 'c'].map((name) => object(name)))
    expect(await server([three], { customResourcesMax: 3 }).list()).toHaveLength(3)
    await expect(server([three], { customResourcesMax: 2 }).list()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    await expect(server([page([object('a')], 'more')], { pagesMax: 5 }).list()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    const large = page([object('a', { clusters: ['ü'.repeat(300)] }), object('b')])
    expect(await server([large], { customResourceBytesMax: 1_000 }).list()).toHaveLength(2)
    await expect(server([large], { customResourceBytesMax: 600 }).list()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })

  it('counts the bytes of one reading, not of those that expired', async () => {
    const one = page([object('a', { clusters: ['x'.repeat(500)] })], 'p2')
    const { list } = server([one, expired(), one, page([])], { customResourceBytesMax: 1_000 })
    expect(await list()).toHaveLength(1)
  })

  it.each<[string, Json]>([
    ['no list', {}],
    ['a text', 'fine'],
    ['items that are none', { items: 'none' }],
    ['an item that is no object', page(['x'])],
    ['an item without a name', page([{ status: {} }])],
    ['a status that is no object', page([object('a', 'ready')])],
    ['a second page without items', { metadata: {} }],
  ])('is never taken from %s', async (_, answer) => {
    await expect(server([page([object('a')], 'p2'), answer]).list()).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' })
    await expect(server([answer]).list()).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' })
  })

  it('of a type that the server does not know is an error that names the type', async () => {
    const notFound = new KubeApiError('list decisions', 404, { message: 'the server could not find the requested resource' })
    await expect(server([notFound]).list()).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/no namespaced decisions in example\.io\/v1/),
    })
  })

  it('passes on what the server refuses', async () => {
    const forbidden = new KubeApiError('list decisions', 403, { message: 'decisions.example.io is forbidden' })
    await expect(server([forbidden]).list()).rejects.toMatchObject({ code: 'CLUSTER_DENIED' })
  })
})

describe('what may be asked for', () => {
  it.each<[string, Partial<CustomResourceQuery>]>([
    ['secrets, which are of the core', { apiVersion: 'v1', resource: 'secrets' }],
    ['the core by an empty group', { apiVersion: '/v1', resource: 'secrets' }],
    ['a group of Kubernetes itself', { apiVersion: 'apps/v1', resource: 'deployments' }],
    ['dots for a group', { apiVersion: '../api/v1', resource: 'secrets' }],
    ['dots for a version', { apiVersion: 'example.io/..', resource: 'secrets' }],
    ['a way up in the version', { apiVersion: 'example.io/../../api/v1', resource: 'secrets' }],
    ['an escaped way up', { apiVersion: 'example.io/%2e%2e', resource: 'secrets' }],
    ['a query in the version', { apiVersion: 'example.io/v1?watch=true' }],
    ['an object below the type', { resource: 'decisions/one' }],
    ['a way out of the namespace', { resource: '../kube-system/decisions' }],
    ['dots for a type', { resource: '..' }],
    ['a query', { resource: 'decisions?watch=true' }],
    ['a fragment', { resource: 'decisions#' }],
    ['capitals', { resource: 'Decisions' }],
    ['no type', { resource: '' }],
    ['a line break', { resource: 'decisions\n' }],
    ['another namespace by a way up', { namespace: '../..' }],
    ['no namespace', { namespace: '' }],
    ['a name with a second selector', { select: { name: 'one,metadata.namespace!=argocd' } }],
    ['a name that is a path', { select: { name: '../one' } }],
    ['no name', { select: { name: '' } }],
    ['a label that adds a selector', { select: { labelSelector: { matchLabels: { a: 'b,c' } } } }],
    ['an operator that is none', { select: { labelSelector: { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] } } }],
  ])('is not %s', async (_, change) => {
    const { asked, list } = server([page([])])
    await expect(list(change)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(asked).toEqual([])
  })

  it('says that only custom resources can be read', async () => {
    await expect(server([page([])]).list({ apiVersion: 'v1' })).rejects.toThrow(/only custom resources can be read/)
  })

  it('leads, whatever it is, to the collection of one type in one namespace or nowhere', async () => {
    const odd = fc.oneof(fc.string(), fc.stringMatching(/^[a-z./%?#\\-]{0,12}$/))
    const maybe = (good: string) => fc.oneof({ weight: 3, arbitrary: fc.constant(good) }, fc.stringMatching(/^[a-z0-9./-]{1,6}$/), odd)
    let reached = 0
    await fc.assert(
      fc.asyncProperty(
        maybe('example.io/v1'),
        maybe('decisions'),
        maybe('argocd'),
        maybe('one'),
        async (apiVersion, resource, namespace, name) => {
          const { asked, list } = server([page([])])
          await list({ apiVersion, resource, namespace, select: { name } }).catch(() => undefined)
          reached += asked.length
          for (const { path } of asked) {
            expect(path).toMatch(/^\/apis\/[^/]+\.[^/]+\/[^/]+\/namespaces\/[^/]+\/[^/]+$/)
            expect(new URL(path, 'https://api').pathname).toBe(path)
          }
        },
      ),
      { numRuns: 2_000 },
    )
    expect(reached).toBeGreaterThan(100)
  })
})
