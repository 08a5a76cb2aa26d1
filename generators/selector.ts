import type { Problem } from '../fleet/errors.ts'
import { isJsonObject } from '../fleet/json.ts'
import { keyProblems, type LabelSelector, type Labels, selectorProblems } from '../fleet/label-selector.ts'
import { flatten, goText } from './combine.ts'
import type { GoType, Parameters } from './generator.ts'
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

/**
 * Parameters as the selector beside a generator sees them: keys joined with dots, list indexes too; other values than text as Go's %v has them.
 * Lists that are no plain JSON in Go (path.segments, labels of pull requests, clusters of flatList) are one value, as Argo CD has them.
 */
export function flattenParameters(parameters: Parameters, types: readonly GoType[] = []): Labels {
  const whole = types.flatMap(wholeList)
  return flatten(
    whole.reduce<Parameters>((value, path) => withText(value, path), parameters),
    (value) => {
      if (value === null) return '<nil>'
      return typeof value === 'number' ? formatFloat(value, 'g', -1) : String(value)
    },
  )
}

/** Where such a list stands, if this type says that there is one. */
function wholeList({ type, path }: GoType): readonly (readonly string[])[] {
  const items = path.indexOf('*')
  if (items >= 0) return [path.slice(0, items)]
  return type === '[]string' ? [path] : []
}

/** The parameters with the list at `path` as text. */
function withText(parameters: Parameters, [key = '', ...rest]: readonly string[]): Parameters {
  if (!Object.hasOwn(parameters, key)) return parameters
  const value = parameters[key] ?? null
  if (rest.length === 0) return Array.isArray(value) ? { ...parameters, [key]: goText(value) } : parameters
  return isJsonObject(value) ? { ...parameters, [key]: withText(value, rest) } : parameters
}
