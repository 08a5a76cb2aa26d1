import type {
  Application,
  ApplicationManifest,
  ApplicationStatus,
  ApplicationVersion,
  Condition,
  HealthStatus,
  ObjectMeta,
  SyncStatus,
} from '../fleet/application.ts'
import type { ApplicationSet, ApplicationSetSpec, HeldDeletion, Project, ProjectSpec } from '../fleet/application-set.ts'
import type { Cluster, ClusterConnection } from '../fleet/cluster.ts'
import type { RolloutPlan } from '../fleet/rollout/plan.ts'
import type { RolloutCommand, RolloutState, RolloutVerb, RolloutWait } from '../fleet/rollout/state.ts'

/**
 * The truth of Roadstead: what is wanted, what was observed, and what was decided (DESIGN, invariant 5). Every write of a wish raises a
 * generation; whoever observes it stores that generation. Errors: FleetError NOT_FOUND, CONFLICT (name taken, generation moved on).
 * Times are milliseconds since the epoch. Ids are UUIDs unless said otherwise.
 */
export interface Store {
  readonly clusters: ClusterStore
  readonly repositories: RepositoryStore
  readonly projects: ProjectStore
  readonly secrets: SecretStore
  readonly applicationSets: ApplicationSetStore
  readonly applications: ApplicationStore
  readonly rollouts: RolloutStore
  readonly tokens: TokenStore
  readonly changes: ChangeFeed
  /** Cheap query that fails when the database can't be reached. */
  readonly ping: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Keyset pagination. `after` is a cursor that an earlier page gave. */
export interface PageRequest {
  readonly first: number
  readonly after?: string | undefined
}

export interface Page<T> {
  readonly items: readonly { readonly node: T; readonly cursor: string }[]
  readonly hasNextPage: boolean
  /** Of the filter, not of the page. */
  readonly totalCount: number
}

export interface NewCluster {
  readonly name: string
  readonly server: string
  readonly caData: string | null
  readonly tlsServerName: string | null
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly project: string | null
  readonly taskQueue: string
  readonly connection: ClusterConnection
}

/** A credential as the store keeps it: AES-256-GCM under the key `keyId`, the owner's row id as associated data. */
export interface Sealer {
  readonly seal: (rowId: string, clear: string) => SealedSecret
  /** Throws INTERNAL when it was tampered with, belongs to another row, or its key isn't known. */
  readonly open: (rowId: string, sealed: SealedSecret) => string
}

export interface SealedSecret {
  readonly keyId: string
  readonly nonce: Uint8Array
  readonly ciphertext: Uint8Array
}

export interface ClusterStore {
  /** `credentials` is JSON text of ClusterCredentials; it is sealed before it is written. CONFLICT: name, or server, or uid is registered. */
  readonly register: (input: NewCluster, credentials: string) => Promise<Cluster>
  readonly get: (id: string) => Promise<Cluster | null>
  /** Those that there are, in no order: many reads in one, for lists. */
  readonly many: (ids: readonly string[]) => Promise<readonly Cluster[]>
  readonly getByName: (name: string) => Promise<Cluster | null>
  readonly getByServer: (server: string) => Promise<Cluster | null>
  /** All of them: generators need them whole. Sorted by name. */
  readonly all: () => Promise<readonly Cluster[]>
  /** Those registered at that time or later that nobody wants gone, the newest first, at most `limit`. */
  readonly registeredSince: (createdAtMs: number, limit: number) => Promise<readonly Cluster[]>
  readonly page: (filter: { readonly labels?: Readonly<Record<string, string>> }, page: PageRequest) => Promise<Page<Cluster>>
  /** Raises the generation. `expectedGeneration`: CONFLICT when it has moved on. */
  readonly update: (
    id: string,
    change: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> },
    expectedGeneration?: number,
  ) => Promise<Cluster>
  /** Replaces credentials (and the address with them): raises generation and access generation. */
  readonly rotate: (
    id: string,
    access: { readonly server?: string; readonly caData?: string | null; readonly tlsServerName?: string | null },
    credentials: string,
    connection: ClusterConnection,
  ) => Promise<Cluster>
  /** Opens the seal. For activities only. */
  readonly access: (id: string) => Promise<{
    readonly generation: number
    readonly server: string
    readonly caData: string | null
    readonly tlsServerName: string | null
    readonly credentials: string
  }>
  readonly recordConnection: (id: string, connection: ClusterConnection, observedGeneration: number) => Promise<void>
  /** Wanted gone with its applications: hidden from generators and destinations from now on; the sweep removes the row once they are gone. */
  readonly markRemoving: (id: string) => Promise<void>
  /** Row and credentials gone. Its applications must be gone or marked `orphan` before: CONFLICT otherwise. Harmless when it is gone. */
  readonly remove: (id: string) => Promise<void>
}

