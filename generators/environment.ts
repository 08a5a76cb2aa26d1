import type { Parsed } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import type { Generator } from './generator.ts'
import type { TemplateEngine } from './template-engine.ts'

/** What the pure generators are built with. */
export interface GeneratorEnvironment {
  readonly engine: TemplateEngine
  /** The first document of a YAML 1.1 text, as Kubernetes reads it (manifests/ has it); null for an empty text. */
  readonly readYaml: (text: string) => Parsed<Json>
  /** Generators that take the place of ours of the same field, also inside matrix and merge. */
  readonly generators?: readonly Generator[]
}
