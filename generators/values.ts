import type { Problem } from '../fleet/errors.ts'
import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import type { Parameters } from './generator.ts'
import type { RenderContext, TemplateEngine } from './template-engine.ts'

/**
 * Adds a generator's `values` to one set of its parameters, as Argo CD does: each is rendered once against the parameters, none sees another
 * (nothing can grow exponentially), keys are not rendered. goTemplate: a nested `values` map, which replaces one that is there; fasttemplate:
 * `values.<key>`. Values that can't be rendered are problems, all of them.
 */
export function appendValues(
  values: Json | undefined,
  parameters: Parameters,
  context: RenderContext,
  engine: TemplateEngine,
  path: string,
): { readonly parameters: Parameters; readonly problems: readonly Problem[] } {
  if (!isJsonObject(values) || Object.keys(values).length === 0) return { parameters, problems: [] }
  const problems: Problem[] = []
  const rendered: [string, Json][] = []
  const render = engine.bind(parameters, context)
  for (const [key, text] of Object.entries(values)) {
    try {
      rendered.push([key, render(String(text))])
    } catch (error) {
      if (!(error instanceof FleetError)) throw error
      problems.push({
        path: `${path}.values[${JSON.stringify(key)}]`,
        message: error.message,
      })
    }
  }
  const added: JsonObject = context.mode.goTemplate
    ? { values: Object.fromEntries(rendered) }
    : Object.fromEntries(rendered.map(([key, value]) => [`values.${key}`, value]))
  return { parameters: { ...parameters, ...added }, problems }
}
