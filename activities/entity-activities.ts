/** What the workflows of the long-lived things (a set, a cluster, a repository, an application) may do to the world. */
export interface ApplicationSetActivities {
  /** One pass: expand, validate, write applications, hold deletions, resolve revisions, plan a rollout. */
  readonly reconcileApplicationSet: (input: { readonly applicationSetId: string }) => Promise<ReconcileResult>
}

export interface ReconcileResult {
  /** The set is gone, with its applications. */
  readonly gone: boolean
  /** A rollout that this pass created. */
  readonly rolloutId: string | null
  /** Applications to remove now, each on its cluster's queue. */
  readonly removals: readonly Removal[]
  /** Look again after that, whatever happens; null: only when woken. */
  readonly requeueAfterMs: number | null
}

export interface Removal {
  readonly applicationId: string
  readonly taskQueue: string
}

export interface RemovalActivities {
  /** Deletes the application's resources as its deletion mode says, waits until they are gone, then removes its row. */
  readonly removeApplication: (input: { readonly applicationId: string }) => Promise<void>
}

export interface ClusterActivities {
  /** Runs for as long as the cluster is registered: connection, live state, healing. Returns when it is gone, or to start afresh. */
  readonly watchCluster: (input: { readonly clusterId: string }) => Promise<{ readonly gone: boolean }>
  readonly describeCluster: (input: { readonly clusterId: string }) => Promise<{ readonly taskQueue: string } | null>
}

export interface RepositoryActivities {
  /** Lists the refs once, wakes the sets that use the repository when one moved. */
  readonly pollRepository: (input: { readonly repositoryId: string }) => Promise<{ readonly gone: boolean; readonly againAfterMs: number }>
}

export interface ApplicationActivities {
  /** For an application by itself: resolves what it wants and says whether to sync it now. */
  readonly reconcileApplication: (input: { readonly applicationId: string }) => Promise<ApplicationPlan>
}

export type ApplicationPlan =
  | { readonly action: 'none' }
  /** What it wants couldn't be found out; a condition says why. Look again after a while, nothing else will say when. */
  | { readonly action: 'again' }
  | { readonly action: 'sync'; readonly versionId: string; readonly taskQueue: string }
  | { readonly action: 'remove'; readonly taskQueue: string }

export interface SweepActivities {
  /** Finds every row whose observed state lags behind the wanted one and wakes its workflow. Gives how many. */
  readonly sweep: () => Promise<{ readonly woken: number }>
}
