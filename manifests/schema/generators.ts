import { z } from 'zod'
import { templateSchema } from './application.ts'
import { anyJson, flag, integer, jsonObject, labelSelectorSchema, optional, struct, text, textMap, texts } from './fields.ts'
import { pullRequestFields, scmProviderFields } from './scm.ts'

const template = optional(templateSchema)
const values = optional(textMap)
const requeueAfterSeconds = optional(integer)
const paths = optional(z.array(struct({ path: text, exclude: optional(flag) })))

const terminal = {
  list: optional(
    struct({
      elements: optional(z.array(anyJson)),
      elementsYaml: optional(text),
      template,
    }),
  ),
  clusters: optional(
    struct({
      selector: optional(labelSelectorSchema),
      values,
      flatList: optional(flag),
      template,
    }),
  ),
  git: optional(
    struct({
      repoURL: text,
      revision: text,
      directories: paths,
      files: paths,
      pathParamPrefix: optional(text),
      values,
      requeueAfterSeconds,
      template,
    }),
  ),
  scmProvider: optional(struct({ ...scmProviderFields, values, requeueAfterSeconds, template })),
  pullRequest: optional(struct({ ...pullRequestFields, values, requeueAfterSeconds, template })),
  clusterDecisionResource: optional(
    struct({
      configMapRef: text,
      name: optional(text),
      labelSelector: optional(labelSelectorSchema),
      values,
      requeueAfterSeconds,
      template,
    }),
  ),
  plugin: optional(
    struct({
      configMapRef: struct({ name: text }),
      input: optional(struct({ parameters: optional(jsonObject) })),
      values,
      requeueAfterSeconds,
      template,
    }),
  ),
}

/** `generators` of a matrix or merge. How deep they may be nested says generators/children.ts. */
const nested: z.ZodType = z.lazy(() => z.array(generatorSchema))

/** One entry of `spec.generators`, with every generator that Argo CD has and all of its fields. */
export const generatorSchema: z.ZodType = struct({
  ...terminal,
  matrix: optional(
    struct({
      generators: nested,
      join: optional(z.enum(['inner', 'left'])),
      defaults: optional(jsonObject),
      template,
    }),
  ),
  merge: optional(struct({ generators: nested, mergeKeys: texts, template })),
  selector: optional(labelSelectorSchema),
})
