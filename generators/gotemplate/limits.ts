import { LimitError } from './errors.ts'

/** Nodes, iterations and list elements that one execution may touch. Go has no such bound; a template of a stranger needs one. */
export const executionStepsMax = 1_000_000
/** Bytes that one execution may write, and that a single function may make. */
export const outputBytesMax = 4 * 1024 * 1024
/** Templates inside templates (Go: 100,000, which no stack of ours holds). */
export const templateDepthMax = 200
/** Blocks and parentheses inside each other, in one text. */
export const nestingMax = 200
/** JSON and YAML inside each other, when read by a function, and values when printed. */
export const valueDepthMax = 500
/** Characters of one template text. */
export const templateLengthMax = 1024 * 1024
/** Characters of one regular expression. */
export const patternLengthMax = 10_000

/** Counts what an execution spends. */
export class Budget {
  private stepsLeft = executionStepsMax

  /** `n` steps: nodes, iterations, elements. */
  step(n: number): void {
    this.stepsLeft -= n
    if (this.stepsLeft < 0) throw new LimitError(`the template takes more than ${executionStepsMax} steps`)
  }

  /** A function is about to make a string of about `bytes` bytes. */
  text(bytes: number): void {
    if (bytes > outputBytesMax) throw new LimitError(`the template makes more than ${outputBytesMax} bytes`)
    this.step(bytes >> 8)
  }
}
