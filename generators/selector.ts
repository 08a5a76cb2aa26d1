import type { Problem } from '../fleet/errors.ts'
import { keyProblems, type LabelSelector, type Labels, selectorProblems } from '../fleet/label-selector.ts'
import { flatten } from './combine.ts'
import type { Parameters } from './generator.ts'
import { formatFloat } from './gotemplate/format/float.ts'

/**
 * What is wrong with the selector beside a generator, which filters its parameters. As in Argo CD's own copy of Kubernetes' selector its
 * values may be anything (URLs too), but keys must be label keys.
 */
export function postSelectorProblems(selector: LabelSelector, path: string): readonly Problem[] {
  const keys = Object.keys(selector.matchLabels ?? {}).flatMap((key) => keyProblems(key, `${path}.matchLabels[${JSON.stringify(key)}]`))
  const operators = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => ({
    key,
    operator,
    values: values.map(() => 'any'),
  }))
  return [...keys, ...selectorProblems({ matchExpressions: operators }, path)]
}

/** Parameters as the selector beside a generator sees them: keys joined with dots, list indexes too; other values than text as Go's %v has them. */
export function flattenParameters(parameters: Parameters): Labels {
  return flatten(parameters, (value) => {
    if (value === null) return '<nil>'
    return typeof value === 'number' ? formatFloat(value, 'g', -1) : String(value)
  })
}
