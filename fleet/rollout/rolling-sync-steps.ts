import type { RollingSync, SetStrategy } from '../application-set.ts'
import { type Labels, matchesRequirement } from '../label-selector.ts'

/** An application as steps see it. */
export interface SteppedApplication {
  readonly applicationName: string
  readonly applicationLabels: Labels
}

export interface StepSelection<T> {
  /** What each step selects, in the order given. One that several select is in each of them. */
  readonly selected: readonly (readonly T[])[]
  /** The index of the first step that selects it, which counts. What no step selects isn't here. */
  readonly stepOf: ReadonlyMap<T, number>
  /** The indexes of all steps that select it, of those that more than one does. */
  readonly severalTimes: ReadonlyMap<T, readonly number[]>
  /** Indexes of steps that select nothing. */
  readonly emptySteps: readonly number[]
}

/** Which steps of Argo CD's RollingSync select which applications, by their labels. All expressions of a step have to match. */
export function selectSteps<T extends SteppedApplication>(
  { steps = [] }: Partial<RollingSync>,
  applications: readonly T[],
): StepSelection<T> {
  const selected: T[][] = steps.map(() => [])
  const stepOf = new Map<T, number>()
  const severalTimes = new Map<T, readonly number[]>()
  for (const application of applications) {
    const matching = steps.flatMap((step, index) => (matchesStep(step, application) ? [index] : []))
    for (const index of matching) selected[index]?.push(application)
    const [first, second] = matching
    if (first !== undefined) stepOf.set(application, first)
    if (second !== undefined) severalTimes.set(application, matching)
  }
  return { selected, stepOf, severalTimes, emptySteps: selected.flatMap((own, index) => (own.length === 0 ? [index] : [])) }
}

function matchesStep(step: RollingSync['steps'][number], { applicationLabels }: SteppedApplication): boolean {
  return (step.matchExpressions ?? []).every((requirement) => matchesRequirement(requirement, applicationLabels))
}

/**
 * What is doubtful about steps over these applications, in the words of Argo CD's condition InvalidRolloutConfig and as there the worst
 * only; empty when nothing is. What can't be meant at all (operators, maxUpdate) is refused when a set is applied.
 */
export function stepsIssue({ severalTimes, emptySteps }: StepSelection<SteppedApplication>): string {
  const [one, ...others] = [...severalTimes].sort(([a], [b]) => (a.applicationName < b.applicationName ? -1 : 1))
  const numbers = (indexes: readonly number[]) => indexes.map((index) => index + 1)
  if (one !== undefined && others.length === 0)
    return `Application '${one[0].applicationName}' is selected by multiple steps: (${numbers(one[1]).join('-')})`
  if (one !== undefined) {
    const all = [one, ...others]
    const names = all.map(([{ applicationName }]) => applicationName).join("', '")
    return `Applications '${names}' are selected by multiple steps: [${all.map(([, steps]) => `(${numbers(steps).join('-')})`).join(', ')}]`
  }
  return emptySteps.length > 0 ? `Steps [${numbers(emptySteps).join(' ')}] have no applications matching their criteria` : ''
}

/** The steps of a strategy; null for one that has none. */
export function rollingSyncOf(strategy: SetStrategy | undefined): RollingSync | null {
  return strategy?.type === 'RollingSync' && strategy.rollingSync !== undefined ? strategy.rollingSync : null
}