export interface Repository {
  readonly id: string
  /** Normalized: lower-case host, no `.git`, no trailing slash, no user info. */
  readonly normalizedUrl: string
  /** As it was first written: what is fetched. */
  readonly url: string
  readonly hasCredentials: boolean
  /** ref -> commit of the last complete listing. */
  readonly refs: Readonly<Record<string, string>>
  readonly polledAtMs: number | null
  readonly error: string | null
  readonly generation: number
}

export interface RepositoryStore {
  /** The row of that URL, made when there is none. */
  readonly ensure: (url: string, normalizedUrl: string) => Promise<Repository>
  readonly get: (id: string) => Promise<Repository | null>
  readonly getByUrl: (normalizedUrl: string) => Promise<Repository | null>
  readonly all: () => Promise<readonly Repository[]>
  readonly setCredentials: (id: string, credentials: { readonly username: string; readonly password: string } | null) => Promise<Repository>
  readonly access: (
    id: string,
  ) => Promise<{ readonly url: string; readonly credentials: { readonly username: string; readonly password: string } | null }>
  /** Stores a complete listing, or an error beside the last one. Gives whether any ref changed. */
  readonly recordRefs: (
    id: string,
    result: { readonly refs: Readonly<Record<string, string>> } | { readonly error: string },
    atMs: number,
  ) => Promise<boolean>
}

export interface ProjectStore {
  readonly apply: (name: string, spec: ProjectSpec) => Promise<Project>
  readonly getByName: (name: string) => Promise<Project | null>
  readonly all: () => Promise<readonly Project[]>
}

/** A secret that generators name, such as the token of an SCM host in `tokenRef`; without what it holds. */
export interface NamedSecret {
  readonly id: string
  readonly name: string
  /** Only sets of that project may use it; null: every set may. */
  readonly project: string | null
  readonly keys: readonly string[]
  readonly updatedAtMs: number
}

export interface SecretStore {
  /** Makes it, or replaces all of it. Sealed before it is written. */
  readonly put: (
    name: string,
    secret: { readonly project: string | null; readonly data: Readonly<Record<string, string>> },
  ) => Promise<NamedSecret>
  /** False: there was none. */
  readonly remove: (name: string) => Promise<boolean>
  /** By name. */
  readonly all: () => Promise<readonly NamedSecret[]>
  /** For one use, in clear; null when there is none. */
  readonly open: (name: string) => Promise<{ readonly project: string | null; readonly data: Readonly<Record<string, string>> } | null>
}

export interface ApplicationSetStore {
  /** Creates, or replaces the spec; unchanged content keeps the generation. `created` says which. */
  readonly apply: (
    metadata: ObjectMeta,
    spec: ApplicationSetSpec,
    requestedBy: string,
  ) => Promise<{ readonly set: ApplicationSet; readonly outcome: 'created' | 'configured' | 'unchanged' }>
  readonly get: (id: string) => Promise<ApplicationSet | null>
  readonly getByName: (name: string) => Promise<ApplicationSet | null>
  readonly all: () => Promise<readonly ApplicationSet[]>
  readonly page: (page: PageRequest) => Promise<Page<ApplicationSet>>
  /** Asks the reconciler to look again: raises `wantedPass`. Cheap. Null: all sets. */
  readonly touch: (ids: readonly string[] | null) => Promise<readonly string[]>
  /** Where the wanted pass is ahead of the observed one, or the generation is. What the sweep looks for. */
  readonly lagging: () => Promise<readonly string[]>
  readonly pass: (id: string) => Promise<{ readonly wantedPass: number; readonly observedPass: number }>
  /** Ends a reconcile: stores what it saw. */
  readonly recordPass: (
    id: string,
    seen: {
      readonly pass: number
      readonly generation: number
      readonly conditions: readonly Condition[]
      readonly heldDeletion: HeldDeletion | null
      readonly expandedAtMs: number | null
    },
  ) => Promise<void>
  /** Remembers that somebody confirmed deletions of this digest; the next pass compares it. */
  readonly confirmDeletion: (id: string, digest: string, actor: string) => Promise<void>
  readonly confirmedDeletion: (id: string) => Promise<string | null>
  readonly markDeleted: (id: string, mode: 'cascade' | 'orphan') => Promise<ApplicationSet>
  /** Somebody wants what this (rolled back, aborted or failed) rollout was to bring tried again: sets `unblockedRolloutId`, raises the wanted pass. */
  readonly unblock: (id: string, rolloutId: string, actor: string) => Promise<ApplicationSet>
  /** Row gone; its applications must be gone before: CONFLICT otherwise. Its rollouts stay. Harmless when it is gone. */
  readonly remove: (id: string) => Promise<void>
}

