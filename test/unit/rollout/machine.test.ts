import { describe, expect, it } from 'vitest'
import { compactState } from '../../../fleet/rollout/draft.ts'
import { advance, next } from '../../../fleet/rollout/next.ts'
import { startRollout } from '../../../fleet/rollout/start.ts'
import type { RolloutEvent } from '../../../fleet/rollout/state.ts'
import { summarize } from '../../../fleet/rollout/summary.ts'
import { wantedWork } from '../../../fleet/rollout/work.ts'
import { plan, stage, target } from './plans.ts'
import { World } from './world.ts'

const messages = (world: World) => world.tell([]).waits.map(({ message }) => message)

describe('stages', () => {
  it('go one after the other, with as many at once as each allows', () => {
    const world = new World(plan([stage('eu', ['a', 'b', 'c'], { maxConcurrent: 2 }), stage('us', ['d'])]))
    expect(world.busy).toEqual(['a', 'b'])
    world.finish('b')
    expect(world.busy).toEqual(['a', 'c'])
    world.finish('a')
    expect(world.busy).toEqual(['c'])
    world.finish('c')
    expect(world.busy).toEqual(['d'])
    world.finish('d')
    expect(world.state.phase).toBe('Succeeded')
    expect(world.state.reason).toBe('4 of 4 healthy at the new version')
  })

  it('say why the next one waits', () => {
    const world = new World(plan([stage('eu-west', ['a', 'b'], { maxConcurrent: 2 }), stage('us-east', ['c'])]))
    world.finish('a')
    world.finish('b', 'applied')
    expect(messages(world)).toEqual([
      'stage us-east waits for stage eu-west: 1 of 2 clusters healthy, 1 verifying',
      'b (synced, not healthy yet)',
    ])
  })

  it('a plan without stages succeeds at once', () => {
    expect(new World(plan([])).state).toMatchObject({ phase: 'Succeeded', reason: 'nothing to change' })
  })

  it('a target that left the fleet is skipped, and a stage of which all left is passed', () => {
    const world = new World(plan([stage('eu', ['a', 'b']), stage('us', ['c'])]))
    world.tell([{ type: 'gone', applicationId: 'app-a', atMs: world.nowMs, reason: 'cluster a was removed' }])
    expect(world.busy).toEqual(['b'])
    world.tell([{ type: 'gone', applicationId: 'app-b', atMs: world.nowMs, reason: 'cluster b was removed' }])
    expect(world.busy).toEqual(['c'])
  })

  it('a stage that left the fleet before its turn asks nobody for approval', () => {
    const world = new World(plan([stage('eu', ['a']), stage('us', ['b'], { approvalsRequired: 1 }), stage('ap', ['c'])]))
    world.tell([{ type: 'gone', applicationId: 'app-b', atMs: world.nowMs, reason: 'removed' }])
    world.finish('a')
    expect(world.busy).toEqual(['c'])
  })
})

describe('done', () => {
  it('takes the version applied, and health seen after that', () => {
    const world = new World(plan([stage('eu', ['a'])]))
    const event = (type: 'applied' | 'healthy', atMs: number): RolloutEvent => ({ type, applicationId: 'app-a', attempt: 1, atMs })
    world.tell([event('healthy', 10)])
    expect(world.phaseOf('a')).toBe('Syncing')
    world.tell([event('applied', 20)])
    world.tell([event('healthy', 19)])
    expect(world.phaseOf('a')).toBe('Verifying')
    world.tell([event('healthy', 20)])
    expect(world.phaseOf('a')).toBe('Succeeded')
  })

  it('is not undone by an attempt before', () => {
    const world = new World(plan([stage('eu', ['a'])]))
    world.finish('a', 'failed')
    world.command('retry')
    world.tell([{ type: 'failed', applicationId: 'app-a', attempt: 1, atMs: world.nowMs, reason: 'zombie' }])
    expect(world.phaseOf('a')).toBe('Syncing')
    expect(world.work).toMatchObject([{ attempt: 2, applied: false, direction: 'forward', versionId: 'v2' }])
  })

  it('is taken up where it was: work that was applied says so', () => {
    const world = new World(plan([stage('eu', ['a'])]))
    world.finish('a', 'applied')
    expect(world.work).toEqual([
      {
        applicationId: 'app-a',
        clusterId: 'cluster-a',
        versionId: 'v2',
        attempt: 1,
        direction: 'forward',
        deadlineAtMs: world.nowMs + 60_000,
        applied: true,
      },
    ])
  })
})

