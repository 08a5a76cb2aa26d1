import { clusterDecisionResourceGenerator } from './cluster-decision-resource.ts'
import { clustersGenerator } from './clusters.ts'
import type { GeneratorEnvironment } from './environment.ts'
import type { GeneratorRegistry } from './generator.ts'
import { gitGenerator } from './git.ts'
import { listGenerator } from './list.ts'
import { matrixGenerator } from './matrix.ts'
import { mergeGenerator } from './merge.ts'
import { pluginGenerator } from './plugin.ts'
import { pullRequestGenerator } from './pull-request.ts'
import { scmProviderGenerator } from './scm-provider.ts'

/** A new generator is one file and one line here. */
export function generatorRegistry(environment: GeneratorEnvironment): GeneratorRegistry {
  const generators = [
    listGenerator,
    clustersGenerator(environment),
    gitGenerator(environment),
    scmProviderGenerator(environment),
    clusterDecisionResourceGenerator(environment),
    pullRequestGenerator(environment),
    pluginGenerator(environment),
    matrixGenerator(environment, () => registry),
    mergeGenerator(environment, () => registry),
    ...(environment.generators ?? []),
  ]
  const registry: GeneratorRegistry = new Map(generators.map((generator) => [generator.field, generator]))
  return registry
}
