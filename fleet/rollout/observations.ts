import type { RolloutPlan } from './plan.ts'
import { finalPhases, type RolloutState } from './state.ts'

/**
 * The applications about which a rollout has to hear what their cluster's watch sees: deferred ones (to catch up), those of a baking
 * stage (drift and bad health restart the bake), those that somebody syncs by hand, and failed ones of a stage that has no failure
 * policy (it waits until they are healthy after all). In-flight ones report by themselves.
 */
export function observationsWanted(plan: RolloutPlan, state: RolloutState): readonly string[] {
  if (finalPhases.includes(state.phase)) return []
  return plan.stages.flatMap((stage, index) => {
    const stagePhase = state.stages[index]?.phase
    return stage.targets
      .map((target) => target.applicationId)
      .filter((id) => {
        const phase = state.targets[id]?.phase
        if (phase === 'Deferred') return true
        if (phase === 'Succeeded') return stagePhase === 'Baking'
        if (phase === 'Pending') return stage.manual && stagePhase === 'Running'
        return phase === 'Failed' && stage.maxFailures === null && stagePhase === 'Running'
      })
  })
}
