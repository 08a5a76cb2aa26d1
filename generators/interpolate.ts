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
 * `values` that name a parameter which isn't there stay as they are, for the generator's own parameters. `path` is where the entry stands.
 */
export function compileEntry(
  given: Json | undefined,
  mode: TemplateMode,
  engine: TemplateEngine,
  nowMs: number,
  path: string,
): CompiledEntry {
  if (!isJsonObject(given)) return { fixed: true, render: () => ({ entry: {}, problems: [{ path, message: 'holds no generator' }] }) }
  const entry = given
  const fixed = !JSON.stringify(entry).includes('{{')
  const parts = Object.entries(entry).map(([field, spec]) => compileField(field, spec ?? null, `${path}.${field}`))
  const rendered = (render: RenderText, strict: RenderText) => {
    const results = parts.map((part) => part(render, strict))
    return {
      entry: Object.fromEntries(results.map(({ field, value }) => [field, value])),
      problems: results.flatMap(({ problems }) => problems),
    }
  }
  const same = fixed ? rendered(asItIs, asItIs) : null
  return {
    fixed,
    render: ({ parameters, types }) => {
      // Without parameters Argo CD renders nothing.
      if (Object.keys(parameters).length === 0) return { entry, problems: [] }
      if (same !== null) return same
      const render = engine.bind(parameters, { mode, types, nowMs })
      const strict = mode.goTemplate ? engine.bind(parameters, { mode: strictMode(mode), types, nowMs }) : render
      return rendered(render, strict)
    },
  }
}

function asItIs(text: string): string {
  return text
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
      if (!isMissingKey(error)) {
        const at =
          error instanceof TemplateError && error.stage === 'execute' ? 'failed to execute go template' : 'failed to parse template'
        problems.push({
          path: `${path}[${JSON.stringify(key)}]`,
          message: `failed to pre-resolve Values key "${key}": ${at} ${text}: ${error.message}`,
        })
      }
      return [key, text]
    }
  })
  return { value: Object.fromEntries(resolved), problems }
}

/** Whether a text failed for want of a parameter, by what Go says then: the generator itself may give it. */
function isMissingKey({ message }: FleetError): boolean {
  return message.includes('map has no entry for key') || message.includes("can't evaluate field")
}
