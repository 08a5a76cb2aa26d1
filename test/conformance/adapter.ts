import type { Json, JsonObject } from '../../fleet/json.ts'
import type { CaseFile } from './cases.ts'

/** What our code did with a case. */
export type Outcome =
  /** Members are named as those of the case's `expect`. */
  | { readonly value: JsonObject }
  /** It refused, with everything that it said; `also`: members of `expect` beside the error. */
  | { readonly error: string; readonly also?: JsonObject }

/** Brings one kind of case to the code that the product runs, and back. It decides nothing itself. */
export interface Adapter {
  readonly run: (given: JsonObject, file: CaseFile) => Outcome | Promise<Outcome>
  /** Members whose order means nothing. */
  readonly unordered?: readonly string[]
  /** Takes away of both sides what means nothing. */
  readonly clean?: (member: Json, name: string) => Json
}

export type Adapters = Readonly<Record<string, Adapter>>

/** Problems as one text. */
export function problemText(problems: readonly { readonly path: string; readonly message: string }[]): string {
  return problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
}

export function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}
