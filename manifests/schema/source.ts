import { z } from 'zod'
import { anyJson, flag, flagMap, intOrText, optional, struct, text, textMap, texts } from './fields.ts'

const jsonnetVariables = z.array(struct({ name: text, value: text, code: optional(flag) }))

const directory = struct({
  recurse: optional(flag),
  include: optional(text),
  exclude: optional(text),
  disableExtensionFilter: optional(flag),
  jsonnet: optional(
    struct({
      extVars: optional(jsonnetVariables),
      tlas: optional(jsonnetVariables),
      libs: optional(texts),
    }),
  ),
})

const helm = struct({
  apiVersions: optional(texts),
  fileParameters: optional(z.array(struct({ name: optional(text), path: optional(text) }))),
  ignoreMissingValueFiles: optional(flag),
  kubeVersion: optional(text),
  namespace: optional(text),
  parameters: optional(
    z.array(
      struct({
        name: optional(text),
        value: optional(text),
        forceString: optional(flag),
      }),
    ),
  ),
  passCredentials: optional(flag),
  releaseName: optional(text),
  skipCrds: optional(flag),
  skipSchemaValidation: optional(flag),
  skipTests: optional(flag),
  valueFiles: optional(texts),
  values: optional(text),
  valuesObject: optional(anyJson),
  version: optional(text),
})

const kustomize = struct({
  apiVersions: optional(texts),
  commonAnnotations: optional(textMap),
  commonAnnotationsEnvsubst: optional(flag),
  commonLabels: optional(textMap),
  components: optional(texts),
  forceCommonAnnotations: optional(flag),
  forceCommonLabels: optional(flag),
  ignoreMissingComponents: optional(flag),
  images: optional(texts),
  kubeVersion: optional(text),
  labelIncludeTemplates: optional(flag),
  labelWithoutSelector: optional(flag),
  namePrefix: optional(text),
  nameSuffix: optional(text),
  namespace: optional(text),
  patches: optional(
    z.array(
      struct({
        path: optional(text),
        patch: optional(text),
        options: optional(flagMap),
        target: optional(
          struct({
            group: optional(text),
            version: optional(text),
            kind: optional(text),
            name: optional(text),
            namespace: optional(text),
            labelSelector: optional(text),
            annotationSelector: optional(text),
          }),
        ),
      }),
    ),
  ),
  replicas: optional(z.array(struct({ name: text, count: intOrText }))),
  version: optional(text),
})

const plugin = struct({
  name: optional(text),
  env: optional(z.array(struct({ name: text, value: text }))),
  parameters: optional(
    z.array(
      struct({
        name: optional(text),
        string: optional(text),
        array: optional(texts),
        map: optional(textMap),
      }),
    ),
  ),
})

const rendering = {
  directory: optional(directory),
  helm: optional(helm),
  kustomize: optional(kustomize),
  plugin: optional(plugin),
}

/** `spec.source` and each of `spec.sources`. Which fields must be there is checked in source-checks.ts. */
export const sourceSchema = struct({
  ...rendering,
  repoURL: optional(text),
  chart: optional(text),
  name: optional(text),
  path: optional(text),
  ref: optional(text),
  tagPrefix: optional(text),
  targetRevision: optional(text),
})

export const sourceHydratorSchema = struct({
  drySource: struct({
    ...rendering,
    repoURL: text,
    path: text,
    targetRevision: text,
  }),
  syncSource: struct({
    targetBranch: text,
    path: text,
    repoURL: optional(text),
  }),
  hydrateTo: optional(struct({ targetBranch: text })),
})
