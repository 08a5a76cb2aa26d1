import { randomUUID } from 'node:crypto'
import { ApplicationFailure } from '@temporalio/activity'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RolloutCommand } from '../../fleet/rollout/state.ts'
import {
  type Behaviour,
  bundleForTests,
  createWorld,
  planOf,
  runRollout,
  startTimeSkipping,
  type TemporalTest,
  type World,
} from './harness.ts'

let bundle: TemporalTest['bundle']
let temporal: TemporalTest
beforeAll(async () => {
  bundle = await bundleForTests()
})
beforeEach(async () => {
  temporal = { env: await startTimeSkipping(), bundle }
})
afterEach(() => temporal.env.teardown())

const nowMs = () => Date.now()
/** The server's clock, which skips. */
const clock = () => temporal.env.currentTimeMs()
const worldOf = (plan: World['plan'], behave: (cluster: string, versionId: string) => Behaviour = () => ({})) =>
  createWorld(randomUUID(), plan, behave, clock)
const until = async (condition: () => boolean) => {
  for (let i = 0; !condition() && i < 400; i += 1) await new Promise((resolve) => setTimeout(resolve, 25))
  expect(condition()).toBe(true)
}
const command = (id: number, verb: RolloutCommand['verb'], more: Partial<RolloutCommand> = {}): RolloutCommand => ({
  id,
  verb,
  actor: 'ada',
  atMs: nowMs(),
  ...more,
})

