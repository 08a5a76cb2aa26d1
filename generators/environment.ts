import type { Parsed } from '../fleet/errors.ts'
import type { JsonObject } from '../fleet/json.ts'
import type { Generator } from './generator.ts'
import type { TemplateEngine } from './template-engine.ts'

/** What the pure generators are built with. */
export interface GeneratorEnvironment {
  readonly engine: TemplateEngine
  /**
   * An application that a templatePatch made, checked: unknown fields are dropped, values of a wrong type are problems (manifests/ has it).
   * Left out: nothing is checked.
   */
  readonly readApplication?: (application: JsonObject) => Parsed<JsonObject>
  /** Generators that take the place of ours of the same field, also inside matrix and merge. */
  readonly generators?: readonly Generator[]
}
