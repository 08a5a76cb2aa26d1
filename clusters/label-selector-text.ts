import type { LabelSelector, LabelSelectorRequirement } from '../fleet/label-selector.ts'

/** A selector as the query parameter `labelSelector` has it. Only for one in which `selectorProblems` finds nothing: nothing is escaped. */
export function labelSelectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  return [...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`), ...matchExpressions.map(requirementText)].join(',')
}

function requirementText({ key, operator, values = [] }: LabelSelectorRequirement): string {
  switch (operator) {
    case 'Exists':
      return key
    case 'DoesNotExist':
      return `!${key}`
    default:
      return `${key} ${operator.toLowerCase()} (${values.join(',')})`
  }
}
