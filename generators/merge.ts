import { canonicalJson } from '../fleet/canonical-json.ts'
import type { Problem } from '../fleet/errors.ts'
import { incomplete } from './ask.ts'
import { childrenOf, uniteTypes } from './children.ts'
import { mergeParameters } from './combine.ts'
import type { GeneratorEnvironment } from './environment.ts'
import { objectOf, textsOf } from './fields.ts'
import type { Generator, GeneratorRegistry, GeneratorResult, Parameters, SourceRequest } from './generator.ts'

type Complete = Extract<GeneratorResult, { readonly outcome: 'complete' }>

/**
 * `merge`: what its first generator gives, with the parameters of later ones over those sets that agree in all `mergeKeys` (types matter, a
 * missing key agrees with a missing key). Follows Argo CD: goTemplate unites maps at any depth, fasttemplate copies; sets of later generators
 * without a partner are dropped; keys are top-level names. Two sets of one generator with the same keys are an error: those of the first
 * generator are left out and named, those of a later one make the whole incomplete, as everything does that an override may be lost by.
 */
export function mergeGenerator(environment: GeneratorEnvironment, registry: () => GeneratorRegistry): Generator {
  return {
    field: 'merge',
    expand: (spec, mode, inputs, path) => {
      const fields = objectOf(spec)
      const children = childrenOf(fields.generators, { environment, registry, mode, inputs, path })
      if ('outcome' in children) return children
      const mergeKeys = textsOf(fields.mergeKeys)
      if (mergeKeys.length === 0) return incomplete(`${path}.mergeKeys`, 'needs at least one key')

      const problems: Problem[] = []
      const requests: SourceRequest[] = []
      const found: Complete[] = []
      for (const child of children) {
        const result = child.expand(inputs.outer)
        if (result.outcome === 'needs') requests.push(...result.requests)
        else if (result.outcome === 'incomplete') problems.push(...result.problems)
        else {
          if (found.length > 0) problems.push(...(result.leftOut ?? []))
          found.push(result)
        }
      }
      if (requests.length > 0) return { outcome: 'needs', requests }
      const [base, ...overrides] = found
      if (problems.length > 0 || base === undefined) return { outcome: 'incomplete', problems }

      const based = indexByMergeKeys(base.parameters, mergeKeys)
      const merged = new Map(based.sets)
      for (const key of based.duplicates) merged.delete(key)
      let { types = [] } = base
      for (const [index, override] of overrides.entries()) {
        const { sets, duplicates } = indexByMergeKeys(override.parameters, mergeKeys)
        const at = `${path}.generators[${index + 1}]`
        if (duplicates.length > 0) return { outcome: 'incomplete', problems: duplicates.map((key) => duplicateProblem(key, at)) }
        types = uniteTypes(types, override.types ?? [])
        for (const [key, over] of sets) {
          const before = merged.get(key)
          if (before !== undefined) merged.set(key, mode.goTemplate ? mergeParameters(before, over) : { ...before, ...over })
        }
      }
      return {
        outcome: 'complete',
        parameters: [...merged.values()],
        leftOut: [...(base.leftOut ?? []), ...based.duplicates.map((key) => duplicateProblem(key, `${path}.generators[0]`))],
        proof: `${merged.size} sets of ${base.proof}, with ${overrides.length} generators over them`,
        types,
      }
    },
  }
}

/** Sets of parameters by the JSON of their merge keys, null for a key that is missing; `duplicates`: keys that several have. */
export function indexByMergeKeys(
  all: readonly Parameters[],
  mergeKeys: readonly string[],
): { readonly sets: ReadonlyMap<string, Parameters>; readonly duplicates: readonly string[] } {
  const keys = [...new Set(mergeKeys)]
  const sets = new Map<string, Parameters>()
  const duplicates = new Set<string>()
  for (const parameters of all) {
    const values = keys.map((key) => [key, Object.hasOwn(parameters, key) ? (parameters[key] ?? null) : null])
    const key = canonicalJson(Object.fromEntries(values))
    if (sets.has(key)) duplicates.add(key)
    else sets.set(key, parameters)
  }
  return { sets, duplicates: [...duplicates] }
}

export function duplicateProblem(key: string, path: string): Problem {
  return { path, message: `gives several sets of parameters with the same merge keys: ${key}` }
}
