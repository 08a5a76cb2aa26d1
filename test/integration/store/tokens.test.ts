import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { unique, useStore } from './store-fixture.ts'

const fixture = useStore()

describe('tokens', () => {
  it('stand for whoever they were made for, until they expire', async () => {
    const { tokens } = fixture.store
    const name = unique('token')
    const { token, clear } = await tokens.create({ name, role: 'readonly', expiresAtMs: 2_000 })
    expect(clear).toMatch(/^rst_[A-Za-z0-9_-]{43}$/)
    expect(token).toEqual({ id: token.id, name, role: 'readonly', createdAtMs: fixture.nowMs, expiresAtMs: 2_000 })
    expect(await tokens.verify(clear, 1_999)).toEqual(token)
    expect(await tokens.verify(clear, 2_000)).toBeNull()
  })

  it('are unknown when anything of them differs', async () => {
    const { clear } = await fixture.store.tokens.create({ name: unique('token'), role: 'admin', expiresAtMs: null })
    for (const other of ['', 'rst_', clear.slice(4), `${clear} `, `${clear.slice(0, -2)}xx`])
      expect(await fixture.store.tokens.verify(other, 1)).toBeNull()
  })

  it('are stored as a digest only', async () => {
    const { token, clear } = await fixture.store.tokens.create({ name: unique('token'), role: 'admin', expiresAtMs: null })
    const [row] = await fixture.query<{ hash: Buffer }>('select hash from tokens where id = $1', [token.id])
    expect(row?.hash).toEqual(createHash('sha256').update(clear).digest())
  })

  it('remember when they were last used, to the minute', async () => {
    const { token, clear } = await fixture.store.tokens.create({ name: unique('token'), role: 'admin', expiresAtMs: null })
    const lastUsed = async (atMs: number) => {
      await fixture.store.tokens.verify(clear, atMs)
      return Number(
        (await fixture.query<{ last_used_at_ms: string }>('select last_used_at_ms from tokens where id = $1', [token.id]))[0]
          ?.last_used_at_ms,
      )
    }
    expect([await lastUsed(100_000), await lastUsed(159_999), await lastUsed(160_000)]).toEqual([100_000, 100_000, 160_000])
  })

  it('have names of their own', async () => {
    const name = unique('token')
    await fixture.store.tokens.create({ name, role: 'admin', expiresAtMs: null })
    await expect(fixture.store.tokens.create({ name, role: 'admin', expiresAtMs: null })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(name),
    })
  })

  it('that are revoked are unknown', async () => {
    const { token, clear } = await fixture.store.tokens.create({ name: unique('token'), role: 'admin', expiresAtMs: null })
    expect((await fixture.store.tokens.all()).map((one) => one.id)).toContain(token.id)
    await fixture.store.tokens.revoke(token.id)
    expect(await fixture.store.tokens.verify(clear, 1)).toBeNull()
    expect((await fixture.store.tokens.all()).map((one) => one.id)).not.toContain(token.id)
    await expect(fixture.store.tokens.revoke(token.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
