import type { Problem } from '../fleet/errors.ts'
import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import type { OuterParameters, TemplateMode } from './generator.ts'
import { TemplateError } from './gotemplate/errors.ts'
import { type CompiledTemplate, compileTemplate } from './template.ts'
import type { RenderText, TemplateEngine } from './template-engine.ts'
import { strictMode } from './values.ts'

/** An entry of a matrix' generators that was taken apart, to be rendered with many sets of parameters. */
export interface CompiledEntry {
  /** Nothing in it is a template: it is the same for all parameters. */
  readonly fixed: boolean
  readonly render: (given: OuterParameters) => { readonly entry: JsonObject; readonly problems: readonly Problem[] }
}

/**
 * Takes an entry apart of which every text (map keys too) is a template for the parameters of the generators before it. As in Argo CD texts in
 * `values` that these parameters can't resolve stay as they are, for the generator's own parameters. `path` is where the entry stands.
 */
export function compileEntry(entry: JsonObject, mode: TemplateMode, engine: TemplateEngine, nowMs: number, path: string): CompiledEntry {
  if (Object.keys(entry).length === 0)
    return { fixed: true, render: () => ({ entry, problems: [{ path, message: 'holds no generator' }] }) }
  const fixed = !JSON.stringify(entry).includes('{{')
  if (fixed) return { fixed, render: () => ({ entry, problems: [] }) }
  const parts = Object.entries(entry).map(([field, spec]) => compileField(field, spec ?? null, `${path}.${field}`))
  return {
    fixed,
    render: ({ parameters, types }) => {
      // Without parameters Argo CD renders nothing.
      if (Object.keys(parameters).length === 0) return { entry, problems: [] }
      const render = engine.bind(parameters, { mode, types, nowMs })
      const strict = mode.goTemplate ? engine.bind(parameters, { mode: strictMode(mode), types, nowMs }) : render
      const results = parts.map((part) => part(render, strict))
      return {
        entry: Object.fromEntries(results.map(({ field, value }) => [field, value])),
        problems: results.flatMap(({ problems }) => problems),
      }
    },
  }
}

type Part = (
  render: RenderText,
  strict: RenderText,
) => { readonly field: string; readonly value: Json; readonly problems: readonly Problem[] }

function compileField(field: string, spec: Json, path: string): Part {
  if (!isJsonObject(spec)) return () => ({ field, value: spec, problems: [] })
  // The template of a child has no effect, so it can't be wrong either.
  const { values, template, ...rest } = spec
  const compiled: CompiledTemplate = compileTemplate(rest, path)
  return (render, strict) => {
    const rendered = compiled(render)
    const resolved = isJsonObject(values) ? resolveValues(values, strict, `${path}.values`) : { value: values, problems: [] }
    return {
      field,
      value: {
        ...(rendered.value ?? rest),
        ...(values === undefined ? {} : { values: resolved.value }),
        ...(template === undefined ? {} : { template }),
      },
      problems: [...rendered.problems, ...resolved.problems],
    }
  }
}

function resolveValues(
  values: JsonObject,
  strict: RenderText,
  path: string,
): { readonly value: JsonObject; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const resolved = Object.entries(values).map(([key, text]): [string, Json] => {
    if (typeof text !== 'string') return [key, text ?? null]
    try {
      return [key, strict(text)]
    } catch (error) {
      if (!(error instanceof FleetError)) throw error
      if (!(error instanceof TemplateError && error.stage === 'execute')) {
        problems.push({
          path: `${path}[${JSON.stringify(key)}]`,
          message: `failed to pre-resolve Values key "${key}": failed to parse template ${text}: ${error.message}`,
        })
      }
      return [key, text]
    }
  })
  return { value: Object.fromEntries(resolved), problems }
}