describe('failures', () => {
  it('within the budget are tolerated, and named at the end', () => {
    const world = new World(plan([stage('eu', ['a', 'b'], { maxFailures: 1 })]))
    world.finish('a', 'failed')
    world.finish('b')
    expect(world.state).toMatchObject({ phase: 'Succeeded', reason: '1 of 2 healthy at the new version; failed: a' })
  })

  it('beyond it pause: nothing new starts, and what is in flight goes on', () => {
    const world = new World(plan([stage('eu', ['a', 'b', 'c'], { maxConcurrent: 2 })]))
    world.finish('a', 'failed')
    expect(world.state).toMatchObject({ phase: 'Paused', pause: { by: 'roadstead', cause: 'FailureBudget' } })
    expect(world.state.reason).toBe('stage eu tolerates 0 failed, and has 1: a (failed it is)')
    expect(world.busy).toEqual(['b'])
    world.finish('b')
    expect(world.phaseOf('b')).toBe('Succeeded')
    expect(world.phaseOf('c')).toBe('Pending')
  })

  it('are accepted by a resume, after which the budget starts anew', () => {
    const world = new World(plan([stage('eu', ['a', 'b', 'c'])]))
    world.finish('a', 'failed')
    world.command('resume')
    expect(world.busy).toEqual(['b'])
    world.finish('b', 'failed')
    expect(world.state.phase).toBe('Paused')
    world.command('resume')
    world.finish('c')
    expect(world.state).toMatchObject({ phase: 'Succeeded', reason: '1 of 3 healthy at the new version; failed: a, b' })
  })

  it('are tried again by a retry, with the canary first', () => {
    const world = new World(plan([stage('eu', [target('a', { canary: true }), 'b'])]))
    world.finish('a', 'failed')
    expect(world.state.reason).toBe('canary a of stage eu failed: failed it is')
    world.command('retry')
    expect(world.state.phase).toBe('Progressing')
    expect(world.busy).toEqual(['a'])
  })

  it('a deadline that passes is one, and says so', () => {
    const world = new World(plan([stage('eu', ['a', 'b'], { maxConcurrent: 2 })]))
    world.finish('a', 'applied')
    expect(world.tell([], 59_999).wakeAtMs).toBe(world.nowMs + 1)
    expect(world.state.phase).toBe('Progressing')
    world.tell([], 1)
    expect(world.state.targets['app-a']?.reason).toBe('applied, but not healthy within its progress deadline of 1m')
    expect(world.state.targets['app-b']?.reason).toBe('not applied within its progress deadline of 1m')
    expect(world.state.phase).toBe('Paused')
  })

  it('of the whole rollout have a budget of their own', () => {
    const world = new World(
      plan([stage('eu', ['a', 'b'], { maxFailures: 1 }), stage('us', ['c', 'd'], { maxFailures: 1 })], { maxFailures: 1 }),
    )
    world.finish('a', 'failed')
    world.finish('b')
    world.finish('c', 'failed')
    expect(world.state).toMatchObject({ phase: 'Paused', reason: 'the rollout tolerates 1 failed, and has 2: a, c' })
  })

  it('a stage in which nothing succeeded is no pass, even within its budget', () => {
    const world = new World(plan([stage('eu', ['a'], { maxFailures: 1 }), stage('us', ['b'])]))
    world.finish('a', 'failed')
    expect(world.state).toMatchObject({ phase: 'Paused', reason: 'no cluster of stage eu succeeded; 1 failed: a' })
    world.command('resume')
    expect(world.busy).toEqual(['b'])
  })

  it('that were accepted are not why it pauses later', () => {
    const world = new World(plan([stage('eu', ['a', 'b', 'c'], { maxConcurrent: 2, maxFailures: 1 })], { onFailure: 'RollBackCluster' }))
    world.finish('a', 'failed')
    world.finish('b', 'failed')
    world.finish('a')
    world.finish('b', 'unreachable')
    world.command('resume')
    world.finish('c', 'failed')
    expect(world.state).toMatchObject({
      phase: 'Paused',
      reason: 'no cluster of stage eu succeeded; 1 failed: c',
      pause: { cause: 'FailureBudget' },
    })
  })

  it('of an earlier stage can be retried: that stage comes first again, and nothing new starts after it', () => {
    const world = new World(plan([stage('eu', ['a', 'b'], { maxFailures: 1 }), stage('us', ['c', 'd'])]))
    world.finish('a', 'failed')
    world.finish('b')
    expect(world.busy).toEqual(['c'])
    world.command('retry')
    expect(world.busy).toEqual(['a', 'c'])
    world.finish('c')
    expect(world.busy).toEqual(['a'])
    world.finish('a')
    expect(world.busy).toEqual(['d'])
  })
})

