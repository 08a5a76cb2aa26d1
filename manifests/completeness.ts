import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { applicationProblems } from '../fleet/set/application-problems.ts'
import { mergeTemplate } from '../generators/merge-template.ts'

/**
 * What the template of a set lacks for making applications. A generator's own template may bring it; then it is looked at together with the
 * base. With a templatePatch, which may bring anything, this can only be said of the applications.
 */
export function setTemplateProblems(spec: JsonObject): readonly Problem[] {
  if (typeof spec.templatePatch === 'string' && spec.templatePatch !== '') return []
  const base = isJsonObject(spec.template) ? spec.template : {}
  const problems = new Map<string, Problem>()
  for (const over of generatorTemplates(spec.generators)) {
    const { metadata, spec: application } = mergeTemplate(over, base)
    const found = [...applicationProblems(isJsonObject(application) ? application : {}, 'spec.template.spec')]
    if (!isJsonObject(metadata) || metadata.name === undefined || metadata.name === '') {
      found.push({
        path: 'spec.template.metadata.name',
        message: 'is required: the name of each application, usually with a parameter in it',
      })
    }
    for (const problem of found) problems.set(`${problem.path} ${problem.message}`, problem)
  }
  return [...problems.values()]
}

/** The template of each top-level generator; empty where it has none. Those inside matrix and merge have no effect. */
function generatorTemplates(generators: Json | undefined): readonly JsonObject[] {
  const entries = Array.isArray(generators) ? (generators as readonly Json[]) : []
  const templates = entries.flatMap((entry) =>
    Object.entries(isJsonObject(entry) ? entry : {})
      .filter(([field, value]) => field !== 'selector' && isJsonObject(value))
      .map(([, value]) => (isJsonObject(value) && isJsonObject(value.template) ? value.template : {})),
  )
  return templates.length === 0 ? [{}] : templates
}
