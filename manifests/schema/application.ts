import { z } from 'zod'
import { anyJson, flag, integer, optional, struct, text, textMap, texts } from './fields.ts'
import { sourceHydratorSchema, sourceSchema } from './source.ts'

const syncPolicy = struct({
  automated: optional(
    struct({
      prune: optional(flag),
      selfHeal: optional(flag),
      allowEmpty: optional(flag),
      enabled: optional(flag),
    }),
  ),
  syncOptions: optional(texts),
  retry: optional(
    struct({
      limit: optional(integer),
      refresh: optional(flag),
      backoff: optional(
        struct({
          duration: optional(text),
          factor: optional(integer),
          maxDuration: optional(text),
        }),
      ),
    }),
  ),
  managedNamespaceMetadata: optional(struct({ labels: optional(textMap), annotations: optional(textMap) })),
})

/**
 * Argo CD's ApplicationSpec. Everything is optional here, because the template of an ApplicationSet may get a part from its generators;
 * what an application must have is checked in completeness.ts, so that one message names all that lacks.
 */
export const applicationSpecSchema = struct({
  project: optional(text),
  source: optional(sourceSchema),
  sources: optional(z.array(sourceSchema)),
  sourceHydrator: optional(sourceHydratorSchema),
  destination: optional(
    struct({
      server: optional(text),
      name: optional(text),
      namespace: optional(text),
    }),
  ),
  syncPolicy: optional(syncPolicy),
  ignoreDifferences: optional(
    z.array(
      struct({
        group: optional(text),
        kind: text,
        name: optional(text),
        namespace: optional(text),
        jsonPointers: optional(texts),
        jqPathExpressions: optional(texts),
        managedFieldsManagers: optional(texts),
      }),
    ),
  ),
  info: optional(z.array(struct({ name: text, value: text }))),
  revisionHistoryLimit: optional(integer),
})

/** Set by API servers and `kubectl get -o yaml`: accepted and forgotten. */
const serverSet = {
  uid: optional(anyJson),
  resourceVersion: optional(anyJson),
  generation: optional(anyJson),
  creationTimestamp: optional(anyJson),
  deletionTimestamp: optional(anyJson),
  deletionGracePeriodSeconds: optional(anyJson),
  managedFields: optional(anyJson),
  ownerReferences: optional(anyJson),
  selfLink: optional(anyJson),
}

export const serverSetMetadata: readonly string[] = Object.keys(serverSet)

export const metadataSchema = struct({
  name: optional(text),
  namespace: optional(text),
  labels: optional(textMap),
  annotations: optional(textMap),
  finalizers: optional(texts),
  ...serverSet,
})

const typeMeta = { apiVersion: text, kind: text, status: optional(anyJson) }

export const applicationSchema = struct({
  ...typeMeta,
  metadata: metadataSchema,
  spec: applicationSpecSchema,
  /** A sync asked for with the manifest: see unsupported.ts. */
  operation: optional(anyJson),
})

/** `spec.template` of an ApplicationSet, and what a generator puts over it. */
export const templateSchema = struct({
  metadata: optional(
    struct({
      name: optional(text),
      namespace: optional(text),
      labels: optional(textMap),
      annotations: optional(textMap),
      finalizers: optional(texts),
    }),
  ),
  spec: optional(applicationSpecSchema),
})

export { typeMeta }
