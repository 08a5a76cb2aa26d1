import { request as httpRequest } from 'node:http'
import { type GraphQLInputType, type GraphQLNonNull, isEnumType, isInputObjectType, isListType, isNonNullType, isScalarType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { buildSchema } from '../../../schema/schema.ts'
import { unique } from '../store/store-fixture.ts'
import { type Payload, useApi } from './api-fixture.ts'

const api = useApi()

describe('without a token', () => {
  const attempts: readonly (readonly [string, RequestInit])[] = [
    ['a query', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ viewer { name } }"}' }],
    [
      'introspection',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __schema { types { name } } }"}' },
    ],
    ['a stream', { headers: { accept: 'text/event-stream' } }],
    ['a page', { headers: { accept: 'text/html' } }],
    ['a preflight', { method: 'OPTIONS', headers: { origin: 'https://evil.example' } }],
    ['nothing', {}],
  ]
  it.each(attempts)('%s is answered with 401 and nothing else', async (_name, init) => {
    const response = await fetch(api.url, init)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  })

  it.each(['Bearer', 'Bearer x', `Bearer ${'x'.repeat(5_000)}`, 'Basic YW5uOmFubg==', 'rst_x'])('nor with %s', async (authorization) => {
    const response = await fetch(api.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: '{"query":"{ viewer { name } }"}',
    })
    expect(response.status).toBe(401)
  })

  it('nor with one that has expired or was revoked', async () => {
    const { store } = api.db
    const expiring = await store.tokens.create({ name: unique('tok'), role: 'admin', expiresAtMs: api.db.nowMs + 1_000 })
    const revoked = await store.tokens.create({ name: unique('tok'), role: 'admin', expiresAtMs: null })
    expect((await api.ask('{ viewer { name } }', {}, expiring.clear)).status).toBe(200)
    await store.tokens.revoke(revoked.token.id)
    api.db.nowMs += 1_000
    expect((await api.ask('{ viewer { name } }', {}, expiring.clear)).status).toBe(401)
    expect((await api.ask('{ viewer { name } }', {}, revoked.clear)).status).toBe(401)
  })
})

describe('who may only read', () => {
  it('reads', async () => {
    const { data, errors } = await api.ask('{ viewer { name role } clusters { totalCount } fleet { clusters } }', {}, api.tokens.readonly)
    expect(errors).toEqual([])
    expect(data.viewer).toEqual({ name: 'rob', role: 'READONLY' })
  })

  it('reads no tokens', async () => {
    const { errors } = await api.ask('{ tokens { name } }', {}, api.tokens.readonly)
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  const mutations = Object.values(buildSchema().getMutationType()?.getFields() ?? {})
  it.each(mutations.map((field) => field.name))('may not %s', async (name) => {
    const field = mutations.find((mutation) => mutation.name === name)
    const inputType = field?.args[0]?.type
    const input = sample(inputType)
    const payload = await api.wish(
      `mutation($input: ${String(inputType)}) { ${name}(input: $input) { userErrors { code } } }`,
      { input },
      api.tokens.readonly,
    )
    expect(payload.userErrors).toEqual([{ code: 'FORBIDDEN' }])
    expect(api.hinted).toEqual([])
  })
})

/** The least that a type takes. */
function sample(type: GraphQLInputType | undefined): unknown {
  if (type === undefined) throw new Error('no type')
  if (isNonNullType(type)) return sample((type as GraphQLNonNull<never>).ofType)
  if (isListType(type)) return []
  if (isEnumType(type)) return type.getValues()[0]?.name
  if (isScalarType(type)) return type.name === 'Int' ? 1 : type.name === 'Boolean' ? false : 'x'
  if (!isInputObjectType(type)) throw new Error(`no sample for ${String(type)}`)
  const fields = Object.values(type.getFields())
  const needed = type.isOneOf ? fields.slice(0, 1) : fields.filter((field) => isNonNullType(field.type))
  return Object.fromEntries(needed.map((field) => [field.name, sample(field.type)]))
}

describe('the transport', () => {
  const authorized = () => ({ authorization: `Bearer ${api.tokens.admin}` })
  const body = '{"query":"{ viewer { name } }"}'

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/graphql', ''])(
    'takes no %s, which other sites can send',
    async (type) => {
      const response = await fetch(api.url, { method: 'POST', headers: { ...authorized(), 'content-type': type }, body })
      expect(response.status).toBe(415)
    },
  )

  it('takes application/json with a charset', async () => {
    const response = await fetch(api.url, {
      method: 'POST',
      headers: { ...authorized(), 'content-type': 'application/json; charset=utf-8' },
      body,
    })
    expect(await response.json()).toEqual({ data: { viewer: { name: 'ann' } } })
  })

  it('answers no query by GET, and changes nothing by GET', async () => {
    const mutation = encodeURIComponent('mutation { createToken(input: { name: "got", role: ADMIN }) { clear } }')
    expect((await fetch(`${api.url}?query=${mutation}`, { headers: authorized() })).status).toBe(405)
    const streamed = await fetch(`${api.url}?query=${mutation}`, { headers: { ...authorized(), accept: 'text/event-stream' } })
    expect(streamed.status).toBe(405)
    expect((await api.db.store.tokens.all()).map((token) => token.name)).not.toContain('got')
  })

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('takes no %s', async (method) => {
    expect((await fetch(api.url, { method, headers: authorized() })).status).toBe(405)
  })

  it('takes no batch', async () => {
    const response = await fetch(api.url, {
      method: 'POST',
      headers: { ...authorized(), 'content-type': 'application/json' },
      body: `[${body},${body}]`,
    })
    expect(response.status).toBe(400)
    expect(await response.text()).not.toContain('ann')
  })

  it('sets no cookie, and lets no other site read', async () => {
    const response = await fetch(api.url, {
      method: 'POST',
      headers: { ...authorized(), 'content-type': 'application/json', origin: 'https://evil.example' },
      body,
    })
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('gives every request an id', async () => {
    const ids = await Promise.all([1, 2].map(async () => (await api.ask('{ viewer { name } }')).headers.get('x-request-id')))
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/)
    expect(ids[0]).not.toBe(ids[1])
  })

  it('gives up on a body that never ends', async () => {
    api.limits = { ...api.limits, bodyBytes: 1_000 }
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(
        api.url,
        { method: 'POST', headers: { ...authorized(), 'content-type': 'application/json' } },
        (response) => {
          clearInterval(timer)
          resolve(response.statusCode)
          request.destroy()
        },
      )
      const timer = setInterval(() => request.write(' '.repeat(500)), 5)
      request.once('error', (error) => {
        clearInterval(timer)
        reject(error)
      })
    })
    expect(status).toBe(413)
  })
})