describe('rolling back', () => {
  const stages = [stage('eu', ['a', 'b']), stage('us', ['c', 'd', 'e'], { maxConcurrent: 2 })]
  const intoUs = (onFailure: 'RollBackCluster' | 'RollBackStage' | 'RollBackRollout') => {
    const world = new World(plan(stages, { onFailure }))
    world.finish('a')
    world.finish('b')
    expect(world.busy).toEqual(['c', 'd'])
    return world
  }

  it('the rollout: everything that moved, last first, in-flight work dropped at once, to what ran before', () => {
    const world = intoUs('RollBackRollout')
    world.finish('c', 'failed')
    expect(world.state.phase).toBe('RollingBack')
    expect(world.work.map(({ clusterId, versionId, direction, attempt }) => ({ clusterId, versionId, direction, attempt }))).toEqual([
      { clusterId: 'cluster-c', versionId: 'v1', direction: 'back', attempt: 2 },
      { clusterId: 'cluster-d', versionId: 'v1', direction: 'back', attempt: 2 },
    ])
    world.finish('d')
    expect(world.busy).toEqual(['b', 'c'])
    for (const cluster of ['c', 'b', 'a']) world.finish(cluster)
    expect(world.state).toMatchObject({ phase: 'RolledBack', finishedAtMs: world.nowMs })
    expect(world.state.reason).toBe('stage us tolerates 0 failed, and has 1: c (failed it is); went back: a, b, c, d')
    expect(world.phaseOf('e')).toBe('Pending')
  })

  it('the stage: the stages before it stay, and it ends paused', () => {
    const world = intoUs('RollBackStage')
    world.finish('c', 'failed')
    expect(world.busy).toEqual(['c', 'd'])
    world.finish('c')
    world.finish('d')
    expect(world.state.phase).toBe('Paused')
    expect(world.phaseOf('b')).toBe('Succeeded')
    expect(world.state.stages.map(({ phase }) => phase)).toEqual(['Done', 'Stopped'])
    world.command('retry')
    expect(world.busy).toEqual(['c', 'd'])
  })

  it('the cluster: the others in flight go on, and it ends paused', () => {
    const world = intoUs('RollBackCluster')
    world.finish('c', 'failed')
    expect(world.work.map(({ clusterId, direction }) => [clusterId, direction])).toEqual([
      ['cluster-c', 'back'],
      ['cluster-d', 'forward'],
    ])
    world.finish('c')
    expect(world.state.phase).toBe('Paused')
    world.finish('d', 'failed')
    expect(world.state.phase).toBe('RollingBack')
    world.finish('d')
    world.command('resume')
    expect(world.busy).toEqual(['e'])
    world.finish('e')
    expect(world.state).toMatchObject({ phase: 'Succeeded', reason: '3 of 5 healthy at the new version; went back: c, d' })
  })

  it('is not held back by a pause before it', () => {
    const world = intoUs('RollBackRollout')
    world.command('pause')
    world.finish('c', 'failed')
    expect(world.state.phase).toBe('RollingBack')
  })

  it('skips what is new: there is nothing to go back to', () => {
    const world = new World(plan([stage('eu', ['a', target('b', { fromVersionId: null })])], { onFailure: 'RollBackRollout' }))
    world.finish('a')
    world.finish('b', 'failed')
    expect(world.state.targets['app-b']).toMatchObject({ phase: 'Skipped', note: 'noWayBack' })
    expect(world.state.targets['app-b']?.reason).toBe('new in this rollout: nothing to go back to; before: failed it is')
  })

  it('ends Failed when something could not go back, and says what', () => {
    const world = intoUs('RollBackRollout')
    world.command('rollBack', { actor: 'bob', reason: 'wrong day' })
    world.finish('d', 'failed')
    for (const cluster of ['c', 'b']) world.finish(cluster)
    world.tell([], 60_000)
    expect(world.state.phase).toBe('Failed')
    expect(world.state.reason).toBe('rolled back by bob: wrong day; went back: b, c; could not go back: a, d')
  })

  it('takes deferred clusters back too, so that they do not catch up to what was given up', () => {
    const world = intoUs('RollBackRollout')
    world.finish('c', 'unreachable')
    world.command('rollBack')
    expect(world.busy).toEqual(['d', 'e'])
    world.finish('e')
    world.finish('c', 'unreachable')
    expect(world.state.targets['app-c']).toMatchObject({ phase: 'Deferred', note: 'back' })
    world.observe('c', 'v2', true)
    expect(world.phaseOf('c')).toBe('Deferred')
    world.observe('c', 'v1', true)
    expect(world.phaseOf('c')).toBe('RolledBack')
  })
})

