import type { Problem } from '../fleet/errors.ts'
import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import type { RenderText } from './template-engine.ts'

export interface Rendered {
  /** Null when anything failed. Parts without a template in them are shared with the template itself. */
  readonly value: JsonObject | null
  /** Every text that failed, with its path. */
  readonly problems: readonly Problem[]
}

/** A template that was taken apart, to be rendered with many sets of parameters. */
export type CompiledTemplate = (render: RenderText) => Rendered

type Part =
  | { readonly kind: 'fixed'; readonly value: Json }
  | { readonly kind: 'text'; readonly text: string; readonly path: string }
  | { readonly kind: 'list'; readonly items: readonly Part[] }
  | { readonly kind: 'object'; readonly entries: readonly Entry[] }

interface Entry {
  readonly key: string
  readonly path: string
  readonly part: Part
  /** The field isn't there when its text comes out empty. */
  readonly isOptional: boolean
}

/** Whether a field isn't there when it has this value, which is empty. */
type IsLeftOut = (path: string, value: Json) => boolean

/**
 * Takes an application template apart. As in Argo CD every text and every map key is a template of its own, at any depth
 * (helm.valuesObject too); numbers, booleans and null are copied. No parameter can therefore change the structure of what comes out.
 * Fields that are null aren't there, nor empty ones of which `isLeftOut` says so. `path` is where the template stands in its
 * manifest.
 */
export function compileTemplate(template: JsonObject, path: string, isLeftOut: IsLeftOut = () => false): CompiledTemplate {
  const root = compile(template, path, isLeftOut)
  return (render) => {
    const problems: Problem[] = []
    const value = build(
      root,
      (text, at) => {
        try {
          return render(text)
        } catch (error) {
          if (!(error instanceof FleetError)) throw error
          problems.push({ path: at, message: error.message })
          return ''
        }
      },
      problems,
    )
    return problems.length > 0 || !isJsonObject(value) ? { value: null, problems } : { value, problems }
  }
}

/** Every text of a template that has something to render, with its path; keys that have are named by their own path. */
export function templatedTexts(template: JsonObject, path: string): readonly { readonly path: string; readonly text: string }[] {
  const walk = (part: Part): { path: string; text: string }[] => {
    switch (part.kind) {
      case 'fixed':
        return []
      case 'text':
        return [{ path: part.path, text: part.text }]
      case 'list':
        return part.items.flatMap(walk)
      case 'object':
        return part.entries.flatMap(({ key, path: at, part: inner }) => [
          ...(isTemplate(key) ? [{ path: at, text: key }] : []),
          ...walk(inner),
        ])
    }
  }
  return walk(compile(template, path, () => false))
}

function compile(value: Json, path: string, isLeftOut: IsLeftOut): Part {
  if (typeof value === 'string') return isTemplate(value) ? { kind: 'text', text: value, path } : { kind: 'fixed', value }
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item, index) => compile(item, `${path}[${index}]`, isLeftOut))
    return items.every(isFixed) ? { kind: 'fixed', value: items.map((item) => item.value) } : { kind: 'list', items }
  }
  if (!isJsonObject(value)) return { kind: 'fixed', value }
  const entries = Object.entries(value).flatMap(([key, item]): Entry[] => {
    if (item === undefined || item === null) return []
    const at = /^[A-Za-z][A-Za-z0-9]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
    const part = compile(item, at, isLeftOut)
    return isFixed(part) && isLeftOut(at, part.value) ? [] : [{ key, path: at, part, isOptional: isLeftOut(at, '') }]
  })
  const fixed = entries.flatMap(({ key, part }): [string, Json][] => (isFixed(part) && !isTemplate(key) ? [[key, part.value]] : []))
  return fixed.length === entries.length ? { kind: 'fixed', value: Object.fromEntries(fixed) } : { kind: 'object', entries }
}

function isTemplate(text: string): boolean {
  return text.includes('{{')
}

function isFixed(part: Part): part is Extract<Part, { readonly kind: 'fixed' }> {
  return part.kind === 'fixed'
}

function build(part: Part, render: (text: string, path: string) => string, problems: Problem[]): Json {
  switch (part.kind) {
    case 'fixed':
      return part.value
    case 'text':
      return render(part.text, part.path)
    case 'list':
      return part.items.map((item) => build(item, render, problems))
    case 'object': {
      const result: { [key: string]: Json } = {}
      for (const { key, path, part: inner, isOptional } of part.entries) {
        const name = isTemplate(key) ? render(key, path) : key
        const made = build(inner, render, problems)
        if (isOptional && made === '') continue
        if (name === '__proto__') problems.push({ path, message: 'the key renders to __proto__, which is refused' })
        else if (Object.hasOwn(result, name)) problems.push({ path, message: `two keys render to ${JSON.stringify(name)}` })
        else result[name] = made
      }
      return result
    }
  }
}
