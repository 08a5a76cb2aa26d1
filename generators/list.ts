import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import type { Generator, Parameters } from './generator.ts'
import { readYaml } from './read-yaml.ts'

/**
 * `list`: one set of parameters for each of `elements`, then for each of `elementsYaml` (YAML 1.1). Follows Argo CD: goTemplate takes any
 * JSON object; fasttemplate takes objects of strings, in which only `values` may be a map (of strings). `elementsYaml` is not flattened.
 * Duplicates are kept. An element that can't be used is left out and named; Argo CD would fail the whole set.
 */
export const listGenerator: Generator = {
  field: 'list',
  expand: (spec, mode, _inputs, path) => {
    const { elements, elementsYaml } = isJsonObject(spec) ? spec : {}
    const parameters: Parameters[] = []
    const leftOut: Problem[] = []
    for (const [index, element] of asList(elements).entries()) {
      const at = `${path}.elements[${index}]`
      if (!isJsonObject(element)) leftOut.push({ path: at, message: 'must be an object' })
      else if (mode.goTemplate) parameters.push(element)
      else {
        const problems = flatElementProblems(element, at)
        leftOut.push(...problems)
        if (problems.length === 0) parameters.push(flatElement(element))
      }
    }
    if (typeof elementsYaml === 'string' && elementsYaml !== '') {
      const { value, problems } = readYaml(elementsYaml)
      if (problems.length > 0)
        return {
          outcome: 'incomplete',
          problems: problems.map(({ message }) => ({ path: `${path}.elementsYaml`, message })),
        }
      if (value !== null && !Array.isArray(value)) {
        return {
          outcome: 'incomplete',
          problems: [
            {
              path: `${path}.elementsYaml`,
              message: 'must be a YAML list of objects',
            },
          ],
        }
      }
      for (const [index, element] of asList(value).entries()) {
        const object = element === null ? {} : element
        if (isJsonObject(object)) parameters.push(object)
        else
          leftOut.push({
            path: `${path}.elementsYaml`,
            message: `[${index}] must be an object`,
          })
      }
    }
    const total = parameters.length + new Set(leftOut.map((problem) => problem.path)).size
    return {
      outcome: 'complete',
      parameters,
      leftOut,
      proof: `${parameters.length} of ${total} list elements`,
    }
  },
}

function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

function flatElementProblems(element: JsonObject, path: string): readonly Problem[] {
  const problems: Problem[] = []
  for (const [key, value] of Object.entries(element)) {
    const at = `${path}[${JSON.stringify(key)}]`
    if (key !== 'values') {
      if (typeof value !== 'string')
        problems.push({
          path: at,
          message: 'must be text: quote it, or set goTemplate: true, which takes any value',
        })
    } else if (!isJsonObject(value)) problems.push({ path: at, message: 'must be a map of texts' })
    else {
      for (const [name, text] of Object.entries(value)) {
        if (typeof text !== 'string')
          problems.push({
            path: `${at}[${JSON.stringify(name)}]`,
            message: 'must be text: quote it, or set goTemplate: true',
          })
      }
    }
  }
  return problems
}

function flatElement(element: JsonObject): Parameters {
  const flat: [string, Json][] = []
  for (const [key, value] of Object.entries(element)) {
    if (key === 'values' && isJsonObject(value))
      for (const [name, text] of Object.entries(value)) flat.push([`values.${name}`, text ?? null])
    else flat.push([key, value ?? null])
  }
  return Object.fromEntries(flat)
}
