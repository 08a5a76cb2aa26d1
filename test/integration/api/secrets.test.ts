import { describe, expect, it } from 'vitest'
import { secretReader } from '../../../server/generator-sources.ts'
import { unique } from '../store/store-fixture.ts'
import { useApi } from './api-fixture.ts'

const api = useApi()

const set = `mutation($input: SetSecretInput!) { setSecret(input: $input) { secret { name project keys } userErrors { code message field } } }`
const remove = `mutation($input: RemoveSecretInput!) { removeSecret(input: $input) { name userErrors { code message } } }`

describe('secrets that generators name', () => {
  it('are set, listed without what they hold, and forgotten; sets look again each time', async () => {
    const name = unique('github')
    const data = [{ key: 'token', value: 'canary-value' }]
    expect(await api.wish(set, { input: { name, data } })).toEqual({ secret: { name, project: null, keys: ['token'] }, userErrors: [] })
    expect(api.hinted).toContain('applicationSetsChanged')
    const { text } = await api.ask('query { secrets { name project keys updatedAt } }')
    expect(text).toContain(name)
    expect(text).not.toContain('canary-value')
    expect((await api.db.store.secrets.open(name))?.data).toEqual({ token: 'canary-value' })
    expect(await api.wish(remove, { input: { name } })).toEqual({ name, userErrors: [] })
    expect((await api.wish(remove, { input: { name } })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
  })

  it('are refused where they make no sense, without repeating their values', async () => {
    const wrong = {
      name: 'Not A Name',
      project: 'nowhere',
      data: [
        { key: 'a/b', value: 'canary-value' },
        { key: 'c', value: '' },
      ],
    }
    const { text } = await api.ask(set, { input: wrong })
    for (const part of ['name', 'nowhere', 'data[0].key', 'data[1].value']) expect(text).toContain(part)
    expect(text).not.toContain('canary-value')
  })

  it('are for administrators', async () => {
    const name = unique('github')
    expect((await api.wish(set, { input: { name, data: [{ key: 'a', value: 'b' }] } }, api.tokens.readonly)).userErrors).toMatchObject([
      { code: 'FORBIDDEN' },
    ])
    expect((await api.ask('query { secrets { name } }', {}, api.tokens.readonly)).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ])
  })
})

describe('what generators may read', () => {
  it('is the secrets of every project, and those of their own', async () => {
    const { store } = api.db
    const [shared, own] = [unique('shared'), unique('own')]
    await store.secrets.put(shared, { project: null, data: { token: 's' } })
    await store.secrets.put(own, { project: 'shop', data: { token: 'o' } })
    const readSecret = secretReader(store, async ({ key }) => (key === 'mounted' ? 'm' : null))
    const read = (secretName: string, project: string | null, key = 'token') => readSecret({ secretName, key }, project)
    expect(await read(shared, 'shop')).toBe('s')
    expect(await read(shared, null)).toBe('s')
    expect(await read(own, 'shop')).toBe('o')
    expect(await read(own, 'other')).toBeNull()
    expect(await read(own, null)).toBeNull()
    expect(await read(shared, 'shop', 'toString')).toBeNull()
    expect(await read(unique('none'), 'shop')).toBeNull()
    expect(await read(unique('none'), 'shop', 'mounted')).toBe('m')
    expect(await read(shared, 'shop', 'mounted')).toBeNull()
  })
})
