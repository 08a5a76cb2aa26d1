import { z } from 'zod'
import { metadataSchema, typeMeta } from './application.ts'
import { flag, integer, optional, struct, text, texts } from './fields.ts'

const groupKind = z.array(struct({ group: text, kind: text }))
const groupKindName = z.array(struct({ group: text, kind: text, name: optional(text) }))

/** Argo CD's AppProject. */
export const projectSchema = struct({
  ...typeMeta,
  metadata: metadataSchema,
  spec: optional(
    struct({
      description: optional(z.string().max(255, 'must have at most 255 characters')),
      sourceRepos: optional(texts),
      sourceNamespaces: optional(texts),
      destinations: optional(
        z.array(
          struct({
            server: optional(text),
            name: optional(text),
            namespace: optional(text),
          }),
        ),
      ),
      destinationServiceAccounts: optional(
        z.array(
          struct({
            server: text,
            namespace: optional(text),
            defaultServiceAccount: text,
          }),
        ),
      ),
      clusterResourceWhitelist: optional(groupKindName),
      clusterResourceBlacklist: optional(groupKindName),
      namespaceResourceWhitelist: optional(groupKind),
      namespaceResourceBlacklist: optional(groupKind),
      orphanedResources: optional(
        struct({
          warn: optional(flag),
          ignore: optional(
            z.array(
              struct({
                group: optional(text),
                kind: optional(text),
                name: optional(text),
              }),
            ),
          ),
        }),
      ),
      permitOnlyProjectScopedClusters: optional(flag),
      roles: optional(
        z.array(
          struct({
            name: text,
            description: optional(text),
            policies: optional(texts),
            groups: optional(texts),
            jwtTokens: optional(
              z.array(
                struct({
                  iat: integer,
                  exp: optional(integer),
                  id: optional(text),
                }),
              ),
            ),
          }),
        ),
      ),
      signatureKeys: optional(z.array(struct({ keyID: text }))),
      sourceIntegrity: optional(
        struct({
          git: optional(
            struct({
              policies: z.array(
                struct({
                  repos: z.array(struct({ url: text })),
                  gpg: optional(struct({ mode: text, keys: texts })),
                }),
              ),
            }),
          ),
        }),
      ),
      syncWindows: optional(
        z.array(
          struct({
            kind: optional(text),
            schedule: optional(text),
            duration: optional(text),
            applications: optional(texts),
            namespaces: optional(texts),
            clusters: optional(texts),
            manualSync: optional(flag),
            timeZone: optional(text),
            andOperator: optional(flag),
            description: optional(text),
            syncOverrun: optional(flag),
          }),
        ),
      ),
    }),
  ),
})
