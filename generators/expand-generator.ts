import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type JsonObject } from '../fleet/json.ts'
import { type LabelSelector, matchesSelector } from '../fleet/label-selector.ts'
import { withIntegersAsText } from './combine.ts'
import type { GeneratorInputs, GeneratorRegistry, GeneratorResult, TemplateMode } from './generator.ts'
import { flattenParameters, postSelectorProblems } from './selector.ts'

/** What one generator of an entry gives, after the entry's selector. */
export interface KindResult {
  /** `list`, `clusters` ... */
  readonly field: string
  readonly path: string
  /** The generator's own template; empty when it has none. */
  readonly template: JsonObject
  readonly result: GeneratorResult
}

/**
 * Expands one entry of `generators`. As in Argo CD an entry may hold several generators: all run. The selector beside them filters what they
 * give. A field that is no generator makes the entry incomplete.
 */
export function expandGenerator(
  entry: JsonObject,
  registry: GeneratorRegistry,
  mode: TemplateMode,
  inputs: GeneratorInputs,
  path: string,
): readonly KindResult[] {
  const results: KindResult[] = []
  const selector = isJsonObject(entry.selector) ? (entry.selector as LabelSelector) : null
  const wrong = selector === null ? [] : postSelectorProblems(selector, `${path}.selector`)
  for (const field of Object.keys(entry)) {
    if (field === 'selector' || registry.has(field) || entry[field] === undefined) continue
    results.push({
      field,
      path: `${path}.${field}`,
      template: {},
      result: incomplete([{ path: `${path}.${field}`, message: 'there is no such generator' }]),
    })
  }
  for (const [field, generator] of registry) {
    const spec = entry[field]
    if (spec === undefined || spec === null) continue
    const at = `${path}.${field}`
    const result = wrong.length > 0 ? incomplete(wrong) : generator.expand(spec, mode, inputs, at)
    const template = isJsonObject(spec) && isJsonObject(spec.template) ? spec.template : {}
    results.push({
      field,
      path: at,
      template,
      result: selector === null ? result : filtered(result, selector),
    })
  }
  return results
}

function incomplete(problems: readonly Problem[]): GeneratorResult {
  return { outcome: 'incomplete', problems }
}

function filtered(result: GeneratorResult, selector: LabelSelector): GeneratorResult {
  if (result.outcome !== 'complete') return result
  const { types = [] } = result
  const parameters = result.parameters.filter((one) => matchesSelector(selector, flattenParameters(withIntegersAsText(one, types), types)))
  return {
    ...result,
    parameters,
    proof: `${result.proof}, ${parameters.length} selected`,
  }
}
