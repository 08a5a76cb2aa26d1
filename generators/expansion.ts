import type { ApplicationManifest } from '../fleet/application.ts'
import type { Problem } from '../fleet/errors.ts'
import type { Parameters, SourceRequest } from './generator.ts'

/** What a whole ApplicationSet gives. */
export type Expansion =
  | {
      readonly outcome: 'complete'
      readonly applications: readonly GeneratedApplication[]
      /** Elements whose template failed: they are left out and named; the others stand. */
      readonly problems: readonly Problem[]
      readonly proofs: readonly string[]
    }
  /** At least one generator couldn't see everything: nothing may be removed. `applications`: what the other generators give. */
  | { readonly outcome: 'incomplete'; readonly applications: readonly GeneratedApplication[]; readonly problems: readonly Problem[] }
  | { readonly outcome: 'needs'; readonly requests: readonly SourceRequest[] }

export interface GeneratedApplication {
  readonly manifest: ApplicationManifest
  /** Which generator and which element made it: `generators[0].clusters element 2`. */
  readonly origin: string
  readonly parameters: Parameters
}
