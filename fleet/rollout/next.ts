import { advanceStages, holdBakes } from './advance.ts'
import { enforceBudgets } from './budget.ts'
import { deadlineOf, expireDeadlines, isOpen } from './deadline.ts'
import { type Draft, draftOf, finished, targetOf } from './draft.ts'
import type { RolloutPlan } from './plan.ts'
import { recordInto } from './record.ts'
import { stepRollback } from './rollback.ts'
import { finalPhases, type RolloutEvent, type RolloutState, type Step } from './state.ts'
import { waitsOf } from './waits.ts'

/**
 * What a rollout does now: fails what passed its deadline, acts on breached budgets, takes targets back, moves stages on and starts
 * targets, by turning Pending into Syncing. Gives the state after that (the very same object where nothing changes), why the rest
 * waits, and when to look again. Calling it again at the same time changes nothing.
 */
export function next(plan: RolloutPlan, state: RolloutState, nowMs: number): Step {
  return advance(plan, state, [], nowMs)
}

/** `record` for each event, then `next`, with one copy of the state in all: what to use where many events come at once. */
export function advance(plan: RolloutPlan, state: RolloutState, events: readonly RolloutEvent[], nowMs: number): Step {
  const draft = draftOf(plan, state)
  for (const event of events) recordInto(draft, event)
  if (!finalPhases.includes(draft.now.phase)) step(draft, nowMs)
  const after = finished(draft)
  return { state: after, waits: waitsOf(plan, after), wakeAtMs: wakeAt(plan, after) }
}

function step(draft: Draft, nowMs: number): void {
  expireDeadlines(draft, nowMs)
  enforceBudgets(draft, nowMs)
  if (draft.now.phase === 'RollingBack') stepRollback(draft, nowMs)
  if (draft.now.phase === 'Progressing') advanceStages(draft, nowMs)
  if (draft.now.phase !== 'Progressing') holdBakes(draft, nowMs)
}

/** The earliest deadline or end of the bake whose turn it is: one behind a stage that came first again has to wait for that one. */
function wakeAt(plan: RolloutPlan, state: RolloutState): number | null {
  if (finalPhases.includes(state.phase)) return null
  const turn = state.stages.findIndex((stage) => stage.phase !== 'Done')
  let wakeAtMs = Number.POSITIVE_INFINITY
  plan.stages.forEach((stage, index) => {
    const stageState = state.stages[index]
    if (stageState === undefined || !isOpen(stageState)) return
    for (const { applicationId } of stage.targets)
      wakeAtMs = Math.min(wakeAtMs, deadlineOf(stage, targetOf(state, applicationId)) ?? wakeAtMs)
    const { bakingSinceMs, bakedMs } = stageState
    if (index === turn && bakingSinceMs !== null) wakeAtMs = Math.min(wakeAtMs, bakingSinceMs + stage.bakeMs - bakedMs)
  })
  return wakeAtMs === Number.POSITIVE_INFINITY ? null : wakeAtMs
}
