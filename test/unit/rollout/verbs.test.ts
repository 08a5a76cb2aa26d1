import { describe, expect, it } from 'vitest'
import { record } from '../../../fleet/rollout/record.ts'
import type { RolloutCommand, RolloutPhase, RolloutVerb } from '../../../fleet/rollout/state.ts'
import { verbProblem, verbTable } from '../../../fleet/rollout/verbs.ts'
import { plan, stage } from './plans.ts'
import { World } from './world.ts'

/** A rollout in each phase, with nothing special about it. */
const inPhase: Readonly<Record<RolloutPhase, () => World>> = {
  Progressing: () => new World(plan([stage('eu', ['a', 'b']), stage('us', ['c'])])),
  Paused: () => told(inPhase.Progressing(), (world) => world.command('pause')),
  RollingBack: () => told(inPhase.Progressing(), (world) => world.command('rollBack')),
  Succeeded: () => told(new World(plan([stage('eu', ['a'])])), (world) => world.finish('a')),
  RolledBack: () => told(inPhase.RollingBack(), (world) => world.finish('a')),
  Aborted: () => told(inPhase.Progressing(), (world) => world.command('abort')),
  Failed: () => told(inPhase.RollingBack(), (world) => world.finish('a', 'failed')),
}

function told(world: World, tell: (world: World) => void): World {
  tell(world)
  return world
}

const over = /^the rollout (has|was) /

/** Row by row: what each verb may do in each phase. Null is legal. */
const rows: readonly [RolloutVerb, Record<RolloutPhase, RegExp | null>][] = [
  [
    'pause',
    {
      Progressing: null,
      Paused: /paused already/,
      RollingBack: /never held back/,
      Succeeded: over,
      RolledBack: over,
      Aborted: over,
      Failed: over,
    },
  ],
  [
    'resume',
    {
      Progressing: /isn't paused/,
      Paused: null,
      RollingBack: /never held back/,
      Succeeded: over,
      RolledBack: over,
      Aborted: over,
      Failed: over,
    },
  ],
  ['abort', { Progressing: null, Paused: null, RollingBack: null, Succeeded: over, RolledBack: over, Aborted: over, Failed: over }],
  [
    'rollBack',
    {
      Progressing: null,
      Paused: null,
      RollingBack: /rolling back already/,
      Succeeded: over,
      RolledBack: over,
      Aborted: over,
      Failed: over,
    },
  ],
  [
    'approve',
    {
      Progressing: /is Running/,
      Paused: /is Running/,
      RollingBack: /nothing to approve/,
      Succeeded: over,
      RolledBack: over,
      Aborted: over,
      Failed: over,
    },
  ],
  [
    'retry',
    {
      Progressing: /nothing has failed/,
      Paused: /resume it first/,
      RollingBack: /wait until/,
      Succeeded: over,
      RolledBack: over,
      Aborted: over,
      Failed: over,
    },
  ],
]

describe('verbs by phase', () => {
  for (const [verb, row] of rows) {
    for (const [phase, expected] of Object.entries(row) as [RolloutPhase, RegExp | null][]) {
      it(`${verb} in ${phase} is ${expected === null ? 'legal' : 'refused'}`, () => {
        const world = inPhase[phase]()
        expect(world.state.phase).toBe(phase)
        const command: RolloutCommand = { id: 99, verb, actor: 'ann', atMs: world.nowMs, stage: 'eu', planDigest: 'digest-1' }
        const problem = verbProblem(world.plan, world.state, command)
        const after = record(world.plan, world.state, { type: 'command', command })
        expect(after.lastCommandId).toBe(99)
        if (expected === null) {
          expect(problem).toBeNull()
          expect(after.phase).not.toBe(phase === 'RollingBack' && verb === 'abort' ? 'RollingBack' : phase)
        } else {
          expect(problem).toMatch(expected)
          expect({ ...after, lastCommandId: 0 }).toEqual({ ...world.state, lastCommandId: 0 })
        }
      })
    }
  }

  it('has a row for each verb, and each row was looked at', () => {
    expect(rows.map(([verb]) => verb)).toEqual(Object.keys(verbTable))
  })
})

