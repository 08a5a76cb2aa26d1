import { pauseByEngine } from './budget.ts'
import { type Draft, setRollout, setStage, setTarget, stageOf, targetOf } from './draft.ts'
import { names } from './names.ts'
import type { PlannedStage, PlannedTarget, RolloutPlan } from './plan.ts'
import type { TargetState } from './state.ts'
import { isExcused, isSettled, isUnderWay } from './target-phase.ts'

/** Moves the stages on, one after the other, as far as they go. */
export function advanceStages(draft: Draft, nowMs: number): void {
  for (;;) {
    const index = draft.now.stages.findIndex((stage) => stage.phase !== 'Done')
    const stage = draft.plan.stages[index]
    if (stage === undefined) {
      finish(draft, nowMs)
      return
    }
    if (!advanceStage(draft, stage, index, nowMs)) return
  }
}

/** Moves one stage on by one phase at most; says whether it is worth looking again. */
function advanceStage(draft: Draft, stage: PlannedStage, index: number, nowMs: number): boolean {
  const state = stageOf(draft.now, index)
  switch (state.phase) {
    case 'Waiting':
    case 'AwaitingApproval':
      if (state.approvals.length >= stage.approvalsRequired || nothingToDo(draft, stage)) {
        setStage(draft, index, { phase: 'Running', startedAtMs: nowMs })
        setRollout(draft, { reason: `stage ${stage.name} is running` })
        return true
      }
      if (state.phase === 'Waiting') {
        setStage(draft, index, { phase: 'AwaitingApproval' })
        setRollout(draft, { reason: `stage ${stage.name} waits for approval` })
      }
      return false
    case 'Running':
      startTargets(draft, stage, nowMs)
      if (!stage.targets.every((target) => isThrough(draft.plan, targetOf(draft.now, target.applicationId)))) {
        holdForCanaries(draft, stage, nowMs)
        return false
      }
      if (!passes(draft, stage, nowMs)) return false
      if (stage.bakeMs > 0) {
        setStage(draft, index, { phase: 'Baking', bakedMs: 0, bakingSinceMs: null })
        setRollout(draft, { reason: `stage ${stage.name} is baking` })
      } else {
        setStage(draft, index, { phase: 'Done', finishedAtMs: nowMs })
      }
      return true
    case 'Baking':
      return bake(draft, stage, index, nowMs)
    default:
      return false
  }
}

/** All of it left the fleet meanwhile: there is nothing to approve. */
function nothingToDo(draft: Draft, stage: PlannedStage): boolean {
  return stage.targets.every((target) => isExcused(targetOf(draft.now, target.applicationId)))
}

/** Argo CD goes on to the next step only when all of this one are healthy; otherwise it is enough that nothing is left to happen. */
function isThrough(plan: RolloutPlan, target: TargetState): boolean {
  if (plan.strategy === 'RollingSync') return target.phase === 'Succeeded' || isExcused(target)
  return isSettled(target.phase)
}

/** Whether a target takes one of its stage's places. Argo CD counts what isn't healthy yet, failed or not. */
export function takesPlace(plan: RolloutPlan, target: TargetState): boolean {
  if (isUnderWay(target.phase)) return true
  return plan.strategy === 'RollingSync' && (target.phase === 'Failed' || target.phase === 'Deferred')
}

/** A canary that holds the others of its stage back no more. */
export function isCleared(target: TargetState): boolean {
  return target.phase === 'Succeeded' || isExcused(target)
}

function startTargets(draft: Draft, stage: PlannedStage, nowMs: number): void {
  if (stage.manual) return
  let taken = 0
  let othersUnderWay = false
  let canariesCleared = true
  for (const { applicationId, canary } of stage.targets) {
    const target = targetOf(draft.now, applicationId)
    if (takesPlace(draft.plan, target)) taken += 1
    if (canary) canariesCleared &&= isCleared(target)
    else othersUnderWay ||= isUnderWay(target.phase)
  }
  for (const { applicationId, canary } of stage.targets) {
    if (taken >= stage.maxConcurrent) return
    const target = targetOf(draft.now, applicationId)
    if (target.phase !== 'Pending') continue
    if (canary ? othersUnderWay : !canariesCleared) continue
    const { accepted: _a, note: _n, badSinceMs: _b, ...rest } = target
    setTarget(draft, applicationId, { ...rest, phase: 'Syncing', attempt: target.attempt + 1, startedAtMs: nowMs, reason: '' })
    taken += 1
  }
}

