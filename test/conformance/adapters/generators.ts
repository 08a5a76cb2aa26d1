import type { ApplicationSetSpec } from '../../../fleet/application-set.ts'
import { canonicalJson } from '../../../fleet/canonical-json.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../fleet/json.ts'
import { expandGenerator } from '../../../generators/expand-generator.ts'
import { projectOf } from '../../../generators/expand-set.ts'
import type { GeneratorInputs } from '../../../generators/generator.ts'
import { pullRequestProviders } from '../../../generators/pull-request.ts'
import { generatorRegistry } from '../../../generators/registry.ts'
import { scmProviders } from '../../../generators/scm-provider.ts'
import { generatorEnvironment } from '../../../server/generator-environment.ts'
import { type Adapters, list, type Outcome, problemText } from '../adapter.ts'
import { inputsOf } from '../world.ts'
import { modeOf } from './mode.ts'
import { stubsOf } from './stubbed.ts'

const environment = generatorEnvironment()

export const generatorAdapters: Adapters = {
  generator: {
    run: (given) => {
      const world = isJsonObject(given.environment) ? given.environment : {}
      return expandEntry(withProvider(isJsonObject(given.generator) ? given.generator : {}), given, inputsOf(world), world)
    },
    unordered: ['params'],
    clean: sortFlatLists,
  },
  generator_with_project: {
    run: (given) => {
      const set = isJsonObject(given.applicationSet) ? given.applicationSet : {}
      const world = isJsonObject(given.environment) ? given.environment : {}
      const spec = set.spec as unknown as ApplicationSetSpec
      const inputs = { ...inputsOf(world), project: projectOf(spec) }
      return expandEntry(spec.generators[0] ?? {}, spec as unknown as JsonObject, inputs, world)
    },
    unordered: ['params'],
  },
}

/** Cases whose provider was replaced as a whole don't name one. */
function withProvider(entry: JsonObject): JsonObject {
  const provider = { pullRequest: { github: { owner: 'o', repo: 'r' } }, scmProvider: { github: { organization: 'o' } } }
  const named = Object.entries(provider).map(([field, github]) => {
    const spec = entry[field]
    return isJsonObject(spec) && !Object.keys(spec).some((key) => knownProviders.has(key)) ? [field, { ...github, ...spec }] : null
  })
  return { ...entry, ...Object.fromEntries(named.filter((one) => one !== null)) }
}

const knownProviders: ReadonlySet<string> = new Set([...pullRequestProviders, ...scmProviders])

/** The parameters of one entry of `generators`, by what expandSet runs for each. */
export function expandEntry(entry: JsonObject, mode: JsonObject, inputs: GeneratorInputs, world: JsonObject): Outcome {
  const registry = generatorRegistry({ ...environment, generators: stubsOf(world.stubbedGenerators) })
  const params: JsonObject[] = []
  const errors: string[] = []
  for (const { result } of expandGenerator(entry, registry, modeOf(mode), inputs, 'generator')) {
    if (result.outcome === 'incomplete') errors.push(problemText(result.problems))
    else if (result.outcome === 'needs') errors.push(`not answered: ${result.requests.map(({ kind }) => kind).join(', ')}`)
    else {
      params.push(...result.parameters)
      // What Argo CD fails for, we leave out and name.
      if ((result.leftOut ?? []).length > 0) errors.push(problemText(result.leftOut ?? []))
    }
  }
  return errors.length > 0 ? { error: errors.join('; ') } : { value: { params } }
}

/** With flatList the clusters inside have no order either. */
function sortFlatLists(member: Json, name: string): Json {
  if (name !== 'params') return member
  return list(member).map((one) => {
    // Go's nil map and list are null, and mean nothing.
    if (one === null) return {}
    if (!isJsonObject(one)) return one
    if (one.clusters === null) return { ...one, clusters: [] }
    if (!Array.isArray(one.clusters)) return one
    return { ...one, clusters: list(one.clusters).toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)) }
  })
}
