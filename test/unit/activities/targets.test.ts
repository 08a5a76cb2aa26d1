import { describe, expect, it } from 'vitest'
import { applyPinned } from '../../../activities/targets.ts'
import { application, createFixture, type World } from './fixture.ts'

const { signal } = new AbortController()

function apply(world: Omit<World, 'applications'> & { readonly during?: (fixture: ReturnType<typeof createFixture>) => void }) {
  const shop = application('shop', { pinnedVersionId: 'v1', syncedVersionId: null })
  const fixture = createFixture({ ...world, applications: [shop] })
  return { fixture, applied: applyPinned(fixture.deps, shop, shop.pinGeneration, signal) }
}

describe('applying what an application is pinned to', () => {
  it('stores what was applied', async () => {
    const { fixture, applied } = apply({})
    await applied
    expect(fixture.log).toEqual(['apply shop commit-v1', 'synced shop v1'])
  })

  it('touches the cluster no more when the pin moved while it was rendered', async () => {
    const { fixture, applied } = apply({ onRender: () => fixture.change('shop', { pinnedVersionId: 'v2', pinGeneration: 2 }) })
    await expect(applied).rejects.toMatchObject({ code: 'FENCED' })
    expect(fixture.log).toEqual([])
  })

  it('touches the cluster no more when the application is being deleted by then', async () => {
    const { fixture, applied } = apply({ onRender: () => fixture.change('shop', { deletion: 'cascade' }) })
    await expect(applied).rejects.toMatchObject({ code: 'FENCED' })
    expect(fixture.log).toEqual([])
  })

  it('leaves the newer version in the cluster when the pin moved during the apply', async () => {
    const { fixture, applied } = apply({
      onApply: (_input, revision) => {
        if (revision === 'commit-v1') fixture.change('shop', { pinnedVersionId: 'v2', pinGeneration: 2, syncedVersionId: 'v2' })
      },
    })
    await expect(applied).rejects.toMatchObject({ code: 'FENCED' })
    expect(fixture.log).toEqual(['apply shop commit-v1', 'apply shop commit-v2', 'synced shop v2'])
  })

  it('is fenced, and not tried again, when an apply fails whose version is out of date', async () => {
    const { fixture, applied } = apply({
      onApply: (_input, revision) => {
        if (revision !== 'commit-v1') return
        fixture.change('shop', { pinnedVersionId: 'v2', pinGeneration: 2 })
        throw new Error('the connection broke')
      },
    })
    await expect(applied).rejects.toMatchObject({ code: 'FENCED' })
    expect(fixture.log.at(-1)).toBe('synced shop v2')
  })
})
