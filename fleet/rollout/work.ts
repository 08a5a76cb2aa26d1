import { deadlineOf, isOpen } from './deadline.ts'
import { stageOf, targetOf } from './draft.ts'
import type { RolloutPlan } from './plan.ts'
import { finalPhases, type RolloutState, type TargetWork } from './state.ts'
import { isReturning, isUnderWay } from './target-phase.ts'

/**
 * The work that should be under way now, in plan order. Level-triggered: whoever drives it starts what isn't running and cancels what
 * is no longer listed, by application and attempt.
 */
export function wantedWork(plan: RolloutPlan, state: RolloutState): TargetWork[] {
  if (finalPhases.includes(state.phase)) return []
  return plan.stages.flatMap((stage, index) => {
    if (!isOpen(stageOf(state, index))) return []
    return stage.targets.flatMap(({ applicationId, clusterId, fromVersionId, toVersionId }): TargetWork[] => {
      const target = targetOf(state, applicationId)
      const { attempt } = target
      const deadlineAtMs = deadlineOf(stage, target)
      const applied = target.appliedAtMs !== null
      if (isUnderWay(target.phase))
        return [{ applicationId, clusterId, versionId: toVersionId, attempt, direction: 'forward', deadlineAtMs, applied }]
      if (!isReturning(target.phase) || fromVersionId === null) return []
      return [{ applicationId, clusterId, versionId: fromVersionId, attempt, direction: 'back', deadlineAtMs, applied }]
    })
  })
}
