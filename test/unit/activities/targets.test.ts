import { MockActivityEnvironment } from '@temporalio/testing'
import { describe, expect, it, vi } from 'vitest'
import { asActivities } from '../../../activities/failures.ts'
import { applyPinned, targetActivities } from '../../../activities/targets.ts'
import type { ApplyInput } from '../../../clusters/gateway.ts'
import type { Application, KubeObject, SyncPolicy } from '../../../fleet/application.ts'
import { type ErrorCode, FleetError } from '../../../fleet/errors.ts'
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

describe('a sync that fails', () => {
  const failing = (code: ErrorCode, attempt: number, syncPolicy: SyncPolicy = {}) => {
    const onApply = () => {
      throw new FleetError(code, 'refused')
    }
    const { deps } = createFixture({ applications: [application('shop')], onApply, syncPolicy })
    const { syncTarget } = asActivities(targetActivities(deps))
    return new MockActivityEnvironment({ attempt }).run(syncTarget, { applicationId: 'shop', versionId: 'v1', rolloutId: null })
  }

  it('is tried again as the application says', async () => {
    const retry = { retry: { limit: 2, backoff: { duration: '7s' } } }
    const refused = { type: 'APPLY_FAILED', message: 'refused' }
    await expect(failing('APPLY_FAILED', 1, retry)).rejects.toMatchObject({ ...refused, nonRetryable: false, nextRetryDelay: 7_000 })
    await expect(failing('APPLY_FAILED', 2, retry)).rejects.toMatchObject({ ...refused, nonRetryable: false, nextRetryDelay: 14_000 })
    await expect(failing('APPLY_FAILED', 3, retry)).rejects.toMatchObject({ ...refused, nonRetryable: true })
    await expect(failing('APPLY_FAILED', 5)).rejects.toMatchObject({ ...refused, nonRetryable: false, nextRetryDelay: 10_000 })
    await expect(failing('APPLY_FAILED', 6)).rejects.toMatchObject({ ...refused, nonRetryable: true })
  })

  it('for what is not its fault is tried a few times, whatever it says', async () => {
    const retry = { retry: { limit: 50 } }
    await expect(failing('CLUSTER_UNREACHABLE', 3, retry)).rejects.toMatchObject({ type: 'CLUSTER_UNREACHABLE', nonRetryable: false })
    await expect(failing('CLUSTER_UNREACHABLE', 4, retry)).rejects.toMatchObject({ type: 'CLUSTER_UNREACHABLE', nonRetryable: true })
    await expect(failing('CLUSTER_DENIED', 1, retry)).rejects.toMatchObject({ type: 'CLUSTER_DENIED', nonRetryable: true })
  })
})

describe('a sync whose version is out of date', () => {
  it('ends there although the store fails by then: another try would move the pin back', async () => {
    const fixture = createFixture({
      applications: [application('shop')],
      onApply: (_input, revision) => {
        if (revision === 'commit-v2')
          vi.spyOn(fixture.deps.store.applications, 'versions').mockRejectedValue(new Error('the store is away'))
        if (revision !== 'commit-v1') return
        fixture.change('shop', { pinnedVersionId: 'v2', pinGeneration: 2 })
        throw new FleetError('APPLY_FAILED', 'refused')
      },
    })
    const { syncTarget } = asActivities(targetActivities(fixture.deps))
    const synced = new MockActivityEnvironment().run(syncTarget, { applicationId: 'shop', versionId: 'v1', rolloutId: null })
    await expect(synced).rejects.toMatchObject({ type: 'FENCED', nonRetryable: true })
  })
})

describe('a sync by hand that is tried again', () => {
  it('does not take back what a rollout has brought meanwhile', async () => {
    const shop = application('shop', { pinnedVersionId: 'v2', syncedVersionId: 'v2', wantedVersionId: 'v2', pinGeneration: 2 })
    const fixture = createFixture({ applications: [shop] })
    const { syncTarget } = asActivities(targetActivities(fixture.deps))
    const again = new MockActivityEnvironment({ attempt: 2 }).run(syncTarget, { applicationId: 'shop', versionId: 'v1', rolloutId: null })
    await expect(again).rejects.toMatchObject({ type: 'FENCED', nonRetryable: true })
    expect(fixture.log).toEqual([])
    expect(fixture.rows.get('shop')).toEqual(shop)
  })
})

describe('hooks, which are not run yet', () => {
  const job = (name: string, hook: string): KubeObject => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations: { 'argocd.argoproj.io/hook': hook } },
  })
  const conditionsAfter = async (objects: readonly KubeObject[], before: Partial<Application> = {}) => {
    const shop = application('shop', { ...before, pinnedVersionId: 'v1', syncedVersionId: null })
    const applied: string[] = []
    const onApply = (input: ApplyInput) => applied.push(...input.manifests.map((object) => object.kind))
    const fixture = createFixture({ applications: [shop], objects, onApply })
    await applyPinned(fixture.deps, shop, shop.pinGeneration, signal)
    expect(applied).toEqual(['ConfigMap'])
    return fixture.rows.get('shop')?.status.conditions.map(({ type, status, message }) => ({ type, status, message }))
  }

  it('are named in a condition: an application that is synced would else seem to have run them', async () => {
    expect(await conditionsAfter([job('migrate', 'PreSync'), job('notify', 'PostSync')])).toEqual([
      {
        type: 'HooksSkipped',
        status: 'True',
        message: '2 hooks are not run: hooks are not supported yet. Job migrate (PreSync), Job notify (PostSync)',
      },
    ])
  })

  it('of the kind that Argo CD skips, too, are not missed', async () => {
    expect(await conditionsAfter([job('template', 'Skip')])).toEqual([])
  })

  it('that are gone take the condition with them, and leave the others', async () => {
    const condition = (type: string) => ({ type, status: 'True', reason: type, message: 'was so', lastTransitionAtMs: 1 }) as const
    const status = { ...application('shop').status, conditions: [condition('HooksSkipped'), condition('InvalidSpecError')] }
    expect(await conditionsAfter([], { status })).toEqual([{ type: 'InvalidSpecError', status: 'True', message: 'was so' }])
  })
})
