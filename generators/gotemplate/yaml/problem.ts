import { FunctionError } from '../errors.ts'

/** A place in a text; line and column count from 0. */
export interface Mark {
  readonly index: number
  readonly line: number
  readonly column: number
}

/** What go-yaml says of a text that it can't read. `line` is 0 where it names none. */
export function yamlError(problem: string, line = 0): FunctionError {
  return new FunctionError(`yaml: ${line === 0 ? '' : `line ${line}: `}${problem}`)
}

/** A problem of the parser: the line is that of the problem, or else that of what it was about. */
export function parserError(problem: string, at: Mark, about?: Mark): FunctionError {
  return yamlError(problem, at.line !== 0 ? at.line : (about?.line ?? 0))
}
