import { z } from 'zod'
import { metadataSchema, templateSchema, typeMeta } from './application.ts'
import { flag, integer, intOrText, labelSelectorSchema, optional, struct, text, texts } from './fields.ts'
import { generatorSchema } from './generators.ts'

const rollingSync = struct({
  steps: optional(
    z.array(
      struct({
        matchExpressions: optional(z.array(struct({ key: text, operator: text, values: optional(texts) }))),
        maxUpdate: optional(intOrText),
      }),
    ),
  ),
})

/** Ours: fleet/rollout/strategy.ts says what each field means. */
const staged = struct({
  stages: z.array(
    struct({
      name: optional(text),
      selector: optional(labelSelectorSchema),
      forEach: optional(text),
      order: optional(texts),
      maxConcurrent: optional(intOrText),
      orderBy: optional(text),
      canary: optional(labelSelectorSchema),
      maxFailures: optional(intOrText),
      progressDeadline: optional(text),
      bake: optional(text),
      approval: optional(struct({ required: optional(integer) })),
    }),
  ),
  unassigned: optional(z.enum(['Fail', 'LastStage'])),
  doublyMatched: optional(z.enum(['Fail', 'FirstMatch'])),
  maxFailures: optional(intOrText),
  onFailure: optional(z.enum(['Pause', 'RollBackCluster', 'RollBackStage', 'RollBackRollout'])),
  rollback: optional(struct({ maxConcurrent: optional(intOrText) })),
  unreachable: optional(
    struct({
      policy: optional(z.enum(['Defer', 'Fail'])),
      max: optional(intOrText),
    }),
  ),
})

/** Argo CD's ApplicationSet, and `strategy.type: Staged`. */
export const applicationSetSchema = struct({
  ...typeMeta,
  metadata: metadataSchema,
  spec: struct({
    goTemplate: optional(flag),
    goTemplateOptions: optional(texts),
    generators: z.array(generatorSchema),
    template: templateSchema,
    templatePatch: optional(text),
    /** Deprecated in Argo CD and always on: accepted, without effect. */
    applyNestedSelectors: optional(flag),
    syncPolicy: optional(
      struct({
        preserveResourcesOnDeletion: optional(flag),
        applicationsSync: optional(z.enum(['create-only', 'create-update', 'create-delete', 'sync'])),
      }),
    ),
    strategy: optional(
      struct({
        type: optional(z.enum(['AllAtOnce', 'RollingSync', 'Staged'])),
        rollingSync: optional(rollingSync),
        staged: optional(staged),
        deletionOrder: optional(text),
      }),
    ),
    preservedFields: optional(struct({ annotations: optional(texts), labels: optional(texts) })),
    ignoreApplicationDifferences: optional(
      z.array(
        struct({
          name: optional(text),
          jsonPointers: optional(texts),
          jqPathExpressions: optional(texts),
        }),
      ),
    ),
  }),
})