describe('canaries', () => {
  it('go alone, and the others follow when all of them are healthy', () => {
    const world = new World(
      plan([stage('eu', [target('a', { canary: true }), target('b', { canary: true }), 'c', 'd'], { maxConcurrent: 3 })]),
    )
    expect(world.busy).toEqual(['a', 'b'])
    expect(messages(world)[0]).toBe('stage eu holds 2 clusters back until its canaries are healthy: a (being synced), b (being synced)')
    world.finish('a')
    expect(world.busy).toEqual(['b'])
    world.finish('b')
    expect(world.busy).toEqual(['c', 'd'])
  })

  it('that are tried again wait until the others in flight are through, and hold the rest back', () => {
    const world = new World(plan([stage('eu', [target('a', { canary: true }), 'b', 'c'], { maxConcurrent: 2, maxFailures: 1 })]))
    world.finish('a', 'failed')
    world.command('resume')
    expect(world.busy).toEqual(['b', 'c'])
    world.command('retry')
    expect(world.busy).toEqual(['b', 'c'])
    world.finish('b')
    world.finish('c')
    expect(world.busy).toEqual(['a'])
  })

  it('tolerate no failure, whatever the budget: what the plan says happens at once', () => {
    const world = new World(plan([stage('eu', [target('a', { canary: true }), 'b'], { maxFailures: 2 })], { onFailure: 'RollBackRollout' }))
    world.finish('a', 'failed')
    expect(world.state).toMatchObject({ phase: 'RollingBack', reason: 'canary a of stage eu failed: failed it is' })
  })

  it('that cannot be reached prove nothing: it pauses until somebody decides', () => {
    const world = new World(plan([stage('eu', [target('a', { canary: true }), 'b'])]))
    world.finish('a', 'unreachable')
    expect(world.state).toMatchObject({ phase: 'Paused', pause: { cause: 'Unreachable' } })
    world.command('resume')
    expect(world.busy).toEqual(['b'])
  })
})

