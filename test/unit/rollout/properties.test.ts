import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { next } from '../../../fleet/rollout/next.ts'
import type { PlannedStage, RolloutPlan } from '../../../fleet/rollout/plan.ts'
import { record } from '../../../fleet/rollout/record.ts'
import { finalPhases, type RolloutState, type TargetState } from '../../../fleet/rollout/state.ts'
import { summarize } from '../../../fleet/rollout/summary.ts'
import { wantedWork } from '../../../fleet/rollout/work.ts'
import { anyPlan } from './plans.ts'
import { type Action, anyAction, type Seen, World } from './world.ts'

// Hundreds of long stories, on machines that have other things to do.
vi.setConfig({ testTimeout: 120_000 })

const runs = { numRuns: 400 }
const anyStory = fc.array(anyAction, { minLength: 1, maxLength: 80, size: 'max' })

/** Lets a story happen, and hands each of its steps to `check`. */
function holds(check: (seen: Seen, world: World) => void): void {
  fc.assert(
    fc.property(anyPlan, anyStory, (plan, story: readonly Action[]) => {
      const world = new World(plan, check)
      for (const action of story) world.act(action)
    }),
    runs,
  )
}

/** Targets that this step started towards the new version, with their stage. */
function started(plan: RolloutPlan, { recorded, after }: Pick<Seen, 'recorded' | 'after'>) {
  return plan.stages.flatMap((stage, index) =>
    stage.targets
      .filter(({ applicationId }) => {
        const [was, is] = [recorded.targets[applicationId], after.targets[applicationId]]
        return is?.phase === 'Syncing' && was?.attempt !== is.attempt
      })
      .map((target) => ({ target, stage, index })),
  )
}

function statesOf(stage: PlannedStage, state: RolloutState): readonly TargetState[] {
  return stage.targets.flatMap(({ applicationId }) => state.targets[applicationId] ?? [])
}

const underWay = (target: TargetState) => target.phase === 'Syncing' || target.phase === 'Verifying'
const failed = (target: TargetState) => ['Failed', 'RolledBack', 'RollbackFailed'].includes(target.phase) && target.accepted !== true

