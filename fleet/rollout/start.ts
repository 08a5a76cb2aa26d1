import type { RolloutPlan } from './plan.ts'
import type { RolloutState, StageState } from './state.ts'
import { untouched } from './target-phase.ts'

const waitingStage: StageState = {
  phase: 'Waiting',
  approvals: [],
  startedAtMs: null,
  finishedAtMs: null,
  bakedMs: 0,
  bakingSinceMs: null,
}

/** The state of a rollout before its first step. Nothing has started: `next` does that. */
export function startRollout(plan: RolloutPlan, nowMs: number): RolloutState {
  return {
    phase: 'Progressing',
    reason: 'starting',
    stages: plan.stages.map(() => waitingStage),
    targets: Object.fromEntries(plan.stages.flatMap((stage) => stage.targets.map((target) => [target.applicationId, untouched]))),
    pause: null,
    rollback: null,
    lastCommandId: 0,
    startedAtMs: nowMs,
    finishedAtMs: null,
  }
}
