import { clustersGenerator } from './clusters.ts'
import type { GeneratorEnvironment } from './environment.ts'
import type { Generator } from './generator.ts'
import { listGenerator } from './list.ts'
import { unsupportedGenerator } from './unsupported.ts'

/** Every generator by its field in `spec.generators[]`, in the order in which Argo CD runs those of one entry. */
export type GeneratorRegistry = ReadonlyMap<string, Generator>

export const unsupportedGeneratorFields: readonly string[] = [
  'git',
  'scmProvider',
  'clusterDecisionResource',
  'pullRequest',
  'matrix',
  'merge',
  'plugin',
]

/** A new generator is one file and one line here. */
export function generatorRegistry(environment: GeneratorEnvironment): GeneratorRegistry {
  const generators = [
    listGenerator(environment),
    clustersGenerator(environment),
    ...unsupportedGeneratorFields.map(unsupportedGenerator),
    ...(environment.generators ?? []),
  ]
  return new Map(generators.map((generator) => [generator.field, generator]))
}