describe('under any plan and any sequence of events, commands and time', () => {
  it('a stage never has more targets under way than it allows, nor a rollback', () => {
    holds(({ after }, { plan }) => {
      let returning = 0
      for (const stage of plan.stages) {
        const states = statesOf(stage, after)
        expect(states.filter(underWay).length).toBeLessThanOrEqual(stage.maxConcurrent)
        returning += states.filter(({ phase }) => phase === 'RollbackSyncing' || phase === 'RollbackVerifying').length
      }
      expect(returning).toBeLessThanOrEqual(plan.rollbackMaxConcurrent)
    })
  })

  it('no target starts before all stages before its own are done', () => {
    holds((seen, { plan }) => {
      for (const { index } of started(plan, seen)) {
        for (const earlier of seen.after.stages.slice(0, index)) expect(earlier.phase).toBe('Done')
      }
    })
  })

  it('a stage is done only when each of its targets is through, and something succeeded or was accepted or left the fleet', () => {
    holds(({ after, recorded }, { plan }) => {
      plan.stages.forEach((stage, index) => {
        if (after.stages[index]?.phase !== 'Done' || recorded.stages[index]?.phase === 'Done') return
        const states = statesOf(stage, after)
        expect(states.some(({ phase }) => phase === 'Pending' || phase.startsWith('RollbackP') || phase.endsWith('ing'))).toBe(false)
        if (plan.strategy === 'RollingSync') {
          expect(states.every(({ phase, note }) => phase === 'Succeeded' || (phase === 'Skipped' && note === 'gone'))).toBe(true)
        } else if (plan.strategy === 'Staged') {
          const excused = states.every(({ accepted, note }) => accepted === true || note === 'gone')
          expect(excused || states.some(({ phase }) => phase === 'Succeeded')).toBe(true)
        }
      })
    })
  })

  it('no target starts once a failure budget is breached', () => {
    holds((seen, { plan }) => {
      if (started(plan, seen).length === 0) return
      let all = 0
      for (const [index, stage] of plan.stages.entries()) {
        const failures = statesOf(stage, seen.recorded).filter(failed).length
        all += failures
        const atWork = ['Running', 'Baking'].includes(seen.recorded.stages[index]?.phase ?? '')
        if (atWork && stage.maxFailures !== null) expect(failures).toBeLessThanOrEqual(stage.maxFailures)
      }
      const some = plan.stages.some(
        (stage, i) => seen.recorded.stages[i]?.phase === 'Running' && statesOf(stage, seen.recorded).some(failed),
      )
      if (plan.maxFailures !== null && some) expect(all).toBeLessThanOrEqual(plan.maxFailures)
    })
  })

  it('canaries go first and alone, and no other target of their stage starts until all of them succeeded, left or were accepted', () => {
    holds((seen, { plan }) => {
      for (const { target, stage } of started(plan, seen)) {
        const others = stage.targets
          .filter((other) => other.canary !== target.canary)
          .flatMap((other) => seen.after.targets[other.applicationId] ?? [])
        if (target.canary) expect(others.filter(underWay)).toEqual([])
        else expect(others.every(({ phase, accepted, note }) => phase === 'Succeeded' || accepted === true || note === 'gone')).toBe(true)
      }
    })
  })

  it('nothing starts while paused, rolling back or over; and a manual stage starts nothing at all', () => {
    holds((seen, { plan }) => {
      const starts = started(plan, seen)
      if (starts.length === 0) return
      expect(seen.recorded.phase).toBe('Progressing')
      for (const { stage } of starts) expect(stage.manual).toBe(false)
    })
  })

  it('pauses by itself only with something that failed or cannot be reached', () => {
    holds(({ recorded, after }) => {
      if (after.pause === null || after.pause.cause === 'Command' || after.pause === recorded.pause) return
      // After a rollback of a stage or cluster it is paused even if what failed has left the fleet meanwhile.
      if (recorded.phase === 'RollingBack') return
      const targets = Object.values(after.targets)
      if (after.pause.cause === 'Unreachable')
        expect(targets.some(({ phase, accepted }) => phase === 'Deferred' && accepted !== true)).toBe(true)
      else expect(targets.some((target) => failed(target) || target.note === 'noWayBack' || target.note === 'back')).toBe(true)
    })
  })

  it('nothing starts in a stage without its approvals, each by another person for this very plan', () => {
    holds((seen, { plan }) => {
      for (const { stage, index } of started(plan, seen)) {
        const approvals = seen.after.stages[index]?.approvals ?? []
        expect(new Set(approvals.map(({ by }) => by)).size).toBeGreaterThanOrEqual(stage.approvalsRequired)
      }
      for (const event of seen.events) {
        if (event.type !== 'command' || event.command.planDigest === plan.digest) continue
        expect(seen.recorded.stages.map(({ approvals }) => approvals)).toEqual(seen.before.stages.map(({ approvals }) => approvals))
      }
    })
  })

  it('success is health seen at or after the version was applied, in this rollout', () => {
    holds(({ after }) => {
      for (const { phase, appliedAtMs, healthyAtMs } of Object.values(after.targets)) {
        if (phase !== 'Succeeded') continue
        expect(appliedAtMs).toBeGreaterThanOrEqual(after.startedAtMs)
        expect(healthyAtMs).toBeGreaterThanOrEqual(appliedAtMs ?? Number.POSITIVE_INFINITY)
      }
    })
  })

  it('a bake ends only after as much good time as it asks for, counted by another clock', () => {
    fc.assert(
      fc.property(anyPlan, anyStory, (plan, story) => {
        const goodMs = plan.stages.map(() => 0)
        const world = new World(plan, ({ before, recorded, after, passedMs, step }, { nowMs, plan: { stages } }) => {
          stages.forEach((stage, index) => {
            const was = before.stages[index]
            const good = (state: RolloutState) =>
              state.phase === 'Progressing' && statesOf(stage, state).every((t) => t.badSinceMs === undefined)
            const good0 = goodMs[index] ?? 0
            if (was?.phase === 'Baking' && good(before)) goodMs[index] = good0 + passedMs
            if (after.stages[index]?.phase === 'Done' && was?.phase !== 'Done') expect(goodMs[index]).toBeGreaterThanOrEqual(stage.bakeMs)
            const bad = (state: RolloutState) => statesOf(stage, state).some((t) => t.badSinceMs !== undefined)
            if (bad(recorded) || after.stages[index]?.phase !== 'Baking') goodMs[index] = 0
          })
          expect(step.wakeAtMs === null || step.wakeAtMs > nowMs).toBe(true)
        })
        for (const action of story) world.act(action)
      }),
      runs,
    )
  })

  it('events of other attempts change nothing, and repeated ones neither', () => {
    holds(({ before, recorded, events }) => {
      const [event] = events
      if (events.length !== 1 || event === undefined || !('attempt' in event)) return
      if (event.attempt !== before.targets[event.applicationId]?.attempt) expect(recorded).toBe(before)
    })
    holds(({ recorded, events }, { plan }) => {
      const event = events.at(-1)
      if (event !== undefined) expect(record(plan, recorded, event)).toBe(recorded)
    })
  })

  it('a rollout that is over stays as it is, and wants no work', () => {
    holds(({ before, after }, { plan }) => {
      if (finalPhases.includes(after.phase)) expect(wantedWork(plan, after)).toEqual([])
      if (!finalPhases.includes(before.phase)) return
      expect({ ...after, lastCommandId: 0 }).toEqual({ ...before, lastCommandId: 0 })
    })
  })

  it('attempts and command ids only rise, by one at most in a step', () => {
    holds(({ before, after }) => {
      expect(after.lastCommandId).toBeGreaterThanOrEqual(before.lastCommandId)
      for (const [id, target] of Object.entries(after.targets)) {
        const rise = target.attempt - (before.targets[id]?.attempt ?? 0)
        expect(rise === 0 || rise === 1).toBe(true)
      }
    })
  })

  it('a step is complete: stepping again at the same time gives the very same state', () => {
    holds(({ after }, { plan, nowMs }) => {
      expect(next(plan, after, nowMs).state).toBe(after)
    })
  })

  it('a state survives JSON, and goes on from it in the same way', () => {
    holds(({ recorded, after, step }, { plan, nowMs }) => {
      const copy = JSON.parse(JSON.stringify(recorded)) as RolloutState
      expect(copy).toEqual(recorded)
      const again = next(JSON.parse(JSON.stringify(plan)) as RolloutPlan, copy, nowMs)
      expect(again.state).toEqual(after)
      expect(again.waits).toEqual(step.waits)
    })
  })

  it('every target is counted once', () => {
    holds(({ after }, { plan, targets }) => {
      const { total, stages } = summarize(plan, after)
      const { total: count, ...byStatus } = total
      expect(count).toBe(targets.length)
      expect(Object.values(byStatus).reduce((a, b) => a + b, 0)).toBe(count)
      expect(stages.reduce((sum, stage) => sum + stage.total, 0)).toBe(count)
    })
  })

  it('says why it goes no further whenever it is not over', () => {
    holds(({ after, step }) => {
      if (!finalPhases.includes(after.phase)) expect(step.waits).not.toEqual([])
    })
  })
})

