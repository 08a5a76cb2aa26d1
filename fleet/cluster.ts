/** What is known of a registered cluster. Credentials are elsewhere, sealed, and never part of it. */
export interface Cluster {
  readonly id: string
  /** Unique. What `destination.name` and the clusters generator's `name` mean. */
  readonly name: string
  /** https URL of the API server. What `destination.server` means. */
  readonly server: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** AppProject that the cluster belongs to, as Argo CD's cluster Secret `project`; null for all. */
  readonly project: string | null
  /** Temporal task queue of the workers that can reach it. */
  readonly taskQueue: string
  /** Rises with every wanted change (labels, server, credentials). */
  readonly generation: number
  readonly observedGeneration: number
  readonly connection: ClusterConnection
  /** Somebody wants it gone; its applications are being removed first. */
  readonly removing: boolean
  readonly createdAtMs: number
}

/** Argo CD's words for the state of a connection. Unknown is also what a stale observation becomes: see `connectionAt`. */
export type ConnectionStatus = 'Successful' | 'Failed' | 'Unknown'

export interface ClusterConnection {
  readonly status: ConnectionStatus
  readonly message: string
  /** Kubernetes version such as `v1.36.3`; the last one seen. */
  readonly version: string | null
  /** uid of the kube-system namespace, which identifies a cluster; the last one seen. */
  readonly uid: string | null
  /** When the last attempt to reach it ended; null before the first. */
  readonly attemptedAtMs: number | null
  /** When it last answered; null when it never did. */
  readonly seenAtMs: number | null
}

/** The local cluster's server address in Argo CD manifests: the hub itself. */
export const hubServer = 'https://kubernetes.default.svc'
export const hubName = 'in-cluster'

/** Task queue of clusters that the hub itself can reach. */
export const hubTaskQueue = 'roadstead-hub'

/** Watches run for ever, one a cluster: they have a queue of their own, so that they never take the slots of short work. */
export function watchQueue(taskQueue: string): string {
  return `${taskQueue}-watch`
}

/** An observation older than this says nothing about now. */
export const connectionStaleAfterMs = 60_000

/** The connection as it may be reported at `nowMs`: an old observation is Unknown with an age (invariant I15), never Successful. */
export function connectionAt(connection: ClusterConnection, nowMs: number): ClusterConnection {
  if (connection.attemptedAtMs !== null && nowMs - connection.attemptedAtMs <= connectionStaleAfterMs) return connection
  const age = connection.seenAtMs === null ? 'never seen' : `last seen ${Math.round((nowMs - connection.seenAtMs) / 1000)} s ago`
  return { ...connection, status: 'Unknown', message: connection.message === '' ? age : `${age}; ${connection.message}` }
}
