import type { Adapters, Outcome } from './adapter.ts'
import type { Case, CaseFile } from './cases.ts'
import { compare } from './compare.ts'
import { isBetter } from './quirks.ts'

export interface CaseResult {
  readonly name: string
  /** The first difference; null when the case passed. */
  readonly difference: string | null
}

/** Runs one case. A kind without an adapter has failed; so has a case whose code throws what it shouldn't. */
export async function runCase(one: Case, file: CaseFile, adapters: Adapters): Promise<CaseResult> {
  const adapter = Object.hasOwn(adapters, file.kind) ? adapters[file.kind] : undefined
  if (adapter === undefined) return { name: one.name, difference: `no code for the kind ${file.kind}` }
  let outcome: Outcome
  try {
    outcome = await adapter.run(one.given, file)
  } catch (error) {
    return { name: one.name, difference: `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` }
  }
  const difference = compare(one.expect, outcome, adapter)
  if (difference === null || one.quirk === null || !isBetter(one.quirk, one, outcome, adapter)) return { name: one.name, difference }
  return { name: one.name, difference: null }
}