describe('whatever happened before', () => {
  const after = (check: (world: World) => void) =>
    fc.assert(
      fc.property(anyPlan, anyStory, (plan, story) => {
        const world = new World(plan)
        for (const action of story) world.act(action)
        check(world)
      }),
      runs,
    )

  it('once faults stop, approvals are given and pauses lifted, the rollout comes to an end', () => {
    after((world) => {
      for (let round = 0; round < 400 && !world.isOver; round += 1) calm(world)
      expect(finalPhases).toContain(world.state.phase)
    })
  })

  it('an abort ends the rollout at once, and drops all work', () => {
    after((world) => {
      if (world.isOver) return
      expect(world.command('abort')).toBeNull()
      expect(world.state.phase).toBe('Aborted')
      expect(world.work).toEqual([])
    })
  })

  it('a rollback ends, though nothing on the way back ever answers, and leaves nothing on the new version unsaid', () => {
    after((world) => {
      if (world.isOver) return
      world.command('rollBack')
      for (let round = 0; round < 400 && !world.isOver; round += 1) world.tell([], 61_000)
      for (let round = 0; round < 60 && !world.isOver; round += 1) world.tell([], 600_000)
      expect(['RolledBack', 'Failed']).toContain(world.state.phase)
      for (const { phase, attempt, note } of Object.values(world.state.targets)) {
        if (phase === 'Pending') expect(attempt).toBe(0)
        else if (phase === 'Deferred') expect(note).toBe('back')
        else expect(['RolledBack', 'RollbackFailed', 'Skipped']).toContain(phase)
      }
    })
  })

  it('a rollback returns what moved, each target to what it ran before, last ones first', () => {
    after((world) => {
      if (world.isOver) return
      // What an earlier, smaller rollback has under way goes on.
      const seen = new Set(world.work.filter(({ direction }) => direction === 'back').map(({ applicationId }) => applicationId))
      world.command('rollBack')
      const order = world.targets.map(({ applicationId }) => applicationId)
      let lowest = Number.POSITIVE_INFINITY
      for (let round = 0; round < 100 && !world.isOver; round += 1) {
        for (const { applicationId, versionId, direction } of world.work) {
          expect(direction).toBe('back')
          expect(versionId).toBe(world.targets.find((target) => target.applicationId === applicationId)?.fromVersionId)
        }
        const started = world.work.map(({ applicationId }) => applicationId).filter((applicationId) => !seen.has(applicationId))
        for (const applicationId of started) {
          expect(order.indexOf(applicationId)).toBeLessThan(lowest)
          seen.add(applicationId)
        }
        lowest = Math.min(lowest, ...started.map((applicationId) => order.indexOf(applicationId)))
        const [first] = world.work
        if (first !== undefined) world.finish(first.clusterId.replace('cluster-', ''))
      }
      expect(['RolledBack', 'Failed']).toContain(world.state.phase)
    })
  })
})