export interface ApplicationFilter {
  readonly applicationSetId?: string
  readonly clusterId?: string
  readonly sync?: SyncStatus
  readonly health?: HealthStatus
  /** Labels of the application's cluster, such as `region: eu-west`. */
  readonly clusterLabels?: Readonly<Record<string, string>>
  readonly nameContains?: string
}

export interface NewApplication {
  readonly name: string
  readonly applicationSetId: string | null
  readonly clusterId: string | null
  readonly manifest: ApplicationManifest
  /** InvalidSpecError and the like, found by the reconciler. */
  readonly conditions: readonly Condition[]
}

/** `revision`: the `targetRevision`, '' for none. */
export type RepositoryUse = { readonly repoUrl: string; readonly revision: string } & (
  | { readonly applicationSetId: string; readonly applicationId: null }
  | { readonly applicationSetId: null; readonly applicationId: string }
)

export interface ApplicationStore {
  /**
   * Creates or updates by name, in bulk, in one transaction. CONFLICT names those that belong to another set (invariant I20).
   * Those that are being deleted are left as they are: `unchanged`, with `deletion` set.
   */
  readonly applyAll: (
    applications: readonly NewApplication[],
  ) => Promise<readonly { readonly application: Application; readonly outcome: 'created' | 'configured' | 'unchanged' }[]>
  readonly get: (id: string) => Promise<Application | null>
  /** Those that there are, in no order: many reads in one, for lists. */
  readonly many: (ids: readonly string[]) => Promise<readonly Application[]>
  readonly getByName: (name: string) => Promise<Application | null>
  /** Those that there are, in no order: many reads in one. */
  readonly manyByName: (names: readonly string[]) => Promise<readonly Application[]>
  /** Which repositories sets and applications by themselves read, at which revisions, as their manifests spell them: each only once. */
  readonly repositoryUses: () => Promise<readonly RepositoryUse[]>
  readonly ofSet: (applicationSetId: string) => Promise<readonly Application[]>
  readonly ofCluster: (clusterId: string) => Promise<readonly Application[]>
  /** Applied by themselves, not by a set. */
  readonly standalone: () => Promise<readonly Application[]>
  readonly page: (filter: ApplicationFilter, page: PageRequest) => Promise<Page<Application>>
  /** The same for each of several clusters or sets, in one read. */
  readonly countByStatusOf: (
    owner: 'clusterId' | 'applicationSetId',
    ids: readonly string[],
  ) => Promise<readonly { readonly id: string; readonly sync: SyncStatus; readonly health: HealthStatus; readonly count: number }[]>
  readonly countByStatus: (
    filter: ApplicationFilter,
  ) => Promise<readonly { readonly sync: SyncStatus; readonly health: HealthStatus; readonly count: number }[]>
  /** Versions are immutable; those that are there already are left alone. */
  readonly putVersions: (versions: readonly ApplicationVersion[]) => Promise<void>
  readonly versions: (ids: readonly string[]) => Promise<readonly ApplicationVersion[]>
  /** Where the wanted version differs from the pinned one the sync status becomes OutOfSync at once. */
  readonly setWanted: (
    wanted: readonly { readonly applicationId: string; readonly versionId: string; readonly observedGeneration: number }[],
  ) => Promise<void>
  /** Resolution or validation failed: the condition that says so; the wanted version stays. */
  readonly setConditions: (applicationId: string, conditions: readonly Condition[], observedGeneration: number) => Promise<void>
  /**
   * Moves the pin (no-op when it is there) and gives the pin generation. `rolloutId`: FENCED unless that rollout is the one that
   * holds the application's set. Null: a sync by hand.
   */
  readonly pin: (applicationId: string, versionId: string, rolloutId: string | null) => Promise<number>
  /** FENCED when the pin has moved since. */
  readonly recordSynced: (
    applicationId: string,
    pinGeneration: number,
    synced: { readonly versionId: string; readonly revision: string; readonly atMs: number },
  ) => Promise<void>
  /** Writes observations in a batch; older ones than what is stored change nothing. Only real changes make feed entries. */
  readonly recordStatus: (
    statuses: readonly {
      readonly applicationId: string
      readonly status: Omit<ApplicationStatus, 'revision' | 'syncedAtMs' | 'conditions'>
    }[],
  ) => Promise<void>
  /** A sync by hand: sets `syncRequest`; recordSynced with a later time clears it. */
  readonly requestSync: (id: string, actor: string, atMs: number) => Promise<Application>
  /** Applications by themselves whose generation is ahead of the observed one, and any with an open `syncRequest`. What the sweep looks for. */
  readonly lagging: () => Promise<readonly Application[]>
  readonly markDeleted: (ids: readonly string[], mode: 'cascade' | 'orphan') => Promise<void>
  /** Those marked deleted, for whoever removes them. */
  readonly deleted: () => Promise<readonly Application[]>
  readonly remove: (id: string) => Promise<void>
}

