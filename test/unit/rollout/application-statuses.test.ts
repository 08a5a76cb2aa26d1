import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applicationStatuses, type StatusInput } from '../../../fleet/rollout/application-statuses.ts'
import { anyPlan, plan, stage } from './plans.ts'
import { anyAction, World } from './world.ts'

const steps = [
  { matchExpressions: [{ key: 'env', operator: 'In', values: ['dev'] }] },
  { matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }] },
]
const application = (name: string, env: string, change: Partial<StatusInput> = {}): StatusInput => ({
  applicationId: `app-${name}`,
  applicationName: `web-${name}`,
  applicationLabels: { env },
  wantedVersionId: 'v2',
  pinnedVersionId: 'v1',
  wantedRevision: 'abc',
  healthy: true,
  ...change,
})
const applications = [application('a', 'dev'), application('b', 'dev'), application('c', 'prod')]

describe("a rollout in Argo CD's terms", () => {
  const rollout = () =>
    new World(
      plan([stage('step 1', ['a', 'b'], { maxFailures: null }), stage('step 2', ['c'], { maxFailures: null })], {
        strategy: 'RollingSync',
      }),
    )
  const said = (world: World) => applicationStatuses({ steps }, applications, world).map(({ step, status }) => `${step} ${status}`)

  it('goes from Waiting over Pending and Progressing to Healthy, step by step', () => {
    const world = rollout()
    expect(said(world)).toEqual(['1 Pending', '1 Waiting', '2 Waiting'])
    world.finish('a', 'applied')
    expect(said(world)).toEqual(['1 Progressing', '1 Waiting', '2 Waiting'])
    world.finish('a', 'healthy')
    expect(said(world)).toEqual(['1 Healthy', '1 Pending', '2 Waiting'])
    world.finish('b')
    expect(said(world)).toEqual(['1 Healthy', '1 Healthy', '2 Pending'])
  })

  it('says nothing without steps', () => {
    expect(applicationStatuses({ steps: [] }, applications, rollout())).toEqual([])
  })

  it('says of what failed that it is Progressing, and why', () => {
    const world = rollout()
    world.finish('a', 'failed')
    expect(applicationStatuses({ steps }, applications, world)[0]).toEqual({
      application: 'web-a',
      step: '1',
      status: 'Progressing',
      message: 'failed: failed it is',
      targetRevisions: ['abc'],
      lastTransitionAtMs: world.nowMs,
    })
  })

  it('is Waiting for what wants another version meanwhile, and speaks by health of what has what it wants', () => {
    const world = rollout()
    world.finish('a')
    const others = [
      application('a', 'dev', { wantedVersionId: 'v3', wantedRevision: 'def' }),
      application('x', 'prod', { pinnedVersionId: 'v2' }),
      application('y', 'prod', { pinnedVersionId: 'v2', healthy: false }),
      application('z', 'none', { wantedVersionId: null, wantedRevision: null }),
    ]
    const statuses = applicationStatuses({ steps }, others, world)
    expect(statuses.map(({ step, status, message }) => `${step} ${status}: ${message}`)).toEqual([
      '1 Waiting: waits for a rollout',
      '2 Healthy: synced and healthy',
      '2 Progressing: synced, not healthy yet',
      '-1 Waiting: no step selects it',
    ])
    expect(statuses.map(({ targetRevisions }) => targetRevisions)).toEqual([['def'], ['abc'], ['abc'], []])
    expect(applicationStatuses({ steps }, applications, null).map(({ status }) => status)).toEqual(['Waiting', 'Waiting', 'Waiting'])
  })

  it('calls Healthy only what was seen healthy at its version, whatever happens', () => {
    fc.assert(
      fc.property(anyPlan, fc.array(anyAction, { maxLength: 40 }), (anything, story) => {
        const world = new World(anything)
        for (const action of story) world.act(action)
        const all = world.targets.map(({ applicationId, applicationName }) => application('', 'dev', { applicationId, applicationName }))
        applicationStatuses({ steps }, all, world).forEach(({ status }, index) => {
          const phase = world.state.targets[world.targets[index]?.applicationId ?? '']?.phase
          expect(status === 'Healthy').toBe(phase === 'Succeeded')
        })
      }),
    )
  })
})
