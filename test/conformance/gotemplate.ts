import type { JsonObject } from '../../fleet/json.ts'
import { isJsonObject } from '../../fleet/json.ts'
import type { Environment } from '../../generators/gotemplate/environment.ts'
import { TemplateError } from '../../generators/gotemplate/errors.ts'
import { renderFastTemplate } from '../../generators/gotemplate/fasttemplate.ts'
import { normalizeName, slugifyName } from '../../generators/gotemplate/slug.ts'
import { renderGoTemplate } from '../../generators/gotemplate/template.ts'

/** What a case gives: a value, changed parameters, an error, or nothing because the kind is not ours. */
export type CaseResult =
  | { readonly value: unknown }
  | { readonly params: JsonObject }
  | { readonly error: string }
  | { readonly unknown: true }

/** The recorded cases depend on no clock; UTC as they were recorded. */
const environment: Environment = { nowMs: 0 }

/** Runs one conformance case of the rendering layer through the code that the generators call. */
export function runCase(kind: string, given: JsonObject): CaseResult {
  try {
    switch (kind) {
      case 'template_string':
        return { value: render(given, String(given.template)) }
      case 'functions':
        return runFunction(given)
      case 'values_interpolation':
        return { params: interpolate(given) }
      default:
        return { unknown: true }
    }
  } catch (error) {
    if (error instanceof TemplateError) return { error: prefix(error, String(given.template)) + error.message }
    throw error
  }
}

function prefix(error: TemplateError, text: string): string {
  if (error.stage === 'option') return ''
  return error.stage === 'parse' ? `failed to parse template ${text}: ` : `failed to execute go template ${text}: `
}

function parametersOf(given: JsonObject): JsonObject {
  return isJsonObject(given.params) ? given.params : {}
}

function optionsOf(given: JsonObject): string[] {
  return Array.isArray(given.goTemplateOptions) ? given.goTemplateOptions.map(String) : []
}

function render(given: JsonObject, text: string): string {
  const parameters = parametersOf(given)
  // Argo CD leaves a template alone when there are no parameters at all.
  if (Object.keys(parameters).length === 0 && given.values === undefined) return text
  return given.goTemplate === true
    ? renderGoTemplate(text, parameters, optionsOf(given), environment)
    : renderFastTemplate(text, parameters)
}

function interpolate(given: JsonObject): JsonObject {
  const values = isJsonObject(given.values) ? given.values : {}
  const rendered = Object.fromEntries(Object.entries(values).map(([key, text]) => [key, render(given, String(text))]))
  if (given.goTemplate === true) return { ...parametersOf(given), values: rendered }
  return { ...parametersOf(given), ...Object.fromEntries(Object.entries(rendered).map(([key, text]) => [`values.${key}`, text])) }
}

function runFunction(given: JsonObject): CaseResult {
  const args = Array.isArray(given.args) ? given.args : []
  const name = String(args.at(-1))
  if (given.function === 'normalize') return { value: normalizeName(name) }
  if (given.function === 'slugify')
    return { value: slugifyName(name, args.length > 1 ? Number(args[0]) : 50, args.length > 2 && args[1] === true) }
  return { unknown: true }
}
