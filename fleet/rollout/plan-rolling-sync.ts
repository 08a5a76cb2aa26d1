import type { RollingSync } from '../application-set.ts'
import type { Problem } from '../errors.ts'
import { keyProblems, matchesRequirement } from '../label-selector.ts'
import { readMaxUpdate } from './count.ts'
import type { PlannedStage } from './plan.ts'
import { type Draught, needsChange, type PlanInput, plainPlan, plainStage, type RolloutTargetInput, strategyPath } from './planning.ts'

const stepsPath = `${strategyPath}.rollingSync.steps`

/**
 * Argo CD's progressive syncs: steps by the labels of applications, of which the first that matches counts. An application of no step
 * isn't synced. Follows progressive_sync_dependencies.go of Argo CD, but for percentages, which are of the step's own applications.
 */
export function planRollingSync(rollingSync: RollingSync, { targets }: PlanInput): Draught {
  const { steps } = rollingSync
  const problems: Problem[] = steps.length > 0 ? [] : [{ path: stepsPath, message: 'has to have at least one step' }]
  const notes: string[] = []
  const ofStep: RolloutTargetInput[][] = steps.map(() => [])
  const unplanned: RolloutTargetInput[] = []
  for (const target of targets) {
    const matching = steps.flatMap((step, index) => (matchesStep(step, target) ? [index] : []))
    const [first, second] = matching
    if (second !== undefined) {
      notes.push(
        `application ${target.applicationName} is selected by steps ${matching.map((index) => index + 1).join(', ')}; the first counts`,
      )
    }
    if (first !== undefined) ofStep[first]?.push(target)
    else if (needsChange(target)) unplanned.push(target)
  }

  const stages = steps.flatMap((step, index): PlannedStage[] => {
    problems.push(...stepProblems(step, `${stepsPath}[${index}]`))
    const own = ofStep[index] ?? []
    const maxUpdate = readMaxUpdate(step.maxUpdate, own.length, `${stepsPath}[${index}].maxUpdate`, problems)
    const changing = own.filter(needsChange)
    const name = `step ${index + 1}`
    if (own.length === 0) notes.push(`${name} selects no application, and is left out`)
    return changing.length === 0 ? [] : [{ ...plainStage(name, changing), ...maxUpdate }]
  })
  return {
    plan: plainPlan('RollingSync', stages),
    problems,
    unplanned: unplanned.map(({ applicationId, applicationName }) => ({ applicationId, applicationName, reason: 'no step selects it' })),
    notes,
  }
}

type SyncStep = RollingSync['steps'][number]

function matchesStep(step: SyncStep, target: RolloutTargetInput): boolean {
  return (step.matchExpressions ?? []).every((requirement) => matchesRequirement(requirement, target.applicationLabels))
}

function stepProblems(step: SyncStep, path: string): Problem[] {
  return (step.matchExpressions ?? []).flatMap(({ key, operator }, index) => {
    const at = `${path}.matchExpressions[${index}]`
    const problems = keyProblems(key, `${at}.key`)
    if (operator === 'In' || operator === 'NotIn') return problems
    return [...problems, { path: `${at}.operator`, message: `${JSON.stringify(operator)} is not an operator here; use In or NotIn` }]
  })
}
