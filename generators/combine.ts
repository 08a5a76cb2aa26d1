import { isJsonObject, type Json } from '../fleet/json.ts'
import type { GoType, Parameters } from './generator.ts'
import { sprintValue } from './gotemplate/format/print.ts'

/** `over` laid over `base`, as Argo CD merges parameters (mergo with override): maps unite at any depth, everything else is replaced. */
export function mergeParameters(base: Parameters, over: Parameters): Parameters {
  const merged: { [key: string]: Json } = {}
  for (const [key, value] of Object.entries(base)) merged[key] = value ?? null
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined
    merged[key] = isJsonObject(before) && isJsonObject(value) ? mergeParameters(before, value) : (value ?? null)
  }
  return merged
}

/** Two sets of flat parameters as one, all of them text; or the message that a parameter has two values. */
export function combineFlat(a: Parameters, b: Parameters): { readonly parameters: Parameters } | { readonly conflict: string } {
  const combined = new Map(Object.entries(a).map(([key, value]) => [key, goText(value ?? null)]))
  for (const [key, value] of Object.entries(b)) {
    const text = goText(value ?? null)
    const before = combined.get(key)
    if (before !== undefined && before !== text)
      return { conflict: `found duplicate key ${key} with different value, a: ${before} ,b: ${text}` }
    combined.set(key, text)
  }
  return { parameters: Object.fromEntries(combined) }
}

/** A value as Go's `%v` prints it. */
export function goText(value: Json): string {
  return typeof value === 'string' ? value : sprintValue(value)
}

/** Parameters without structure, as fasttemplate needs them: keys joined with dots, list indexes too, values as text (`%v` unless told otherwise). */
export function flatten(parameters: Parameters, leaf: (value: Json) => string = goText): Readonly<Record<string, string>> {
  const flat: [string, string][] = []
  const walk = (value: Json, key: string): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of (value as readonly Json[]).entries()) walk(item, `${key}.${index}`)
    } else if (isJsonObject(value)) {
      for (const [name, item] of Object.entries(value)) walk(item ?? null, key === '' ? name : `${key}.${name}`)
    } else flat.push([key, leaf(value)])
  }
  walk(parameters, '')
  return Object.fromEntries(flat)
}

/** Parameters in which int64 are text already: Go prints them in full, where it prints other large numbers of JSON with an exponent. */
export function withIntegersAsText(parameters: Parameters, types: readonly GoType[]): Parameters {
  const integers = types.filter(({ type, path }) => type === 'int64' && path.length === 1).map(({ path }) => path[0] ?? '')
  const found = integers.filter((key) => Object.hasOwn(parameters, key) && Number.isSafeInteger(parameters[key]))
  return found.length === 0 ? parameters : { ...parameters, ...Object.fromEntries(found.map((key) => [key, String(parameters[key])])) }
}
