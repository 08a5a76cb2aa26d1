import type { Problem } from '../fleet/errors.ts'
import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import type { RenderText } from './template-engine.ts'

/**
 * Renders an application template with one set of parameters, as Argo CD does: every text and every map key is a template of its own, at
 * any depth (helm.valuesObject too); numbers, booleans and null are copied. No parameter can therefore change the structure of what comes
 * out. All texts that fail are problems, with their path; then `value` is null.
 */
export function renderTemplate(
  template: JsonObject,
  render: RenderText,
  path: string,
): {
  readonly value: JsonObject | null
  readonly problems: readonly Problem[]
} {
  const problems: Problem[] = []
  const text = (source: string, at: string): string => {
    if (!source.includes('{{')) return source
    try {
      return render(source)
    } catch (error) {
      if (!(error instanceof FleetError)) throw error
      problems.push({ path: at, message: error.message })
      return ''
    }
  }
  const walk = (value: Json | undefined, at: string): Json | undefined => {
    if (typeof value === 'string') return text(value, at)
    if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => walk(item, `${at}[${index}]`) ?? null)
    if (isJsonObject(value)) return object(value, at)
    return value
  }
  const object = (value: JsonObject, at: string): JsonObject => {
    const entries = new Map<string, Json | undefined>()
    for (const [key, item] of Object.entries(value)) {
      const here = /^[A-Za-z][A-Za-z0-9]*$/.test(key) ? `${at}.${key}` : `${at}[${JSON.stringify(key)}]`
      const name = text(key, here)
      if (name === '__proto__')
        problems.push({
          path: here,
          message: 'the key renders to __proto__, which is refused',
        })
      else if (entries.has(name))
        problems.push({
          path: here,
          message: `two keys render to ${JSON.stringify(name)}`,
        })
      entries.set(name, walk(item, here))
    }
    return Object.fromEntries(entries)
  }
  const value = object(template, path)
  return problems.length > 0 ? { value: null, problems } : { value, problems: [] }
}
