import type { Problem } from './errors.ts'

/** Kubernetes LabelSelector. Everything in it must match. An empty one matches everything. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly LabelSelectorRequirement[]
}

/** Whether a selector says nothing, and so selects everything. */
export function isEmptySelector({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0
}

export interface LabelSelectorRequirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

export type Labels = Readonly<Record<string, string>>

/** The value of a label, or undefined. Labels come from outside: a key such as `constructor` is no label unless it is one. */
export function labelValue(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}

/**
 * Whether labels match, as in Kubernetes: NotIn and DoesNotExist are met by an absent label, In and Exists are not. A requirement with
 * an unknown operator matches nothing: see `selectorProblems`.
 */
export function matchesSelector(selector: LabelSelector, labels: Labels): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labelValue(labels, key) === value)
  return equal && (selector.matchExpressions ?? []).every((requirement) => matchesRequirement(requirement, labels))
}

export function matchesRequirement({ key, operator, values = [] }: LabelSelectorRequirement, labels: Labels): boolean {
  const value = labelValue(labels, key)
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}

/** Everything that Kubernetes would refuse in this selector. `path` is where it is, such as `spec.selector`. */
export function selectorProblems(selector: LabelSelector, path: string): Problem[] {
  const labels = Object.entries(selector.matchLabels ?? {}).flatMap(([key, value]) => {
    const at = `${path}.matchLabels[${JSON.stringify(key)}]`
    return [...keyProblems(key, at), ...valueProblems(value, at)]
  })
  const expressions = (selector.matchExpressions ?? []).flatMap((requirement, index) =>
    requirementProblems(requirement, `${path}.matchExpressions[${index}]`),
  )
  return [...labels, ...expressions]
}

function requirementProblems({ key, operator, values = [] }: LabelSelectorRequirement, path: string): Problem[] {
  const problems = [
    ...keyProblems(key, `${path}.key`),
    ...values.flatMap((value, index) => valueProblems(value, `${path}.values[${index}]`)),
  ]
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? problems : [...problems, { path: `${path}.values`, message: `${operator} needs at least one value` }]
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0 ? problems : [...problems, { path: `${path}.values`, message: `${operator} takes no values` }]
    default: {
      const message = `${JSON.stringify(operator)} is not an operator; use In, NotIn, Exists or DoesNotExist`
      return [...problems, { path: `${path}.operator`, message }]
    }
  }
}

const nameMax = 63
const prefixMax = 253
const namePattern = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/
const prefixPattern = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/** What Kubernetes would refuse in a label key: `[prefix/]name`. */
export function keyProblems(key: string, path: string): Problem[] {
  const slash = key.indexOf('/')
  const prefix = slash < 0 ? null : key.slice(0, slash)
  const name = key.slice(slash + 1)
  const problems: Problem[] = []
  if (prefix !== null && (prefix.length > prefixMax || !prefixPattern.test(prefix))) {
    problems.push({
      path,
      message: `the part of label key ${JSON.stringify(key)} before / has to be a DNS name of at most ${prefixMax} characters`,
    })
  }
  if (name.length > nameMax || !namePattern.test(name)) {
    const message = `label key ${JSON.stringify(key)} has to begin and end with a letter or digit, with only - _ . besides, in at most ${nameMax} characters`
    problems.push({ path, message })
  }
  return problems
}

/** What Kubernetes would refuse in a label value. */
export function valueProblems(value: string, path: string): Problem[] {
  if (value === '' || (value.length <= nameMax && namePattern.test(value))) return []
  const message = `label value ${JSON.stringify(value)} has to begin and end with a letter or digit, with only - _ . besides, in at most ${nameMax} characters`
  return [{ path, message }]
}
