import type { ClusterGateway } from '../clusters/gateway.ts'
import type { PreviewInput, SetPreview } from '../fleet/set/preview.ts'
import type { Store, Token } from '../store/store.ts'

/** What every command gets. Commands are what may be wished: each validates, writes rows, then hints. GraphQL calls nothing else to write. */
export interface CommandContext {
  readonly store: Store
  readonly gateway: ClusterGateway
  readonly hints: Hints
  readonly nowMs: () => number
  /** Addresses of clusters on loopback are refused unless this is set (demo, tests, a hub on one machine). */
  readonly allowLoopbackClusters: boolean
  /** What applying a set would give; asks Git and SCM hosts, and changes nothing. */
  readonly previewSet: (set: PreviewInput, signal: AbortSignal) => Promise<SetPreview>
}

/** Who asks. */
export type Viewer = Pick<Token, 'id' | 'name' | 'role'>

/**
 * Wakes workflows after a row was written. Best effort: never throws, a lost hint costs a delay until the sweep finds the row
 * (DESIGN, invariant 5).
 */
export interface Hints {
  /** Registered, relabelled, rotated, removed. */
  readonly clusterChanged: (clusterId: string) => void
  readonly applicationSetsChanged: (ids: readonly string[]) => void
  readonly applicationChanged: (applicationId: string) => void
  readonly repositoryChanged: (repositoryId: string) => void
  readonly rolloutCommanded: (rolloutId: string) => void
}
