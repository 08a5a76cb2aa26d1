import fc from 'fast-check'
import { next } from '../../../fleet/rollout/next.ts'
import type { PlannedTarget, RolloutPlan } from '../../../fleet/rollout/plan.ts'
import { record } from '../../../fleet/rollout/record.ts'
import { startRollout } from '../../../fleet/rollout/start.ts'
import {
  finalPhases,
  type RolloutCommand,
  type RolloutEvent,
  type RolloutState,
  type RolloutVerb,
  type Step,
  type TargetWork,
} from '../../../fleet/rollout/state.ts'
import { verbProblem } from '../../../fleet/rollout/verbs.ts'
import { wantedWork } from '../../../fleet/rollout/work.ts'

/** One thing that happens to a rollout, chosen by numbers so that any sequence fits any plan. */
export type Action =
  | { readonly do: 'pass'; readonly ms: number }
  | {
      readonly do: 'work'
      readonly pick: number
      readonly outcome: 'applied' | 'healthy' | 'earlyHealthy' | 'done' | 'failed' | 'unreachable'
    }
  | {
      readonly do: 'stale'
      readonly pick: number
      readonly behind: number
      readonly type: 'applied' | 'healthy' | 'failed' | 'unreachable'
    }
  | { readonly do: 'again' }
  | {
      readonly do: 'observe'
      readonly pick: number
      readonly version: 'from' | 'to' | 'other' | 'none'
      readonly healthy: boolean
      readonly agoMs: number
    }
  | { readonly do: 'gone'; readonly pick: number }
  | { readonly do: 'command'; readonly verb: RolloutVerb; readonly actor: string; readonly rightPlan: boolean; readonly staleId: boolean }

const pick = fc.nat({ max: 30 })

export const anyAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 1, 1_000, 4_000, 10_000, 61_000) }) },
  {
    weight: 100,
    arbitrary: fc.record({
      do: fc.constant('work' as const),
      pick,
      outcome: fc.constantFrom('applied', 'healthy', 'earlyHealthy', 'done', 'done', 'done', 'failed', 'unreachable'),
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constant('stale' as const),
      pick,
      behind: fc.integer({ min: 1, max: 2 }),
      type: fc.constantFrom('applied', 'healthy', 'failed', 'unreachable'),
    }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('again' as const) }) },
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant('observe' as const),
      pick,
      version: fc.constantFrom('from', 'to', 'to', 'other', 'none'),
      healthy: fc.boolean(),
      agoMs: fc.constantFrom(0, 0, 50_000),
    }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('gone' as const), pick }) },
  command(30, ['approve', 'approve', 'resume', 'resume', 'retry', 'pause']),
  // What ends a story is rare, or few would be long.
  command(2, ['abort', 'rollBack']),
) as fc.Arbitrary<Action>

function command(weight: number, verbs: readonly RolloutVerb[]) {
  return {
    weight,
    arbitrary: fc.record({
      do: fc.constant('command' as const),
      verb: fc.constantFrom(...verbs),
      actor: fc.constantFrom('ann', 'bob', 'cyd'),
      rightPlan: fc.constantFrom(true, true, true, false),
      staleId: fc.constantFrom(false, false, false, false, true),
    }),
  }
}

/** What the watchers of a world are shown after each step. */
export interface Seen {
  readonly before: RolloutState
  /** With the events taken in, before `next`. */
  readonly recorded: RolloutState
  readonly after: RolloutState
  readonly events: readonly RolloutEvent[]
  readonly step: Step
  readonly passedMs: number
}

/** Drives a rollout as the workflow does, with everything frozen. `watch` sees each step. */
export class World {
  readonly plan: RolloutPlan
  readonly targets: readonly PlannedTarget[]
  readonly watch: (seen: Seen, world: World) => void
  nowMs = 1_000_000
  state: RolloutState
  lastEvent: RolloutEvent | null = null
  commandId = 0

  constructor(plan: RolloutPlan, watch: (seen: Seen, world: World) => void = () => {}) {
    this.plan = deepFreeze(plan)
    this.targets = plan.stages.flatMap((stage) => stage.targets)
    this.watch = watch
    this.state = startRollout(this.plan, this.nowMs)
    this.tell([])
  }

  get work(): readonly TargetWork[] {
    return wantedWork(this.plan, this.state)
  }

  get isOver(): boolean {
    return finalPhases.includes(this.state.phase)
  }

  /** Takes events in, and steps. */
  tell(events: readonly RolloutEvent[], passedMs = 0): Step {
    this.nowMs += passedMs
    const before = deepFreeze(this.state)
    let recorded = before
    for (const event of events) {
      recorded = deepFreeze(record(this.plan, recorded, deepFreeze(event)))
      this.lastEvent = event
    }
    const step = next(this.plan, recorded, this.nowMs)
    this.state = deepFreeze(step.state)
    this.watch({ before, recorded, after: step.state, events, step, passedMs }, this)
    return step
  }