describe('bakes', () => {
  const baking = () => {
    const world = new World(plan([stage('eu', ['a', 'b'], { maxConcurrent: 2, bakeMs: 10_000 }), stage('us', ['c'])]))
    world.tell([], 500)
    world.finish('a')
    world.tell([], 500)
    world.finish('b')
    expect(world.state.stages[0]?.phase).toBe('Baking')
    return world
  }

  it('count from the last success, and wake at their end', () => {
    const world = baking()
    expect(world.tell([]).wakeAtMs).toBe(world.nowMs + 10_000)
    world.tell([], 9_999)
    expect(world.busy).toEqual([])
    world.tell([], 1)
    expect(world.busy).toEqual(['c'])
  })

  it('stand still while paused', () => {
    const world = baking()
    world.tell([], 4_000)
    world.command('pause')
    world.tell([], 60_000)
    world.command('resume')
    world.tell([], 5_999)
    expect(world.busy).toEqual([])
    world.tell([], 1)
    expect(world.busy).toEqual(['c'])
  })

  it('behind a stage that is tried again count on, wake nobody at their end, and end as soon as it is their turn', () => {
    const world = new World(plan([stage('eu', ['a']), stage('us', ['b'], { bakeMs: 5_000 }), stage('ap', ['c'])]))
    world.finish('a', 'failed')
    world.command('resume')
    world.finish('b')
    world.command('retry')
    const { wakeAtMs, waits } = world.tell([], 10_000)
    expect(wakeAtMs).toBe(world.nowMs + 50_000)
    expect(waits.map(({ message }) => message)).toContain(
      'stage us waits for stage eu, tried again: 0 of 1 clusters healthy, 1 being synced',
    )
    expect(world.busy).toEqual(['a'])
    world.finish('a')
    expect(world.busy).toEqual(['c'])
  })

  it('start again after bad health and after another version, say why, and count from when all is good', () => {
    const world = baking()
    world.tell([], 9_000)
    world.observe('a', 'v2', false, 'Deployment web: 0 of 2 available')
    expect(messages(world)[0]).toBe('stage eu starts its bake again once these are good: a (not healthy: Deployment web: 0 of 2 available)')
    world.tell([], 20_000)
    world.observe('a', 'v2', true)
    world.tell([], 5_000)
    world.observe('b', 'v1', true)
    world.observe('b', 'v2', true)
    world.tell([], 9_999)
    expect(world.busy).toEqual([])
    world.tell([], 1)
    expect(world.busy).toEqual(['c'])
  })

  it('don’t mind what was seen before the success', () => {
    const world = baking()
    world.tell([{ type: 'observed', applicationId: 'app-a', versionId: 'v1', healthy: false, atMs: world.nowMs - 600, reason: 'old' }])
    expect(world.state.stages[0]?.bakingSinceMs).not.toBeNull()
  })

  it('start again also when the bad news comes together with the good', () => {
    const world = baking()
    world.tell([], 9_000)
    const seen = { type: 'observed', applicationId: 'app-a', atMs: world.nowMs, reason: '' } as const
    world.tell([
      { ...seen, versionId: 'v2', healthy: false },
      { ...seen, versionId: 'v2', healthy: true },
    ])
    world.tell([], 9_999)
    expect(world.busy).toEqual([])
    world.tell([], 1)
    expect(world.busy).toEqual(['c'])
  })

  it('what stays bad for longer than the progress deadline has failed', () => {
    const world = baking()
    world.observe('a', 'v2', false, 'crash loop')
    expect(world.tell([], 59_999).wakeAtMs).toBe(world.nowMs + 1)
    world.tell([], 1)
    expect(world.phaseOf('a')).toBe('Failed')
    expect(world.state.phase).toBe('Paused')
  })
})

describe('clusters that cannot be reached', () => {
  it('are deferred, don’t block their stage, are named at the end, and catch up', () => {
    const world = new World(plan([stage('eu', ['a', 'b', 'c'])]))
    world.finish('a', 'unreachable')
    world.finish('b', 'unreachable')
    world.observe('a', 'v2', false)
    expect(world.phaseOf('a')).toBe('Deferred')
    world.observe('a', 'v2', true)
    expect(world.phaseOf('a')).toBe('Succeeded')
    world.finish('c')
    expect(world.state).toMatchObject({
      phase: 'Succeeded',
      reason: '2 of 3 healthy at the new version; deferred until they can be reached: b',
    })
  })

  it('have not caught up by what was seen before their start', () => {
    const world = new World(plan([stage('eu', ['a', 'b'])]))
    world.finish('a', 'unreachable')
    world.tell([{ type: 'observed', applicationId: 'app-a', versionId: 'v2', healthy: true, atMs: world.nowMs - 1, reason: '' }])
    expect(world.phaseOf('a')).toBe('Deferred')
  })

  it('fail beyond the cap, and by policy', () => {
    const capped = new World(plan([stage('eu', ['a', 'b', 'c'])], { unreachable: { policy: 'Defer', max: 1 } }))
    capped.finish('a', 'unreachable')
    capped.finish('b', 'unreachable')
    expect(capped.phaseOf('b')).toBe('Failed')
    expect(capped.state.targets['app-b']?.reason).toBe('unreachable it is; not deferred, since 1 of at most 1 are already')
    const strict = new World(plan([stage('eu', ['a'])], { unreachable: { policy: 'Fail', max: 9 } }))
    strict.finish('a', 'unreachable')
    expect(strict.phaseOf('a')).toBe('Failed')
  })

  it('a stage of nothing else is no pass: it pauses, and goes on when somebody accepts it or tries again', () => {
    const world = new World(plan([stage('eu', ['a']), stage('us', ['b'])]))
    world.finish('a', 'unreachable')
    expect(world.state).toMatchObject({ phase: 'Paused', reason: "no cluster of stage eu succeeded; 1 can't be reached: a" })
    world.command('retry')
    expect(world.busy).toEqual(['a'])
    world.finish('a', 'unreachable')
    world.command('resume')
    expect(world.busy).toEqual(['b'])
  })
})