describe('approve', () => {
  const gated = () => new World(plan([stage('eu', ['a']), stage('us', ['b'], { approvalsRequired: 2 })]))
  const approval = (world: World, change: Partial<RolloutCommand> = {}) => {
    const command: RolloutCommand = { id: 50, verb: 'approve', actor: 'ann', atMs: 0, stage: 'us', planDigest: 'digest-1', ...change }
    return verbProblem(world.plan, world.state, command)
  }

  it('is refused before the stage asks for it', () => {
    expect(approval(gated())).toMatch(/doesn't ask for approval yet/)
  })

  it('is refused for another plan, without a plan, for a stage that is not there, and without a stage', () => {
    const world = gated()
    world.finish('a')
    expect(approval(world)).toBeNull()
    expect(approval(world, { planDigest: 'digest-0' })).toMatch(/digest of another plan/)
    const { id, verb, actor, atMs } = { id: 51, verb: 'approve', actor: 'ann', atMs: 0 } as const
    expect(verbProblem(world.plan, world.state, { id, verb, actor, atMs, stage: 'us' })).toMatch(/which plan/)
    expect(verbProblem(world.plan, world.state, { id, verb, actor, atMs })).toMatch(/which stage/)
    expect(approval(world, { stage: 'mars' })).toMatch(/has no stage mars; its stages are eu, us/)
    expect(approval(world, { stage: 'eu' })).toMatch(/it is Done/)
  })

  it('counts each person once, and the stage starts with the last one that it needs', () => {
    const world = gated()
    world.finish('a')
    expect(world.approve('ann')).toBeNull()
    expect(world.approve('ann')).toMatch(/ann has approved stage us already/)
    expect(world.busy).toEqual([])
    expect(world.approve('bob')).toBeNull()
    expect(world.busy).toEqual(['b'])
    expect(world.state.stages[1]?.approvals.map(({ by }) => by)).toEqual(['ann', 'bob'])
  })

  it('is taken while paused, and the stage starts after the resume', () => {
    const world = gated()
    world.finish('a')
    world.command('pause')
    world.approve('ann')
    world.approve('bob')
    expect(world.busy).toEqual([])
    world.command('resume')
    expect(world.busy).toEqual(['b'])
  })
})

describe('commands', () => {
  it('with an id that was taken in already do nothing, even if they would be legal', () => {
    const world = inPhase.Progressing()
    world.command('pause', { id: 7 })
    world.command('resume', { id: 8 })
    world.command('pause', { id: 7 })
    expect(world.state.phase).toBe('Progressing')
    expect(world.state.lastCommandId).toBe(8)
  })

  it('pause is kept with who and why', () => {
    const world = inPhase.Progressing()
    const sinceMs = world.nowMs
    world.command('pause', { actor: 'bob', reason: 'incident 12' })
    expect(world.state.pause).toEqual({ by: 'bob', reason: 'incident 12', sinceMs, cause: 'Command' })
    expect(world.state.reason).toBe('paused by bob: incident 12')
  })

  it('retry is refused when the pause was for something else than failure', () => {
    const world = new World(plan([stage('eu', ['a', 'b'], { maxFailures: 1 })]))
    world.finish('a', 'failed')
    world.command('pause')
    expect(world.command('retry')).toMatch(/resume it first/)
  })

  it('resume is refused after a stage was rolled back: going on would leave it behind', () => {
    const world = new World(plan([stage('eu', ['a', 'b']), stage('us', ['c'])], { onFailure: 'RollBackStage' }))
    world.finish('a')
    world.finish('b', 'failed')
    for (const cluster of ['b', 'a']) world.finish(cluster)
    expect(world.state.phase).toBe('Paused')
    expect(world.command('resume')).toMatch(/stage eu was rolled back; retry it/)
    expect(world.command('retry')).toBeNull()
    expect(world.busy).toEqual(['a'])
  })
})