/** One round of a world in which all goes well and somebody looks after it. */
function calm(world: World): void {
  for (const { clusterId } of world.work) world.finish(clusterId.replace('cluster-', ''))
  for (const { clusterName, applicationId, toVersionId } of world.targets) {
    const target = world.state.targets[applicationId]
    const manual = world.plan.stages.some((stage) => stage.manual && stage.targets.some((other) => other.applicationId === applicationId))
    const returns = target?.phase === 'Deferred' || target?.phase === 'Failed' || target?.badSinceMs !== undefined || manual
    if (returns) world.observe(clusterName, toVersionId, true)
  }
  for (const actor of ['ann', 'bob', 'cyd']) if (world.state.stages.some(({ phase }) => phase === 'AwaitingApproval')) world.approve(actor)
  if (world.state.phase === 'Paused' && world.command('resume') !== null) world.command('retry')
  world.tell([], 10_000)
}

describe('the stories themselves', () => {
  it('reach every phase of rollouts, stages and targets, so that what holds above holds for something', () => {
    const rollouts = new Set<string>()
    const stages = new Set<string>()
    const targets = new Set<string>()
    const story = (plan: RolloutPlan, actions: readonly Action[]) => {
      const world = new World(plan, ({ recorded, after }) => {
        for (const state of [recorded, after]) {
          rollouts.add(state.phase)
          for (const each of state.stages) stages.add(each.phase)
          for (const each of Object.values(state.targets)) targets.add(each.phase)
        }
      })
      for (const action of actions) world.act(action)
    }
    fc.assert(fc.property(anyPlan, anyStory, story), { numRuns: 400, seed: 1 })
    expect([...rollouts].sort()).toEqual(['Aborted', 'Failed', 'Paused', 'Progressing', 'RolledBack', 'RollingBack', 'Succeeded'])
    expect([...stages].sort()).toEqual(['AwaitingApproval', 'Baking', 'Done', 'Running', 'Stopped', 'Waiting'])
    expect(targets.size).toBe(12)
  })
})
