import type { ApplicationManifest, ObjectMeta } from '../application.ts'
import type { ApplicationSetSpec } from '../application-set.ts'
import type { Problem } from '../errors.ts'
import type { FieldChange } from '../field-changes.ts'
import type { JsonObject } from '../json.ts'

/** A templated field of a template, and what it reads: why a field of an application is what it is. */
export interface FieldOrigin {
  /** Of the template, such as `spec.template.spec.destination.server`. */
  readonly path: string
  /** The text as it is written there. */
  readonly template: string
  /** Parameters that it reads, such as `metadata.labels.region`; `*` stands for every element of a list. Empty: it uses none. */
  readonly parameters: readonly string[]
}

/** What applying a set would do to one application. `withheld`: no longer wanted as far as was seen, and kept because not all was seen. */
export type PreviewedChange = 'create' | 'update' | 'delete' | 'unchanged' | 'withheld'

export interface PreviewedApplication {
  readonly name: string
  readonly change: PreviewedChange
  /** The registered cluster that it goes to; null when there is none. */
  readonly clusterName: string | null
  /** Which element of which generator gives it, such as `generators[0].clusters element 2`; null when none does any more. */
  readonly origin: string | null
  /** Of that element; null when there is none. */
  readonly parameters: JsonObject | null
  /** As it would be; for those that go, as it is. */
  readonly manifest: ApplicationManifest
  /** Against what is there now: nothing unless it is updated. */
  readonly differences: readonly FieldChange[]
}

export interface SetPreview {
  /** False: a generator couldn't see everything, and applying the set would change nothing now. */
  readonly complete: boolean
  /** Elements that are left out, applications that aren't valid, generators that couldn't see. */
  readonly problems: readonly Problem[]
  /** What generators saw: `spec.generators[0]: 3 of 3 registered clusters`. */
  readonly proofs: readonly string[]
  /** By name. */
  readonly applications: readonly PreviewedApplication[]
  /** Which parameters each templated field of the set's template reads. */
  readonly origins: readonly FieldOrigin[]
  /** Why the deletions would wait for a confirmation; null when they wouldn't. */
  readonly deletionsHeld: string | null
}

export interface PreviewInput {
  readonly metadata: ObjectMeta
  readonly spec: ApplicationSetSpec
}
