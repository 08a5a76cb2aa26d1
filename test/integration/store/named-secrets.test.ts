import { describe, expect, it } from 'vitest'
import { rewrap } from '../../../store/rewrap.ts'
import { createSealer } from '../../../store/sealing.ts'
import { keyA, keyB, unique, useStore } from './store-fixture.ts'

const fixture = useStore()

describe('a secret that generators name', () => {
  it('is opened by its name, and shown without what it holds', async () => {
    const { secrets } = fixture.store
    const name = unique('scm')
    const made = await secrets.put(name, { project: 'shop', data: { token: 'canary-token', extra: 'canary-extra' } })
    expect(made).toEqual({ id: made.id, name, project: 'shop', keys: ['extra', 'token'], updatedAtMs: fixture.nowMs })
    expect(await secrets.open(name)).toEqual({ project: 'shop', data: { token: 'canary-token', extra: 'canary-extra' } })
    expect(JSON.stringify(await secrets.all())).not.toContain('canary')
    const rows = await fixture.query<{ text: string }>(
      `select row_to_json(secrets)::text || encode(ciphertext, 'escape') as text from secrets join secret_data on secret_id = id`,
    )
    expect(rows).not.toEqual([])
    for (const { text } of rows) expect(text).not.toContain('canary')
  })

  it('is replaced as a whole, and gone when it is removed', async () => {
    const { secrets } = fixture.store
    const name = unique('scm')
    const { id } = await secrets.put(name, { project: null, data: { a: '1', b: '2' } })
    expect(await secrets.put(name, { project: 'shop', data: { c: '3' } })).toMatchObject({ id, project: 'shop', keys: ['c'] })
    expect(await secrets.open(name)).toEqual({ project: 'shop', data: { c: '3' } })
    expect(await secrets.remove(name)).toBe(true)
    expect(await secrets.remove(name)).toBe(false)
    expect(await secrets.open(name)).toBeNull()
  })

  it('is sealed again with a new key', async () => {
    const { secrets } = fixture.store
    const name = unique('scm')
    await secrets.put(name, { project: null, data: { token: 't' } })
    const keys = new Map([
      ['key-a', keyA],
      ['key-b', keyB],
    ])
    expect(await rewrap(fixture.databaseUrl, createSealer({ keys, currentKeyId: 'key-b' }))).toBeGreaterThan(0)
    const [row] = await fixture.query<{ key_id: string }>('select key_id from secret_data join secrets on id = secret_id where name = $1', [
      name,
    ])
    expect(row?.key_id).toBe('key-b')
  })
})
