import type { ApplicationSpec } from '../fleet/application.ts'
import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import type { Manifest } from './manifest.ts'

const notYet = 'known, not supported yet'

/**
 * What a valid manifest asks for and Roadstead can't do yet, where going on without it would do something else than was asked: whoever
 * applies the manifest refuses it with these. Empty when all of it can be done.
 */
export function unsupportedProblems(manifest: Manifest): readonly Problem[] {
  if (manifest.kind === 'Application') return applicationProblems(manifest.spec as unknown as JsonObject, 'spec')
  if (manifest.kind !== 'ApplicationSet') return []
  const { spec } = manifest
  const problems: Problem[] = []
  for (const [index, generator] of spec.generators.entries()) {
    for (const field of Object.keys(generator)) {
      const path = `spec.generators[${index}].${field}`
      const over = generator[field]
      if (!isJsonObject(over) || !isJsonObject(over.template) || !isJsonObject(over.template.spec)) continue
      problems.push(...applicationProblems(over.template.spec, `${path}.template.spec`))
    }
  }
  if (isJsonObject(spec.template.spec)) problems.push(...applicationProblems(spec.template.spec, 'spec.template.spec'))
  return problems
}

function applicationProblems(spec: JsonObject, path: string): readonly Problem[] {
  const problems: Problem[] = []
  if (spec.sourceHydrator !== undefined) problems.push({ path: `${path}.sourceHydrator`, message: notYet })
  if (Array.isArray(spec.sources) && spec.sources.length > 0)
    problems.push({
      path: `${path}.sources`,
      message: `several sources are ${notYet}: use source`,
    })
  if (isJsonObject(spec.source)) problems.push(...sourceProblems(spec.source, `${path}.source`))
  const { ignoreDifferences } = spec as Partial<ApplicationSpec>
  if ((ignoreDifferences ?? []).length > 0) problems.push({ path: `${path}.ignoreDifferences`, message: notYet })
  return problems
}

function sourceProblems(source: JsonObject, path: string): readonly Problem[] {
  return ['chart', 'helm', 'plugin', 'ref']
    .filter((field) => given(source[field]))
    .map((field) => ({
      path: `${path}.${field}`,
      message: `${notYet}: plain directories and kustomize are`,
    }))
}

function given(value: Json | undefined): boolean {
  return value !== undefined && value !== '' && !(isJsonObject(value) && Object.keys(value).length === 0)
}
