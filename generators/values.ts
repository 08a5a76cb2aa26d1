import type { Problem } from '../fleet/errors.ts'
import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { mergeParameters } from './combine.ts'
import type { OuterParameters, Parameters } from './generator.ts'
import type { RenderContext, RenderText, TemplateEngine } from './template-engine.ts'

export interface ValuesContext extends RenderContext {
  readonly outer?: OuterParameters | undefined
}

/**
 * Adds a generator's `values` to one set of its parameters, as Argo CD does: each is rendered once against the parameters, none sees another
 * (nothing can grow exponentially), keys are not rendered. goTemplate: a nested `values` map, which replaces one that is there; fasttemplate:
 * `values.<key>`. Inside a matrix a value may use parameters of both sides, which Argo CD can't resolve. Values that can't be rendered
 * are problems, all of them.
 */
export function appendValues(
  values: Json | undefined,
  parameters: Parameters,
  context: ValuesContext,
  engine: TemplateEngine,
  path: string,
): { readonly parameters: Parameters; readonly problems: readonly Problem[] } {
  if (!isJsonObject(values) || Object.keys(values).length === 0) return { parameters, problems: [] }
  const problems: Problem[] = []
  const rendered: [string, Json][] = []
  const render = rendererOf(parameters, context, engine)
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

function rendererOf(parameters: Parameters, context: ValuesContext, engine: TemplateEngine): RenderText {
  const { outer, mode } = context
  const own = engine.bind(parameters, context)
  if (outer === undefined || !mode.goTemplate) return own
  const strict: RenderContext = { ...context, mode: strictMode(mode) }
  const alone = engine.bind(parameters, strict)
  const both = engine.bind(mergeParameters(parameters, outer.parameters), { ...strict, types: [...context.types, ...outer.types] })
  return (text) => attempt(alone, text) ?? attempt(both, text) ?? own(text)
}

function attempt(render: RenderText, text: string): string | null {
  try {
    return render(text)
  } catch (error) {
    if (error instanceof FleetError) return null
    throw error
  }
}

/** The same options, but a parameter that isn't there is an error. */
export function strictMode(mode: RenderContext['mode']): RenderContext['mode'] {
  const others = mode.goTemplateOptions.filter((option) => !option.startsWith('missingkey='))
  return { ...mode, goTemplateOptions: [...others, 'missingkey=error'] }
}
