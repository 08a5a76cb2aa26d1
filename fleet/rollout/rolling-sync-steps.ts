import type { RollingSync, SetStrategy } from '../application-set.ts'
import { type LabelSelectorRequirement, type Labels, labelValue, matchesRequirement } from '../label-selector.ts'

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
  /** Operators that steps don't have, met at a label that an application has: the step doesn't select it. */
  readonly invalidOperators: readonly { readonly stepIndex: number; readonly operator: string }[]
}

const operators: readonly string[] = ['In', 'NotIn']

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
  return {
    selected,
    stepOf,
    severalTimes,
    emptySteps: selected.flatMap((own, index) => (own.length === 0 ? [index] : [])),
    invalidOperators: steps.flatMap((step, stepIndex) => {
      if ((step.matchExpressions ?? []).every(({ operator }) => operators.includes(operator))) return []
      const met = applications.flatMap(({ applicationLabels }) => stopsAt(step, applicationLabels) ?? [])
      const invalid = met.filter(({ operator }) => !operators.includes(operator))
      return [...new Set(invalid.map(({ operator }) => operator))].map((operator) => ({ stepIndex, operator }))
    }),
  }
}

function matchesStep(step: RollingSync['steps'][number], { applicationLabels }: SteppedApplication): boolean {
  return stopsAt(step, applicationLabels) === undefined
}

/** The first expression of a step that labels don't meet. As in Argo CD one with an operator that isn't known is met where its label is absent. */
function stopsAt({ matchExpressions = [] }: RollingSync['steps'][number], labels: Labels): LabelSelectorRequirement | undefined {
  return matchExpressions.find((requirement) => {
    if (operators.includes(requirement.operator)) return !matchesRequirement(requirement, labels)
    return labelValue(labels, requirement.key) !== undefined
  })
}

/**
 * What is doubtful about steps over these applications, in the words of Argo CD's condition InvalidRolloutConfig and as there the worst
 * only; empty when nothing is. What can't be meant at all (operators, maxUpdate) is refused already when a set is applied.
 */
export function stepsIssue({ severalTimes, emptySteps, invalidOperators }: StepSelection<SteppedApplication>): string {
  if (invalidOperators.length > 0) {
    const where = invalidOperators.map(({ stepIndex }) => stepIndex + 1).join(', ')
    const which = invalidOperators.map(({ operator }) => operator).join(', ')
    const [subject, verb] = invalidOperators.length === 1 ? ['Step', 'has'] : ['Steps', 'have']
    return `${subject} ${where} ${verb} invalid matchExpression operators: ${which}. Supported Operators are 'In' and 'NotIn'`
  }
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
