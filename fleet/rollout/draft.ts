import type { PlannedStage, PlannedTarget, RolloutPlan } from './plan.ts'
import type { RolloutState, StageState, TargetState } from './state.ts'
import { untouched } from './target-phase.ts'

/**
 * A state while it is being changed. Copies on the first write, so that an input is never mutated, that a step in which nothing
 * happens costs no copy, and that a step with many changes costs one.
 */
export interface Draft {
  readonly plan: RolloutPlan
  now: RolloutState
  stages: StageState[] | null
  targets: Record<string, TargetState> | null
}

export function draftOf(plan: RolloutPlan, state: RolloutState): Draft {
  return { plan, now: state, stages: null, targets: null }
}

export function finished(draft: Draft): RolloutState {
  return draft.now
}

/** The state of a target; one that the state doesn't mention is untouched. */
export function targetOf(state: RolloutState, applicationId: string): TargetState {
  return state.targets[applicationId] ?? untouched
}

export function stageOf(state: RolloutState, index: number): StageState {
  const stage = state.stages[index]
  if (stage === undefined)
    throw new RangeError(`the rollout's state has no stage ${index}, though its plan has: they don't belong together`)
  return stage
}

export function setTarget(draft: Draft, applicationId: string, target: TargetState): void {
  if (draft.targets === null) {
    draft.targets = { ...draft.now.targets }
    draft.now = { ...draft.now, targets: draft.targets }
  }
  draft.targets[applicationId] = target
}

export function setStage(draft: Draft, index: number, change: Partial<StageState>): void {
  const stage = stageOf(draft.now, index)
  if (draft.stages === null) {
    draft.stages = [...draft.now.stages]
    draft.now = { ...draft.now, stages: draft.stages }
  }
  draft.stages[index] = { ...stage, ...change }
}

export function setRollout(draft: Draft, change: Partial<Omit<RolloutState, 'stages' | 'targets'>>): void {
  draft.now = { ...draft.now, ...change }
}

export interface Place {
  readonly stage: PlannedStage
  readonly stageIndex: number
  readonly target: PlannedTarget
}

/** Where each target is in its plan. A memo: a plan never changes. */
const placesOfPlans = new WeakMap<RolloutPlan, ReadonlyMap<string, Place>>()

export function placeOf(plan: RolloutPlan, applicationId: string): Place | null {
  let places = placesOfPlans.get(plan)
  if (places === undefined) {
    const all = new Map<string, Place>()
    plan.stages.forEach((stage, stageIndex) => {
      for (const target of stage.targets) all.set(target.applicationId, { stage, stageIndex, target })
    })
    places = all
    placesOfPlans.set(plan, places)
  }
  return places.get(applicationId) ?? null
}

/** The same state without the targets that nothing has happened to, for payloads: what isn't there counts as untouched. */
export function compactState(state: RolloutState): RolloutState {
  const touched = Object.entries(state.targets).filter(([, target]) => target.phase !== 'Pending' || target.attempt > 0)
  return { ...state, targets: Object.fromEntries(touched) }
}
