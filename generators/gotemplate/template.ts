import type { Json, JsonObject } from '../../fleet/json.ts'
import type { Environment } from './environment.ts'
import { TemplateError } from './errors.ts'
import { Execution, type MissingKey } from './exec.ts'
import { mutatingFunctions } from './funcs/dicts.ts'
import { functions } from './funcs/registry.ts'
import { parse, type TemplateSet } from './parser.ts'
import { deepCopy, type Value } from './values.ts'

/** A template that has been read; it can be run any number of times. */
export interface Template {
  readonly name: string
  readonly text: string
  readonly set: TemplateSet
  readonly missingKey: MissingKey
  /** It calls a function that changes maps, so it works on a copy of its data. */
  readonly mutates: boolean
}

/** Argo CD's name for every template, which its error texts show. */
const templateName = 'base'
const start = { line: 1, column: 1 }

/**
 * text/template's Option: of several the last wins. Throws a TemplateError of stage `option` for one that Go would panic about.
 * `options` are goTemplateOptions such as `missingkey=error`.
 */
export function missingKeyOf(options: readonly string[]): MissingKey {
  let missingKey: MissingKey = 'invalid'
  for (const option of options) {
    switch (option) {
      case 'missingkey=default':
      case 'missingkey=invalid':
        missingKey = 'invalid'
        break
      case 'missingkey=zero':
        missingKey = 'zero'
        break
      case 'missingkey=error':
        missingKey = 'error'
        break
      default:
        throw new TemplateError('option', option === '' ? 'empty option string' : `unrecognized option: ${option}`, start)
    }
  }
  return missingKey
}

/** Reads a template. Throws TemplateError with Go's text, line and column. */
export function parseTemplate(name: string, text: string, options: readonly string[] = []): Template {
  const missingKey = missingKeyOf(options)
  const set = parse(name, text, (called) => Object.hasOwn(functions, called))
  return { name, text, set, missingKey, mutates: mutatingFunctions.some((called) => set.functions.has(called)) }
}

/** Runs a template on JSON data, which it never changes, and gives its text. Throws TemplateError with Go's text, line and column. */
export function execute(template: Template, data: Json, environment: Environment): string {
  const value = asValue(data)
  return new Execution(template.set, functions, template.missingKey, environment).run(template.mutates ? deepCopy(value) : value)
}

/** JSON is made of values already; what could change it works on a copy. */
function asValue(data: Json): Value {
  return data
}

/** Templates read lately: by options, then by text. The oldest of an overfull map leaves first. */
const cache = new Map<string, Map<string, Template>>()
const cachedTextsMax = 4096
const cachedOptionsMax = 16

function addBounded<K, V>(map: Map<K, V>, key: K, value: V, max: number): void {
  if (map.size >= max) {
    const [oldest] = map.keys()
    if (oldest !== undefined) map.delete(oldest)
  }
  map.set(key, value)
}

/**
 * Renders one field of an ApplicationSet in goTemplate mode, as Argo CD's Render.Replace. `goTemplateOptions` are the set's.
 * A text without `{{` is returned as it is. Throws TemplateError.
 */
export function renderGoTemplate(
  text: string,
  parameters: JsonObject,
  goTemplateOptions: readonly string[],
  environment: Environment,
): string {
  if (!text.includes('{{')) return text
  return execute(cachedTemplate(text, goTemplateOptions), parameters, environment)
}

function cachedTemplate(text: string, options: readonly string[]): Template {
  const key = options.length === 1 ? (options[0] ?? '') : options.join('\0')
  let byText = cache.get(key)
  if (byText === undefined) {
    byText = new Map()
    addBounded(cache, key, byText, cachedOptionsMax)
  }
  const known = byText.get(text)
  if (known !== undefined) return known
  const template = parseTemplate(templateName, text, options)
  addBounded(byText, text, template, cachedTextsMax)
  return template
}
