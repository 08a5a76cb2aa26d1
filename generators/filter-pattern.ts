import type { Problem } from '../fleet/errors.ts'
import type { JsonObject } from '../fleet/json.ts'
import { FunctionError, LimitError } from './gotemplate/errors.ts'
import { Regexp } from './gotemplate/regexp.ts'

/** Compiles one regular expression (Go's RE2, not anchored) of a filter; null when it isn't given. What is wrong with it goes to `problems`. */
export function filterPattern(filter: JsonObject, field: string, path: string, problems: Problem[]): Regexp | null {
  const expression = filter[field]
  if (typeof expression !== 'string') return null
  try {
    return Regexp.compile(expression)
  } catch (error) {
    if (!(error instanceof FunctionError || error instanceof LimitError)) throw error
    problems.push({ path: `${path}.${field}`, message: error.message })
    return null
  }
}
