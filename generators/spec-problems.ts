import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { type LabelSelector, selectorProblems } from '../fleet/label-selector.ts'
import { nestingMax } from './children.ts'
import { listOf, objectOf, textOf, textsOf } from './fields.ts'
import { TemplateError } from './gotemplate/errors.ts'
import { missingKeyOf, parseTemplate } from './gotemplate/template.ts'
import { pullRequestProviders } from './pull-request.ts'
import { pullRequestFilters } from './pull-request-filters.ts'
import { scmFilters } from './scm-filters.ts'
import { cloneProtocolOf, cloneProtocolProblem, providerOf } from './scm-policy.ts'
import { scmProviders } from './scm-provider.ts'
import { postSelectorProblems } from './selector.ts'

/**
 * What can be said to be wrong with the generators of a set before anything is asked: selectors, regular expressions, numbers of generators,
 * providers. The types of fields were checked before. What holds a template is known only when it is rendered, inside a matrix.
 */
export function generatorSpecProblems(entries: Json | undefined, path: string, depth = 1): readonly Problem[] {
  return listOf(entries).flatMap((entry, index) => (isJsonObject(entry) ? entryProblems(entry, `${path}[${index}]`, depth) : []))
}

function entryProblems(entry: JsonObject, path: string, depth: number): readonly Problem[] {
  const fields = Object.keys(entry).filter((field) => field !== 'selector' && entry[field] !== undefined && entry[field] !== null)
  const problems: Problem[] = []
  if (fields.length === 0) problems.push({ path, message: 'holds no generator: such as list: or clusters: {}' })
  if (depth > 1 && fields.length > 1) problems.push({ path, message: `needs one generator, found ${fields.join(' and ')}` })
  problems.push(...ofSelector(entry.selector, `${path}.selector`, postSelectorProblems))
  for (const field of fields) problems.push(...specProblems(field, objectOf(entry[field]), `${path}.${field}`, depth))
  return problems
}

function specProblems(field: string, spec: JsonObject, path: string, depth: number): readonly Problem[] {
  const isTemplate = JSON.stringify(spec.filters ?? null).includes('{{')
  switch (field) {
    case 'clusters':
      return ofSelector(spec.selector, `${path}.selector`, selectorProblems)
    case 'clusterDecisionResource':
      return ofSelector(spec.labelSelector, `${path}.labelSelector`, selectorProblems)
    case 'git':
      return listOf(spec.directories).length + listOf(spec.files).length === 0 ? [{ path, message: 'needs directories or files' }] : []
    case 'pullRequest':
      return [
        ...(providerOf(spec, pullRequestProviders) === null ? [{ path, message: `needs one of ${pullRequestProviders.join(', ')}` }] : []),
        ...(isTemplate ? [] : pullRequestFilters(spec.filters, `${path}.filters`).problems),
      ]
    case 'scmProvider':
      return [
        ...(providerOf(spec, scmProviders) === null ? [{ path, message: `needs one of ${scmProviders.join(', ')}` }] : []),
        ...cloneProtocolProblems(spec, `${path}.cloneProtocol`),
        ...(isTemplate ? [] : scmFilters(spec.filters, `${path}.filters`).problems),
      ]
    case 'matrix':
    case 'merge': {
      if (depth > nestingMax) return [{ path, message: `matrix and merge may be nested ${nestingMax} deep` }]
      const few = listOf(spec.generators).length < 2 ? [{ path: `${path}.generators`, message: 'needs at least two generators' }] : []
      const noKey =
        field === 'merge' && textsOf(spec.mergeKeys).length === 0 ? [{ path: `${path}.mergeKeys`, message: 'needs at least one key' }] : []
      return [...few, ...noKey, ...generatorSpecProblems(spec.generators, `${path}.generators`, depth + 1)]
    }
    default:
      return []
  }
}

function cloneProtocolProblems(spec: JsonObject, path: string): readonly Problem[] {
  const provider = providerOf(spec, scmProviders)?.provider
  return cloneProtocolOf(textOf(spec.cloneProtocol), provider) === null ? [{ path, message: cloneProtocolProblem(provider) }] : []
}

function ofSelector(
  selector: Json | undefined,
  path: string,
  problemsOf: (selector: LabelSelector, path: string) => readonly Problem[],
): readonly Problem[] {
  return isJsonObject(selector) && !JSON.stringify(selector).includes('{{') ? problemsOf(selector, path) : []
}

/** Templates of a set with goTemplate that can't be read, each with its path, and line and column within the text. */
export function templateProblems(spec: JsonObject): readonly Problem[] {
  if (spec.goTemplate !== true) return []
  const options = textsOf(spec.goTemplateOptions)
  try {
    missingKeyOf(options)
  } catch (error) {
    if (error instanceof TemplateError) return [{ path: 'spec.goTemplateOptions', message: `${error.message}: use missingkey=error` }]
    throw error
  }
  const parts: readonly [string, Json | undefined][] = [
    ['spec.generators', spec.generators],
    ['spec.template', spec.template],
    ['spec.templatePatch', spec.templatePatch],
  ]
  return parts.flatMap(([path, value]) => textProblems(value ?? null, path, options))
}

function textProblems(value: Json, path: string, options: readonly string[]): readonly Problem[] {
  if (typeof value === 'string') return syntaxProblem(value, path, options)
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item, index) => textProblems(item, `${path}[${index}]`, options))
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    const at = /^[A-Za-z][A-Za-z0-9]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
    return [...syntaxProblem(key, at, options), ...textProblems(item ?? null, at, options)]
  })
}

function syntaxProblem(text: string, path: string, options: readonly string[]): readonly Problem[] {
  if (!text.includes('{{')) return []
  try {
    parseTemplate('base', text, options)
    return []
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return [{ path, message: `${error.message} (line ${error.line}, column ${error.column} of the template)` }]
  }
}
