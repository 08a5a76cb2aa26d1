import { FleetError } from '../../fleet/errors.ts'

/** Where a template failed: while it was read, while it ran, at a bound of ours, or at one of its options. */
export type TemplateStage = 'parse' | 'execute' | 'limit' | 'option'

export interface TemplatePosition {
  /** 1-based. */
  readonly line: number
  /** 1-based, in characters. */
  readonly column: number
}

/** A template that can't be read or run. `message` is Go's own text where Go has one; the position is 1-based. */
export class TemplateError extends FleetError {
  readonly stage: TemplateStage
  readonly line: number
  readonly column: number

  constructor(stage: TemplateStage, message: string, position: TemplatePosition) {
    super(stage === 'limit' ? 'LIMIT_EXCEEDED' : 'INVALID_INPUT', message, { stage, line: position.line, column: position.column })
    this.name = 'TemplateError'
    this.stage = stage
    this.line = position.line
    this.column = position.column
  }
}

/** What a function of a template throws: the executor adds the place and the function's name, as Go does. */
export class FunctionError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'FunctionError'
  }
}

/** A bound was hit inside a function or a printer: the executor makes a TemplateError of stage `limit` of it. */
export class LimitError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LimitError'
  }
}