export interface Rollout {
  readonly id: string
  readonly applicationSetId: string
  readonly applicationSetName: string
  /** 1, 2, 3 ... within the set. */
  readonly number: number
  readonly plan: RolloutPlan
  readonly state: RolloutState
  readonly waits: readonly RolloutWait[]
  /** The set's generation that it was planned from. */
  readonly setGeneration: number
  /** Commits that it takes the set to, for people. */
  readonly revisions: readonly string[]
  /** `git`, or who changed the set or asked for it. */
  readonly requestedBy: string
  readonly createdAtMs: number
}

export interface RolloutStore {
  /** CONFLICT when the set has one that isn't final: at most one is active a set. */
  readonly create: (input: Omit<Rollout, 'id' | 'number' | 'applicationSetName' | 'waits' | 'createdAtMs'>) => Promise<Rollout>
  readonly get: (id: string) => Promise<Rollout | null>
  /** The newest of a set, whatever its phase. */
  readonly latest: (applicationSetId: string) => Promise<Rollout | null>
  readonly active: () => Promise<readonly Rollout[]>
  readonly page: (filter: { readonly applicationSetId?: string; readonly active?: boolean }, page: PageRequest) => Promise<Page<Rollout>>
  /** The projection of a step. `sequence` rises with each save of one rollout; a lower one changes nothing (a stale executor). */
  readonly save: (id: string, sequence: number, state: RolloutState, waits: readonly RolloutWait[]) => Promise<void>
  /** Sequence of the last save; 0 before the first. */
  readonly sequence: (id: string) => Promise<number>
  /** Writes the command down; that is its acknowledgement. The same idempotency key gives the first one back. */
  readonly addCommand: (
    rolloutId: string,
    command: {
      readonly verb: RolloutVerb
      readonly actor: string
      readonly stage?: string
      readonly planDigest?: string
      readonly reason?: string
    },
    idempotencyKey?: string,
  ) => Promise<RolloutCommand>
  /** The command that was written down with that key; null when there is none. A repeated request finds it before it asks what is legal now. */
  readonly findCommand: (rolloutId: string, idempotencyKey: string) => Promise<RolloutCommand | null>
  readonly commandsAfter: (rolloutId: string, commandId: number) => Promise<readonly RolloutCommand[]>
}

export interface Token {
  readonly id: string
  /** Who it stands for; shown as the actor of what it does. */
  readonly name: string
  readonly role: 'admin' | 'readonly'
  readonly createdAtMs: number
  readonly expiresAtMs: number | null
}

export interface TokenStore {
  /** Gives the clear token once; only its SHA-256 is stored. CONFLICT: name taken. */
  readonly create: (input: {
    readonly name: string
    readonly role: Token['role']
    readonly expiresAtMs: number | null
  }) => Promise<{ readonly token: Token; readonly clear: string }>
  /** Null for unknown and for expired ones alike. */
  readonly verify: (clear: string, nowMs: number) => Promise<Token | null>
  readonly all: () => Promise<readonly Token[]>
  readonly revoke: (id: string) => Promise<void>
}

/** One thing that changed, for subscribers. Holds no content: they read the node. */
export interface Change {
  /** Rises with each change; a cursor. */
  readonly sequence: number
  readonly kind: 'Cluster' | 'ApplicationSet' | 'Application' | 'Rollout' | 'Project' | 'Repository'
  readonly id: string
  readonly name: string
  readonly action: 'created' | 'updated' | 'deleted'
  readonly atMs: number
}

export interface ChangeFeed {
  /** After that sequence, at most `limit`, in order. Entries older than the retention are gone: then `expired` and the reader must reload. */
  readonly after: (sequence: number, limit: number) => Promise<{ readonly changes: readonly Change[]; readonly expired: boolean }>
  readonly latestSequence: () => Promise<number>
  /** Calls back (without content) soon after changes are committed, by LISTEN/NOTIFY; call the result to stop. */
  readonly listen: (onChange: () => void) => () => void
  /** Removes entries that are older than this duration: the retention. */
  readonly trim: (olderThanMs: number) => Promise<void>
}