describe('the rollout workflow', () => {
  it('takes stage after stage, and no cluster of a stage before the one in front of it is healthy', async () => {
    const world = worldOf(
      planOf([
        { name: 'eu', clusters: ['eu-1', 'eu-2'], maxConcurrent: 2 },
        { name: 'us', clusters: ['us-1'] },
      ]),
    )
    expect(await runRollout(temporal, world)).toBe('Succeeded')
    expect(world.log.at(-1)).toBe('finish')
    const firstOfUs = world.log.indexOf('sync us-1 v2')
    for (const cluster of ['eu-1', 'eu-2']) expect(world.log.indexOf(`healthy ${cluster} v2`)).toBeLessThan(firstOfUs)
  })

  it('fails a cluster that is not healthy before its deadline, and takes everything back in reverse order', async () => {
    const plan = planOf(
      [
        { name: 'eu', clusters: ['eu-1'] },
        { name: 'us', clusters: ['us-1'], progressDeadlineMs: 3_000 },
      ],
      { onFailure: 'RollBackRollout', rollbackMaxConcurrent: 1 },
    )
    const world = worldOf(plan, (cluster, version) => (cluster === 'us-1' && version === 'v2' ? { neverHealthy: true } : {}))
    expect(await runRollout(temporal, world)).toBe('RolledBack')
    expect(world.log.indexOf('sync us-1 v1')).toBeLessThan(world.log.indexOf('sync eu-1 v1'))
    expect(world.state.targets['us-1']?.phase).toBe('RolledBack')
  })

  it('counts a sync that the cluster refuses as a failure, and pauses', async () => {
    const world = worldOf(planOf([{ name: 'eu', clusters: ['eu-1', 'eu-2'] }]), (cluster) =>
      cluster === 'eu-1' ? { sync: 'refused' } : {},
    )
    const phase = await runRollout(temporal, world, async ({ wake }) => {
      await until(() => world.state.phase === 'Paused')
      expect(world.log).not.toContain('sync eu-2 v2')
      world.commands.push(command(1, 'abort'))
      await wake()
    })
    expect(phase).toBe('Aborted')
    expect(world.state.targets['eu-1']?.reason).toContain('refused by the cluster')
  })

  it('defers a cluster that cannot be reached and goes on', async () => {
    const world = worldOf(
      planOf([
        { name: 'eu', clusters: ['eu-1', 'eu-2'] },
        { name: 'us', clusters: ['us-1'] },
      ]),
      (cluster) => (cluster === 'eu-1' ? { sync: 'unreachable' } : {}),
    )
    // The watch sees nothing of it while it is away.
    Object.assign(world.activities, { observeTargets: async () => [] })
    expect(await runRollout(temporal, world)).toBe('Succeeded')
    expect(world.state.targets['eu-1']?.phase).toBe('Deferred')
    expect(world.log).toContain('healthy us-1 v2')
  })

  it('waits for an approval, and takes it once it is written down, also when the signal for it was lost before', async () => {
    const world = worldOf(planOf([{ name: 'eu', clusters: ['eu-1'], approvalsRequired: 1 }]))
    const phase = await runRollout(temporal, world, async ({ wake }) => {
      await until(() => world.state.stages[0]?.phase === 'AwaitingApproval')
      expect(world.log).toEqual([])
      world.commands.push(command(1, 'approve', { stage: 'eu', planDigest: 'plan-1' }))
      await wake()
    })
    expect(phase).toBe('Succeeded')
    expect(world.state.stages[0]?.approvals.map(({ by }) => by)).toEqual(['ada'])
  })

  it('halts within five seconds of an abort: work under way is cancelled, nothing new starts', async () => {
    const world = worldOf(planOf([{ name: 'eu', clusters: ['eu-1', 'eu-2'] }]), () => ({ neverHealthy: true }))
    let haltedMs = Number.POSITIVE_INFINITY
    const phase = await runRollout(temporal, world, async ({ wake }) => {
      await until(() => world.state.targets['eu-1']?.phase === 'Verifying')
      const abortedAtMs = nowMs()
      world.commands.push(command(1, 'abort'))
      await wake()
      await until(() => world.log.includes('cancelled eu-1'))
      haltedMs = nowMs() - abortedAtMs
    })
    expect(phase).toBe('Aborted')
    expect(haltedMs).toBeLessThan(5_000)
    expect(world.log).not.toContain('sync eu-2 v2')
  })

  it.each(['abort', 'pause'] as const)('takes up a command to %s at once while a refused sync waits for its next try', async (verb) => {
    const simulated = worldOf(planOf([{ name: 'eu', clusters: ['eu-1', 'eu-2'] }]))
    const syncTarget = async () => {
      simulated.log.push('refused')
      throw ApplicationFailure.create({ type: 'APPLY_FAILED', message: 'refused', nextRetryDelay: '1h' })
    }
    const world = { ...simulated, activities: { ...simulated.activities, syncTarget } }
    let tookMs = Number.NaN
    await runRollout(temporal, world, async ({ wake }) => {
      await until(() => world.log.includes('refused'))
      const atMs = nowMs()
      world.commands.push(command(1, verb))
      await wake()
      const wanted = verb === 'abort' ? 'Aborted' : 'Paused'
      await until(() => world.saved.some(({ head }) => head.phase === wanted))
      tookMs = nowMs() - atMs
      if (verb === 'abort') return
      world.commands.push(command(2, 'abort'))
      await wake()
    })
    expect(tookMs).toBeLessThan(5_000)
  })

  it('bakes for the time that was asked for before it goes on', async () => {
    const world = worldOf(
      planOf([
        { name: 'eu', clusters: ['eu-1'], bakeMs: 3_600_000 },
        { name: 'us', clusters: ['us-1'] },
      ]),
    )
    expect(await runRollout(temporal, world)).toBe('Succeeded')
    const [eu, us] = world.state.stages
    expect((us?.startedAtMs ?? 0) - (eu?.startedAtMs ?? 0)).toBeGreaterThanOrEqual(3_600_000)
  })

  it('goes on from the store when it is started again, and does nothing twice', async () => {
    const world = worldOf(
      planOf([
        { name: 'eu', clusters: ['eu-1'] },
        { name: 'us', clusters: ['us-1'] },
      ]),
      (cluster) => (cluster === 'us-1' ? { neverHealthy: true } : {}),
    )
    const { env } = temporal
    await runRollout(temporal, world, async () => {
      await until(() => world.state.targets['us-1']?.phase === 'Verifying')
      await env.client.workflow.getHandle(`rollout/${world.rolloutId}`).terminate('as a lost Temporal database would')
    }).catch(() => undefined)
    const again = createWorld(`${world.rolloutId}-again`, world.plan, () => ({}), clock)
    again.state = world.state
    again.sequence = world.sequence
    expect(await runRollout(temporal, again)).toBe('Succeeded')
    // us-1 was applied before: only its health was waited for.
    expect(again.log).toEqual(['healthy us-1 v2', 'finish'])
  })

  it('saves only what changed', async () => {
    const world = worldOf(planOf([{ name: 'eu', clusters: ['eu-1', 'eu-2', 'eu-3'] }]))
    expect(await runRollout(temporal, world)).toBe('Succeeded')
    for (const delta of world.saved) expect(Object.keys(delta.changedTargets).length).toBeLessThanOrEqual(2)
  })
})
