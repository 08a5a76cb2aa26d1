import { canonicalJson } from '../canonical-json.ts'
import type { Parsed, Problem } from '../errors.ts'
import { progressDeadlineDefaultMs } from './deadline.ts'
import type { RolloutPlan } from './plan.ts'
import { planRollingSync } from './plan-rolling-sync.ts'
import { planStaged } from './plan-staged.ts'
import { type Draught, needsChange, type PlanInput, type PlanningNotes, plainPlan, plainStage } from './planning.ts'

/**
 * Decides which targets change in which stage and order, once and for all. Pure: the same input in any order gives the same plan and
 * digest. With problems there is no plan: a rollout doesn't start on a part of what was asked for.
 */
export function planRollout(input: PlanInput): Parsed<RolloutPlan> & PlanningNotes {
  const { plan, problems, unplanned, notes } = draught(input)
  const all = [...problems, ...repeated(input)]
  if (all.length > 0) return { value: null, problems: all, unplanned, notes }
  return { value: { digest: input.digest(canonicalJson(plan)), ...plan }, problems: [], unplanned, notes }
}

function draught(input: PlanInput): Draught {
  switch (input.strategy?.type) {
    case 'RollingSync':
      return planRollingSync(input.strategy.rollingSync ?? {}, input)
    case 'Staged':
      return planStaged(input.strategy.staged, input)
    default:
      return planAllAtOnce(input)
  }
}

/** Every application by itself: no order and no failure policy, but an end, so that the next revision gets its turn. */
function planAllAtOnce({ targets }: PlanInput): Draught {
  const changing = targets.filter(needsChange)
  const stages = changing.length === 0 ? [] : [{ ...plainStage('all', changing), progressDeadlineMs: progressDeadlineDefaultMs }]
  return { plan: plainPlan('AllAtOnce', stages), problems: [], unplanned: [], notes: [] }
}

function repeated({ targets }: PlanInput): Problem[] {
  const seen = new Set<string>()
  return targets.flatMap(({ applicationId, applicationName }) => {
    if (!seen.has(applicationId)) {
      seen.add(applicationId)
      return []
    }
    return [{ path: '', message: `application ${applicationName} is there twice; names have to be unique` }]
  })
}
