import type { GoType, Parameters, TemplateMode } from './generator.ts'

/** Renders one text. Throws FleetError: INVALID_INPUT with the place in the template, LIMIT_EXCEEDED. */
export type RenderText = (text: string) => string

export interface RenderContext {
  readonly mode: TemplateMode
  readonly types: readonly GoType[]
  /** What `now` gives. */
  readonly nowMs: number
}

/** The one way by which generators and templates meet a template language: fasttemplate, or Go's when `mode.goTemplate`. Pure. */
export interface TemplateEngine {
  /** An engine for one expansion of a set, whose templates share a bound. Left out: there is nothing to share. */
  readonly forExpansion?: () => TemplateEngine
  readonly bind: (parameters: Parameters, context: RenderContext) => RenderText
}
