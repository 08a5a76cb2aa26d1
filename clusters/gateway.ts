import type { HealthStatus, KubeObject, ResourceKey, SyncStatus } from '../fleet/application.ts'
import type { JsonObject } from '../fleet/json.ts'
import type { LabelSelector } from '../fleet/label-selector.ts'

/** Clear credentials. They exist in memory between unsealing and use, and nowhere else: never in a log, an error, a workflow payload. */
export type ClusterCredentials =
  | { readonly kind: 'bearerToken'; readonly token: string }
  /** PEM texts. */
  | { readonly kind: 'clientCertificate'; readonly certificate: string; readonly key: string }

/** All that is needed to speak to a cluster. Always https, always verified. */
export interface ClusterAccess {
  readonly clusterId: string
  /** Rises with each change of server, CA or credentials: connections are cached by (clusterId, generation). */
  readonly generation: number
  readonly server: string
  /** PEM; null: the system's roots. */
  readonly caData: string | null
  readonly tlsServerName: string | null
  readonly credentials: ClusterCredentials
}

export interface ClusterProbe {
  /** gitVersion, such as `v1.36.3`. */
  readonly version: string
  /** uid of the kube-system namespace. */
  readonly uid: string
}

/** Errors of every method: FleetError CLUSTER_UNREACHABLE (network, TLS, 5xx, timeout: retryable), CLUSTER_DENIED (401, 403). */
export interface ClusterGateway {
  readonly probe: (access: ClusterAccess, options: { readonly signal?: AbortSignal; readonly timeoutMs?: number }) => Promise<ClusterProbe>
  /**
   * Applies all manifests by server-side apply with field manager `roadstead`, in Argo CD's order (namespaces and CRDs first), after
   * checking that no object belongs to another application; then prunes what the application owns and no longer wants, unless
   * anything failed. Never prunes Namespaces, CRDs and PVCs by itself: they are reported as `pruneHeld`.
   */
  readonly apply: (access: ClusterAccess, input: ApplyInput, options: ApplyOptions) => Promise<ApplyResult>
  /** Compares and reads health of everything that the application wants or still owns. Changes nothing. */
  readonly observe: (access: ClusterAccess, input: ApplyInput, options: { readonly signal?: AbortSignal }) => Promise<Observation>
  /** Deletes everything that the application owns, in reverse order, and reports what is still there. Call until nothing is left. */
  readonly remove: (access: ClusterAccess, applicationName: string, options: { readonly signal?: AbortSignal }) => Promise<RemoveResult>
  /**
   * All custom resources of one type in one namespace that are selected, or an error: the list is read to its end, and never cut short
   * (LIMIT_EXCEEDED). INVALID_INPUT: a name that is none, or a group without a dot, which is of Kubernetes itself (`v1` secrets).
   * NOT_FOUND: the cluster has no such type. By a name that isn't there: an empty list.
   */
  readonly listCustomResources: (
    access: ClusterAccess,
    query: CustomResourceQuery,
    options: { readonly signal?: AbortSignal },
  ) => Promise<readonly CustomResource[]>
  /** Drops cached connections of a cluster that was removed or changed. */
  readonly forget: (clusterId: string) => void
  readonly close: () => Promise<void>
}

export interface CustomResourceQuery {
  /** `group/version`, such as `example.io/v1`. */
  readonly apiVersion: string
  /** Plural, in lower case. */
  readonly resource: string
  readonly namespace: string
  readonly select: { readonly name: string } | { readonly labelSelector: LabelSelector }
}

/** What is read of a custom resource. Nothing else of it is kept. */
export interface CustomResource {
  readonly name: string
  /** Null when it has none yet. */
  readonly status: JsonObject | null
}

export interface ApplyInput {
  /** Unique in the fleet: it is the ownership label and the first part of the tracking id. */
  readonly applicationName: string
  /** Where namespaced objects without a namespace go. */
  readonly namespace: string
  /** The complete render. Never empty unless `allowEmpty`. */
  readonly manifests: readonly KubeObject[]
  /** `syncPolicy.syncOptions` as they are. */
  readonly syncOptions: readonly string[]
  readonly managedNamespaceMetadata?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly prune: boolean
  readonly allowEmpty: boolean
  /**
   * Where the application is known to have had objects (the stored status). Workers find out by themselves, but not at once when another
   * worker has applied it before; with this nothing is overlooked meanwhile.
   */
  readonly knownResources?: readonly ResourceKey[]
}

export interface ApplyOptions {
  readonly signal?: AbortSignal
  /** Called after each object: for heartbeats. */
  readonly onProgress?: (done: number, total: number) => void
}

export type ResourceOutcome = 'created' | 'configured' | 'unchanged' | 'failed' | 'pruned' | 'pruneHeld' | 'pruneSkipped'

export interface ApplyResult {
  readonly resources: readonly (ResourceKey & { readonly outcome: ResourceOutcome; readonly message: string })[]
  /** Objects whose content changed on the cluster; 0 means that the apply had no effect. */
  readonly changed: number
  /** True when every object was applied. */
  readonly complete: boolean
}

export interface Observation {
  readonly sync: SyncStatus
  /** Worst of the resources, as Argo CD aggregates. */
  readonly health: HealthStatus
  readonly message: string
  readonly resources: readonly (ResourceKey & {
    readonly sync: SyncStatus
    readonly health: HealthStatus | null
    readonly message: string
  })[]
}

export interface RemoveResult {
  readonly remaining: readonly ResourceKey[]
}