describe('RollingSync', () => {
  const rolling = (change = {}) =>
    new World(
      plan(
        [
          stage('step 1', ['a', 'b'], { maxFailures: null, progressDeadlineMs: null, ...change }),
          stage('step 2', ['c'], { maxFailures: null, progressDeadlineMs: null }),
        ],
        { strategy: 'RollingSync' },
      ),
    )

  it('waits for ever, and a failure pauses nothing but keeps its place, as in Argo CD', () => {
    const world = rolling()
    expect(world.tell([], 90_000_000).wakeAtMs).toBeNull()
    world.finish('a', 'failed')
    expect(world.state.phase).toBe('Progressing')
    expect(world.busy).toEqual([])
    expect(messages(world)).toContain('a (failed: failed it is)')
    world.observe('a', 'v2', true)
    expect(world.phaseOf('a')).toBe('Succeeded')
    expect(world.busy).toEqual(['b'])
  })

  it('starts the next step only when all of this one are healthy', () => {
    const world = rolling({ maxConcurrent: 2 })
    world.finish('a', 'failed')
    world.finish('b', 'unreachable')
    expect(world.busy).toEqual([])
    world.observe('a', 'v2', true)
    expect(world.busy).toEqual([])
    world.observe('b', 'v2', true)
    expect(world.busy).toEqual(['c'])
  })

  it('a step by hand starts nothing, and counts what somebody synced, also ahead of its turn', () => {
    const world = rolling({ manual: true })
    expect(world.busy).toEqual([])
    expect(messages(world)[0]).toBe('stage step 1 waits for 2 clusters to be synced by hand')
    world.observe('a', 'v2', false)
    world.observe('b', 'v1', true)
    world.observe('b', 'v2', true)
    expect(world.phaseOf('a')).toBe('Pending')
    world.observe('a', 'v2', true)
    expect(world.busy).toEqual(['c'])
  })
})

describe('AllAtOnce', () => {
  it('goes through all of it whatever fails, and ends Failed with their names', () => {
    const world = new World(plan([stage('all', ['a', 'b'], { maxFailures: null, maxConcurrent: 1 })], { strategy: 'AllAtOnce' }))
    world.finish('a', 'failed')
    world.finish('b')
    expect(world.state).toMatchObject({ phase: 'Failed', reason: '1 of 2 healthy at the new version; failed: a' })
  })
})

describe('an abort', () => {
  it('leaves everything where it is', () => {
    const world = new World(plan([stage('eu', ['a', 'b'])]))
    world.finish('a')
    world.command('abort', { actor: 'bob' })
    expect(world.work).toEqual([])
    expect([world.phaseOf('a'), world.phaseOf('b')]).toEqual(['Succeeded', 'Syncing'])
    expect(world.state.reason).toBe('aborted by bob')
  })
})

describe('ten thousand targets', () => {
  const clusters = Array.from({ length: 10_000 }, (_, i) => `c${i}`)
  const big = plan([stage('all', clusters, { maxConcurrent: 100, progressDeadlineMs: null })])

  it('are taken through in batches, and travel compactly', { timeout: 30_000 }, () => {
    let step = next(big, startRollout(big, 0), 0)
    expect(JSON.stringify(compactState(step.state)).length).toBeLessThan(30_000)
    let batches = 0
    while (step.state.phase === 'Progressing') {
      const events = wantedWork(big, step.state).flatMap(({ applicationId, attempt }): RolloutEvent[] => [
        { type: 'applied', applicationId, attempt, atMs: batches },
        { type: 'healthy', applicationId, attempt, atMs: batches },
      ])
      const from = batches % 20 === 0 ? compactState(step.state) : step.state
      step = advance(big, from, events, batches)
      batches += 1
    }
    expect(step.state.phase).toBe('Succeeded')
    expect(batches).toBe(100)
    expect(summarize(big, step.state).total.succeeded).toBe(10_000)
  })
})