/** A canary that can't be reached proves nothing, so that somebody has to decide. (A failed one breaches the budget.) */
function holdForCanaries(draft: Draft, stage: PlannedStage, nowMs: number): void {
  const held = stage.targets.filter((target) => target.canary && !isCleared(targetOf(draft.now, target.applicationId)))
  if (held.length === 0 || !held.every((target) => isSettled(targetOf(draft.now, target.applicationId).phase))) return
  const why = held.map((target) => `${target.clusterName} (${targetOf(draft.now, target.applicationId).reason})`)
  pauseByEngine(draft, 'Unreachable', `stage ${stage.name} has canaries that can't be reached: ${names(why)}`, nowMs)
}

/** A stage in which nothing succeeded is not a pass, unless all of it left the fleet or somebody accepted it. Pauses if it isn't. */
function passes(draft: Draft, stage: PlannedStage, nowMs: number): boolean {
  if (draft.plan.strategy === 'AllAtOnce') return true
  const states = stage.targets.map((target) => targetOf(draft.now, target.applicationId))
  if (states.some((target) => target.phase === 'Succeeded') || states.every(isExcused)) return true
  // What somebody accepted earlier is not why it pauses now.
  const inQuestion = stage.targets.filter((target) => !isExcused(targetOf(draft.now, target.applicationId)))
  const deferred = clusters(draft, inQuestion, 'Deferred')
  const failed = clusters(draft, inQuestion, 'Failed')
  const reason = [
    `no cluster of stage ${stage.name} succeeded`,
    ...(deferred.length > 0 ? [`${deferred.length} can't be reached: ${names(deferred)}`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed: ${names(failed)}`] : []),
  ].join('; ')
  pauseByEngine(draft, deferred.length > 0 ? 'Unreachable' : 'FailureBudget', reason, nowMs)
  return false
}

function bake(draft: Draft, stage: PlannedStage, index: number, nowMs: number): boolean {
  const { bakedMs, bakingSinceMs } = stageOf(draft.now, index)
  if (stage.targets.some((target) => targetOf(draft.now, target.applicationId).badSinceMs !== undefined)) {
    if (bakedMs !== 0 || bakingSinceMs !== null) setStage(draft, index, { bakedMs: 0, bakingSinceMs: null })
    return false
  }
  if (bakingSinceMs === null) setStage(draft, index, { bakingSinceMs: nowMs })
  const goodMs = bakedMs + (bakingSinceMs === null ? 0 : nowMs - bakingSinceMs)
  if (goodMs < stage.bakeMs || !passes(draft, stage, nowMs)) return false
  setStage(draft, index, { phase: 'Done', finishedAtMs: nowMs, bakedMs: goodMs, bakingSinceMs: null })
  return true
}

/** Stops the clocks of bakes, keeping what counts so far. */
export function holdBakes(draft: Draft, nowMs: number): void {
  draft.now.stages.forEach(({ bakedMs, bakingSinceMs }, index) => {
    if (bakingSinceMs !== null) setStage(draft, index, { bakedMs: bakedMs + nowMs - bakingSinceMs, bakingSinceMs: null })
  })
}

function finish(draft: Draft, nowMs: number): void {
  const all = draft.plan.stages.flatMap((stage) => stage.targets)
  const succeeded = clusters(draft, all, 'Succeeded').length
  const failed = clusters(draft, all, 'Failed')
  const deferred = clusters(draft, all, 'Deferred')
  const back = clusters(draft, all, 'RolledBack')
  const stuck = clusters(draft, all, 'RollbackFailed')
  const reason = [
    all.length === 0 ? 'nothing to change' : `${succeeded} of ${all.length} healthy at the new version`,
    ...(failed.length > 0 ? [`failed: ${names(failed)}`] : []),
    ...(back.length > 0 ? [`went back: ${names(back)}`] : []),
    ...(stuck.length > 0 ? [`could not go back: ${names(stuck)}`] : []),
    ...(deferred.length > 0 ? [`deferred until they can be reached: ${names(deferred)}`] : []),
  ].join('; ')
  // Without a failure policy nobody said that failures are fine, so that the end has to say that there were some.
  const bad = draft.plan.strategy === 'AllAtOnce' && (failed.length > 0 || (succeeded === 0 && deferred.length > 0))
  setRollout(draft, { phase: bad ? 'Failed' : 'Succeeded', reason, finishedAtMs: nowMs })
}

function clusters(draft: Draft, targets: readonly PlannedTarget[], phase: TargetState['phase']): readonly string[] {
  return targets.filter((target) => targetOf(draft.now, target.applicationId).phase === phase).map((target) => target.clusterName)
}