  command(verb: RolloutVerb, change: Partial<RolloutCommand> = {}): string | null {
    this.commandId += 1
    const command: RolloutCommand = { id: this.commandId, verb, actor: 'ann', atMs: this.nowMs, ...change }
    const problem = verbProblem(this.plan, this.state, command)
    this.tell([{ type: 'command', command }])
    return problem
  }

  approve(actor: string): string | null {
    const index = this.state.stages.findIndex((stage) => stage.phase === 'AwaitingApproval')
    return this.command('approve', { actor, stage: this.plan.stages[index]?.name ?? 'none', planDigest: this.plan.digest })
  }

  act(action: Action): void {
    switch (action.do) {
      case 'pass':
        this.tell([], action.ms)
        return
      case 'work': {
        const { work } = this
        const chosen = work[action.pick % Math.max(1, work.length)]
        if (chosen !== undefined) this.tell(eventsOf(chosen, action.outcome, this.nowMs))
        return
      }
      case 'stale': {
        const { applicationId } = this.pickTarget(action.pick)
        const attempt = (this.state.targets[applicationId]?.attempt ?? 0) - action.behind
        this.tell([{ type: action.type, applicationId, attempt, atMs: this.nowMs, reason: 'stale' }])
        return
      }
      case 'again':
        if (this.lastEvent !== null) this.tell([this.lastEvent])
        return
      case 'observe': {
        const { applicationId, fromVersionId, toVersionId } = this.pickTarget(action.pick)
        const versionId = { from: fromVersionId, to: toVersionId, other: 'v9', none: null }[action.version]
        this.tell([
          { type: 'observed', applicationId, versionId, healthy: action.healthy, atMs: this.nowMs - action.agoMs, reason: 'seen' },
        ])
        return
      }
      case 'gone':
        this.tell([
          { type: 'gone', applicationId: this.pickTarget(action.pick).applicationId, atMs: this.nowMs, reason: 'cluster removed' },
        ])
        return
      case 'command': {
        const waiting = this.state.stages.findIndex((stage) => stage.phase === 'AwaitingApproval')
        this.command(action.verb, {
          actor: action.actor,
          stage: this.plan.stages[Math.max(0, waiting)]?.name ?? 'none',
          planDigest: action.rightPlan ? this.plan.digest : 'another',
          ...(action.staleId ? { id: Math.max(0, this.commandId - 2) } : {}),
        })
        return
      }
    }
  }

  /** Work on one cluster ends as said. */
  finish(cluster: string, outcome: 'applied' | 'healthy' | 'done' | 'failed' | 'unreachable' = 'done'): Step {
    const work = this.work.find((each) => each.clusterId === `cluster-${cluster}`)
    if (work === undefined)
      throw new Error(`no work is under way on ${cluster}, but on ${this.work.map((each) => each.clusterId).join(', ')}`)
    return this.tell(eventsOf(work, outcome, this.nowMs))
  }

  observe(cluster: string, versionId: string, healthy: boolean, reason = 'seen'): Step {
    return this.tell([{ type: 'observed', applicationId: `app-${cluster}`, versionId, healthy, atMs: this.nowMs, reason }])
  }

  phaseOf(cluster: string): string {
    return this.state.targets[`app-${cluster}`]?.phase ?? 'missing'
  }

  /** Clusters with work under way. */
  get busy(): readonly string[] {
    return this.work.map((each) => each.clusterId.replace('cluster-', ''))
  }

  private pickTarget(index: number): PlannedTarget {
    const target = this.targets[index % this.targets.length]
    if (target === undefined) throw new Error('a plan without targets')
    return target
  }
}

function eventsOf(
  { applicationId, attempt }: TargetWork,
  outcome: Extract<Action, { do: 'work' }>['outcome'],
  atMs: number,
): RolloutEvent[] {
  const applied: RolloutEvent = { type: 'applied', applicationId, attempt, atMs }
  const healthy: RolloutEvent = { type: 'healthy', applicationId, attempt, atMs }
  switch (outcome) {
    case 'applied':
      return [applied]
    case 'healthy':
      return [healthy]
    case 'earlyHealthy':
      return [{ ...healthy, atMs: atMs - 1 }, applied, { ...healthy, atMs: atMs - 1 }]
    case 'done':
      return [applied, healthy]
    case 'failed':
    case 'unreachable':
      return [{ type: outcome, applicationId, attempt, atMs, reason: `${outcome} it is` }]
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
