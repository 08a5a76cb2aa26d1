import { canonicalJson } from '../fleet/canonical-json.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { incomplete } from './ask.ts'
import { mergeParameters } from './combine.ts'
import type { GeneratorEnvironment } from './environment.ts'
import { expandGenerator } from './expand-generator.ts'
import { listOf } from './fields.ts'
import type { GeneratorInputs, GeneratorRegistry, GeneratorResult, GoType, OuterParameters, TemplateMode } from './generator.ts'
import { type CompiledEntry, compileEntry } from './interpolate.ts'

/** How deep matrix and merge may stand in each other. */
export const nestingMax = 8

/** A generator inside a matrix or merge. */
export interface Child {
  readonly path: string
  /** It gives the same for all parameters of the ones before it. */
  readonly fixed: boolean
  /** `given`: parameters of what stands before it. Only `outcome: complete` has parameters. */
  readonly expand: (given: OuterParameters | undefined) => GeneratorResult
}

interface ChildContext {
  readonly environment: GeneratorEnvironment
  readonly registry: () => GeneratorRegistry
  readonly mode: TemplateMode
  readonly inputs: GeneratorInputs
  readonly path: string
}

/** The entries of `generators` of a matrix or merge, or why they can't be used. */
export function childrenOf(generators: Json | undefined, context: ChildContext): readonly Child[] | GeneratorResult {
  const depth = context.path.split('.generators[').length
  if (depth > nestingMax + 1) return incomplete(context.path, `matrix and merge may be nested ${nestingMax} deep`)
  const entries = listOf(generators).filter(isJsonObject)
  if (entries.length < 2) return incomplete(`${context.path}.generators`, 'needs at least two generators')
  const children: Child[] = []
  for (const [index, entry] of entries.entries()) {
    const path = `${context.path}.generators[${index}]`
    const fields = Object.keys(entry).filter((field) => field !== 'selector' && entry[field] !== undefined && entry[field] !== null)
    if (fields.length !== 1) return incomplete(path, `needs one generator, found ${fields.length === 0 ? 'none' : fields.join(' and ')}`)
    children.push(childOf(entry, fields[0] ?? '', path, context))
  }
  return children
}

function childOf(entry: JsonObject, field: string, path: string, { environment, registry, mode, inputs }: ChildContext): Child {
  const compiled = compiledChild(entry, field, path, environment, mode, inputs.nowMs)
  return {
    path,
    fixed: !JSON.stringify(entry).includes('{{'),
    expand: (given) => {
      const rendered = given === undefined ? { entry, problems: [] } : compiled.render(given)
      if (rendered.problems.length > 0) return { outcome: 'incomplete', problems: rendered.problems }
      const { outer: _outer, ...rest } = inputs
      const [result] = expandGenerator(rendered.entry, registry(), mode, given === undefined ? rest : { ...rest, outer: given }, path)
      return result === undefined ? incomplete(path, 'holds no generator') : result.result
    },
  }
}

/**
 * matrix and merge aren't rendered as a whole: they hand what they are given on to each of their own generators, which may need parameters of
 * their neighbours, too.
 */
function compiledChild(
  entry: JsonObject,
  field: string,
  path: string,
  { engine }: GeneratorEnvironment,
  mode: TemplateMode,
  nowMs: number,
): CompiledEntry {
  if (field !== 'matrix' && field !== 'merge') return compileEntry(entry, mode, engine, nowMs, path)
  const { [field]: nested, ...rest } = entry
  if (Object.keys(rest).length === 0) return { fixed: false, render: () => ({ entry, problems: [] }) }
  const compiled = compileEntry(rest, mode, engine, nowMs, path)
  return {
    fixed: false,
    render: (given) => {
      const rendered = compiled.render(given)
      return { entry: { ...rendered.entry, [field]: nested }, problems: rendered.problems }
    },
  }
}

/** What a generator may use that stands after `own` inside something that was given `outer`: the outer ones win, as they do in the result. */
export function givenAfter(own: OuterParameters, outer: OuterParameters | undefined, mode: TemplateMode): OuterParameters {
  if (outer === undefined) return own
  return {
    parameters: mode.goTemplate ? mergeParameters(own.parameters, outer.parameters) : { ...own.parameters, ...outer.parameters },
    types: uniteTypes(own.types, outer.types),
  }
}

export function uniteTypes(a: readonly GoType[], b: readonly GoType[]): readonly GoType[] {
  const known = new Set(a.map((type) => canonicalJson(type)))
  const more = b.filter((type) => !known.has(canonicalJson(type)))
  return more.length === 0 ? a : [...a, ...more]
}
