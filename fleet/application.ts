import type { Json, JsonObject } from './json.ts'

/** Argo CD v1alpha1 Application, the fields that Roadstead reads. Others are validated by manifests/ and kept as they came. */
export interface ApplicationSource {
  readonly repoURL: string
  readonly targetRevision?: string
  readonly path?: string
  readonly chart?: string
  readonly ref?: string
  readonly directory?: { readonly recurse?: boolean; readonly include?: string; readonly exclude?: string; readonly jsonnet?: JsonObject }
  readonly kustomize?: JsonObject
  readonly helm?: JsonObject
  readonly plugin?: JsonObject
}

export interface ApplicationDestination {
  readonly server?: string
  readonly name?: string
  readonly namespace?: string
}

export interface SyncPolicy {
  readonly automated?: {
    readonly prune?: boolean
    readonly selfHeal?: boolean
    readonly allowEmpty?: boolean
    readonly enabled?: boolean
  }
  readonly syncOptions?: readonly string[]
  readonly retry?: SyncRetry
  readonly managedNamespaceMetadata?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
}

/** `syncPolicy.retry` */
export interface SyncRetry {
  /** How often a sync that failed is tried again; less than 0: without an end. */
  readonly limit?: number
  /** Durations: seconds, or Go's. */
  readonly backoff?: { readonly duration?: string; readonly factor?: number; readonly maxDuration?: string }
}

export interface ApplicationSpec {
  readonly project: string
  readonly source?: ApplicationSource
  readonly sources?: readonly ApplicationSource[]
  readonly destination: ApplicationDestination
  readonly syncPolicy?: SyncPolicy
  readonly ignoreDifferences?: readonly JsonObject[]
  readonly revisionHistoryLimit?: number
  readonly info?: readonly JsonObject[]
}

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
}

/** What a generator and a template make, and what `applyManifest` takes for a single one. */
export interface ApplicationManifest {
  readonly metadata: ObjectMeta
  readonly spec: ApplicationSpec
}

/** Deleting an application with this finalizer deletes its resources too (Argo CD's cascade). */
export const resourcesFinalizer = 'resources-finalizer.argocd.argoproj.io'

/**
 * An immutable thing that can be rolled out: one spec at one resolved revision. Two versions with the same `contentKey`
 * produce the same manifests, so moving between them needs no sync.
 */
export interface ApplicationVersion {
  /** Digest of applicationId, spec and contentKey. */
  readonly id: string
  readonly applicationId: string
  readonly spec: ApplicationSpec
  /** Resolved commit, 40 hex digits. */
  readonly revision: string
  /** Digest of everything that the rendering reads: tool versions, tree ids, parameters. */
  readonly contentKey: string
}

export type SyncStatus = 'Synced' | 'OutOfSync' | 'Unknown'
/** Argo CD's words, best to worst as Argo CD orders them: see fleet/health. */
export type HealthStatus = 'Healthy' | 'Suspended' | 'Progressing' | 'Missing' | 'Degraded' | 'Unknown'

export interface ResourceKey {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Empty for cluster-scoped objects. */
  readonly namespace: string
  readonly name: string
}

export interface ResourceStatus extends ResourceKey {
  readonly sync: SyncStatus
  readonly health: HealthStatus | null
  readonly message: string
}

export interface Application {
  readonly id: string
  /** Unique in the fleet. */
  readonly name: string
  /** Null for one that was applied by itself. */
  readonly applicationSetId: string | null
  /** Null while the destination isn't a registered cluster: then there is a condition that says so. */
  readonly clusterId: string | null
  readonly manifest: ApplicationManifest
  readonly generation: number
  readonly observedGeneration: number
  /** What Git and the template want now. Null before the first resolution. */
  readonly wantedVersionId: string | null
  /** What its cluster heals to. Moved by rollouts and by hand-made syncs only. */
  readonly pinnedVersionId: string | null
  /** What was last applied completely. */
  readonly syncedVersionId: string | null
  /** Rises with every move of the pin; an executor with an older one is fenced. */
  readonly pinGeneration: number
  readonly status: ApplicationStatus
  /** A sync asked for by hand that wasn't done yet. */
  readonly syncRequest: { readonly by: string; readonly atMs: number } | null
  /** When somebody wants it gone: with its resources (`cascade`) or leaving them (`orphan`). */
  readonly deletion: 'cascade' | 'orphan' | null
  readonly createdAtMs: number
}

export interface ApplicationStatus {
  readonly sync: SyncStatus
  readonly health: HealthStatus
  readonly message: string
  /** Commit that was last applied completely. */
  readonly revision: string | null
  readonly resources: readonly ResourceStatus[]
  readonly conditions: readonly Condition[]
  /** When the cluster was last observed; null before. */
  readonly observedAtMs: number | null
  readonly syncedAtMs: number | null
}

/** As Kubernetes and Argo CD shape conditions. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  readonly lastTransitionAtMs: number
}

/** A Kubernetes object in a manifest. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: JsonObject & { readonly name: string; readonly namespace?: string }
  readonly [key: string]: Json | undefined
}
