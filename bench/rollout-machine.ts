import { advance } from '../fleet/rollout/next.ts'
import type { PlannedStage, RolloutPlan } from '../fleet/rollout/plan.ts'
import { startRollout } from '../fleet/rollout/start.ts'
import type { RolloutEvent, RolloutState } from '../fleet/rollout/state.ts'
import { wantedWork } from '../fleet/rollout/work.ts'
import type { Benchmark } from './benchmark.ts'

const maxConcurrent = 50
const stageCount = 5
/** Events that are timed; each is a step of its own, as when they trickle in. */
const eventsMax = 2_000

export const rolloutMachineBenchmark: Benchmark = {
  name: 'rollout-machine',
  summary: "one event through the rollout's decisions (advance, then wantedWork), without Temporal and store",
  run: async ({ quick }, figure) => {
    const sizes = quick ? [100, 1_000] : [1_000, 10_000]
    drive(planOf(200), 200)
    const perEventUs = sizes.map((size) => {
      const { events, advanceMs, workMs } = drive(planOf(size), quick ? 200 : eventsMax)
      const us = (advanceMs / events) * 1000
      const targets = `${size.toLocaleString('en')} targets`
      figure({ name: `advance, ${targets}`, value: us, unit: 'us/event', note: `${events} events` })
      figure({ name: `wantedWork after it, ${targets}`, value: (workMs / events) * 1000, unit: 'us/event' })
      return us
    })
    const [small = Number.NaN, large = Number.NaN] = perEventUs
    figure({ name: 'advance, time per event at ten times the targets', value: large / small, unit: 'x' })
  },
}

/** Two events a target: applied, then healthy. */
function drive(plan: RolloutPlan, eventsAtMost: number): { readonly events: number; readonly advanceMs: number; readonly workMs: number } {
  let nowMs = 1_000_000
  let state: RolloutState = advance(plan, startRollout(plan, nowMs), [], nowMs).state
  let advanceMs = 0
  let workMs = 0
  let events = 0
  let work = wantedWork(plan, state)
  while (work.length > 0 && events < eventsAtMost) {
    for (const { applicationId, attempt } of work) {
      for (const type of ['applied', 'healthy'] as const) {
        nowMs += 1
        const event: RolloutEvent = { type, applicationId, attempt, atMs: nowMs }
        const before = performance.now()
        state = advance(plan, state, [event], nowMs).state
        const between = performance.now()
        work = wantedWork(plan, state)
        workMs += performance.now() - between
        advanceMs += between - before
        events += 1
      }
    }
  }
  if (!Object.values(state.targets).some(({ phase }) => phase === 'Succeeded')) throw new Error('no target came through')
  return { events, advanceMs, workMs }
}

function planOf(size: number): RolloutPlan {
  const stages = Array.from({ length: stageCount }, (_, s): PlannedStage => {
    const count = Math.ceil(size / stageCount)
    const targets = Array.from({ length: count }, (__, i) => {
      const name = `cluster-${s * count + i}`
      return {
        applicationId: `00000000-0000-4000-8000-${String(s * count + i).padStart(12, '0')}`,
        applicationName: `shop-${name}`,
        clusterId: `id-of-${name}`,
        clusterName: name,
        fromVersionId: 'v1',
        toVersionId: 'v2',
        canary: false,
      }
    })
    return {
      name: `stage-${s}`,
      targets,
      maxConcurrent,
      maxFailures: 0,
      progressDeadlineMs: 600_000,
      bakeMs: 0,
      approvalsRequired: 0,
      manual: false,
    }
  })
  return {
    digest: 'bench',
    strategy: 'Staged',
    stages,
    maxFailures: null,
    onFailure: 'Pause',
    rollbackMaxConcurrent: 10,
    unreachable: { policy: 'Defer', max: size },
  }
}