describe('tokens', () => {
  const create =
    'mutation($input: CreateTokenInput!) { createToken(input: $input) { token { id name role expiresAt } clear userErrors { code field } } }'
  const revoke = 'mutation($input: RevokeTokenInput!) { revokeToken(input: $input) { token { name } userErrors { code message } } }'

  it('are made, stand, are listed without their text, and end', async () => {
    const name = unique('ci')
    const expiresAt = new Date(api.db.nowMs + 60_000).toISOString()
    const made: Payload = await api.wish(create, { input: { name, role: 'READONLY', expiresAt } })
    expect(made).toMatchObject({ token: { name, role: 'READONLY', expiresAt }, userErrors: [] })
    expect((await api.ask('{ viewer { name } }', {}, made.clear)).data).toEqual({ viewer: { name } })
    const listed = await api.ask('{ tokens { id name role createdAt expiresAt } }')
    expect(listed.data.tokens.map((token: Payload) => token.name)).toContain(name)
    expect(listed.text).not.toContain(made.clear)
    expect(await api.wish(revoke, { input: { id: made.token.id } })).toEqual({ token: { name }, userErrors: [] })
    expect((await api.ask('{ viewer { name } }', {}, made.clear)).status).toBe(401)
    expect(api.logged.join('\n')).not.toContain(made.clear)
  })

  it('are refused with a name that is taken or none, and with an end in the past', async () => {
    expect((await api.wish(create, { input: { name: 'ann', role: 'ADMIN' } })).userErrors).toMatchObject([{ code: 'CONFLICT' }])
    expect((await api.wish(create, { input: { name: 'a b', role: 'ADMIN' } })).userErrors).toMatchObject([
      { code: 'INVALID_INPUT', field: 'name' },
    ])
    const expiresAt = new Date(api.db.nowMs).toISOString()
    expect((await api.wish(create, { input: { name: 'late', role: 'ADMIN', expiresAt } })).userErrors).toMatchObject([
      { code: 'INVALID_INPUT', field: 'expiresAt' },
    ])
  })

  it('of the last administrator can not be revoked', async () => {
    const { tokens } = (await api.ask('{ tokens { id name role } }')).data
    const others = tokens.filter((token: Payload) => token.role === 'ADMIN' && token.name !== 'ann')
    for (const other of others) await api.wish(revoke, { input: { id: other.id } })
    const ann = tokens.find((token: Payload) => token.name === 'ann')
    expect((await api.wish(revoke, { input: { id: ann.id } })).userErrors).toMatchObject([{ code: 'ILLEGAL_STATE' }])
    expect((await api.wish(revoke, { input: { id: 'nobody' } })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
  })
})

describe('an unexpected error', () => {
  it('is masked with an id that is in the log, once, with what happened', async () => {
    const { changes } = api.db.store
    const broken = async () => {
      throw new Error('relation "secret_table" does not exist')
    }
    Object.assign(changes, { latestSequence: broken, kept: changes.latestSequence })
    const answer = await api.ask('{ latestCursor }')
    Object.assign(changes, { latestSequence: (changes as unknown as { kept: () => Promise<number> }).kept })
    const [error] = answer.errors
    expect(answer.text).not.toContain('secret_table')
    expect(error).toMatchObject({
      extensions: { code: 'INTERNAL' },
      message: expect.stringContaining(error?.extensions?.errorId ?? 'none'),
    })
    expect(api.logged).toHaveLength(1)
    expect(api.logged[0]).toContain(error?.extensions?.errorId)
    expect(api.logged[0]).toContain('secret_table')
    expect(api.logged[0]).toContain(answer.headers.get('x-request-id'))
  })
})
