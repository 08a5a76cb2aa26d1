import type { RollingSync } from '../application-set.ts'
import type { Problem } from '../errors.ts'
import { keyProblems } from '../label-selector.ts'
import { isQuotedNumber, readMaxUpdate } from './count.ts'
import type { PlannedStage } from './plan.ts'
import { type Draught, needsChange, type PlanInput, plainPlan, plainStage, strategyPath } from './planning.ts'
import { selectSteps } from './rolling-sync-steps.ts'

const stepsPath = `${strategyPath}.rollingSync.steps`

/**
 * Argo CD's progressive syncs: steps by the labels of applications, of which the first that matches counts. An application of no step
 * isn't synced. Follows progressive_sync_dependencies.go of Argo CD, but for percentages, which are of the step's own applications.
 */
export function planRollingSync({ steps = [] }: Partial<RollingSync>, { targets }: PlanInput): Draught {
  const problems: Problem[] = steps.length > 0 ? [] : [{ path: stepsPath, message: 'has to have at least one step' }]
  const notes: string[] = []
  const { stepOf, severalTimes } = selectSteps({ steps }, targets)
  for (const [{ applicationName }, indexes] of severalTimes) {
    const numbers = indexes.map((index) => index + 1).join(', ')
    notes.push(`application ${applicationName} is selected by steps ${numbers}; the first counts`)
  }

  const stages = steps.flatMap((step, index): PlannedStage[] => {
    problems.push(...stepProblems(step, `${stepsPath}[${index}]`))
    const own = targets.filter((target) => stepOf.get(target) === index)
    const maxUpdate = readMaxUpdate(step.maxUpdate, own.length, `${stepsPath}[${index}].maxUpdate`, problems)
    const changing = own.filter(needsChange)
    const name = `step ${index + 1}`
    if (isQuotedNumber(step.maxUpdate))
      notes.push(`${name} goes 1 at a time, as in Argo CD, since its maxUpdate is a text; write ${step.maxUpdate} without quotes`)
    if (own.length === 0) notes.push(`${name} selects no application, and is left out`)
    return changing.length === 0 ? [] : [{ ...plainStage(name, changing), ...maxUpdate }]
  })
  const unplanned = targets.filter((target) => needsChange(target) && !stepOf.has(target))
  return {
    plan: plainPlan('RollingSync', stages),
    problems,
    unplanned: unplanned.map(({ applicationId, applicationName }) => ({ applicationId, applicationName, reason: 'no step selects it' })),
    notes,
  }
}

type SyncStep = RollingSync['steps'][number]

function stepProblems(step: SyncStep, path: string): Problem[] {
  return (step.matchExpressions ?? []).flatMap(({ key, operator }, index) => {
    const at = `${path}.matchExpressions[${index}]`
    const problems = keyProblems(key, `${at}.key`)
    if (operator === 'In' || operator === 'NotIn') return problems
    return [...problems, { path: `${at}.operator`, message: `${JSON.stringify(operator)} is not an operator here; use In or NotIn` }]
  })
}
