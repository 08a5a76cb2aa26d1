import type { ColumnType, Generated } from 'kysely'
import type {
  ApplicationManifest,
  ApplicationSpec,
  Condition,
  HealthStatus,
  ObjectMeta,
  ResourceStatus,
  SyncStatus,
} from '../fleet/application.ts'
import type { ApplicationSetSpec, HeldDeletion, ProjectSpec } from '../fleet/application-set.ts'
import type { ConnectionStatus } from '../fleet/cluster.ts'
import type { RolloutPlan } from '../fleet/rollout/plan.ts'
import type { RolloutPhase, RolloutState, RolloutVerb, RolloutWait } from '../fleet/rollout/state.ts'
import type { Change, Token } from './store.ts'

/** Read as what it is, written as JSON text: see json-column.ts. */
type JsonColumn<T> = ColumnType<T, string, string>

type Labels = Readonly<Record<string, string>>
type Deletion = 'cascade' | 'orphan'

/** The schema that migrations/ make. bigint columns are read as numbers (database.ts), times are milliseconds since the epoch. */
export interface Tables {
  clusters: ClustersTable
  cluster_credentials: { cluster_id: string } & SealedColumns
  repositories: RepositoriesTable
  repository_credentials: { repository_id: string } & SealedColumns
  secrets: SecretsTable
  secret_data: { secret_id: string } & SealedColumns
  projects: ProjectsTable
  application_sets: ApplicationSetsTable
  applications: ApplicationsTable
  application_versions: ApplicationVersionsTable
  rollouts: RolloutsTable
  rollout_commands: RolloutCommandsTable
  tokens: TokensTable
  changes: ChangesTable
  change_horizon: { trimmed_through: number }
}

/** Secrets have tables of their own, so that no query for a page can pick them up. */
export interface SealedColumns {
  key_id: string
  nonce: Buffer
  ciphertext: Buffer
}

export interface SecretsTable {
  id: Generated<string>
  name: string
  project: string | null
  keys: JsonColumn<readonly string[]>
  updated_at_ms: number
}

export interface ClustersTable {
  id: string
  name: string
  server: string
  ca_data: string | null
  tls_server_name: string | null
  labels: JsonColumn<Labels>
  annotations: JsonColumn<Labels>
  project: string | null
  task_queue: string
  generation: Generated<number>
  observed_generation: Generated<number>
  access_generation: Generated<number>
  connection_status: ConnectionStatus
  connection_message: string
  version: string | null
  uid: string | null
  attempted_at_ms: number | null
  seen_at_ms: number | null
  removing: Generated<boolean>
  created_at_ms: number
}

export interface RepositoriesTable {
  id: string
  normalized_url: string
  url: string
  refs: Generated<Readonly<Record<string, string>>>
  polled_at_ms: number | null
  error: string | null
  generation: Generated<number>
}

export interface ProjectsTable {
  id: Generated<string>
  name: string
  spec: JsonColumn<ProjectSpec>
  generation: Generated<number>
}

export interface ApplicationSetsTable {
  id: Generated<string>
  name: string
  metadata: JsonColumn<ObjectMeta>
  spec: JsonColumn<ApplicationSetSpec>
  generation: Generated<number>
  observed_generation: Generated<number>
  wanted_pass: Generated<number>
  observed_pass: Generated<number>
  conditions: Generated<readonly Condition[]>
  held_deletion: JsonColumn<HeldDeletion> | null
  expanded_at_ms: number | null
  confirmed_digest: string | null
  confirmed_by: string | null
  unblocked_rollout_id: string | null
  unblocked_by: string | null
  deletion: Deletion | null
  last_changed_by: string
  created_at_ms: number
}

export interface ApplicationsTable {
  id: Generated<string>
  name: string
  application_set_id: string | null
  cluster_id: string | null
  manifest: JsonColumn<ApplicationManifest>
  conditions: JsonColumn<readonly Condition[]>
  generation: Generated<number>
  observed_generation: Generated<number>
  wanted_version_id: string | null
  pinned_version_id: string | null
  synced_version_id: string | null
  pin_generation: Generated<number>
  sync: Generated<SyncStatus>
  health: Generated<HealthStatus>
  message: Generated<string>
  revision: string | null
  resources: Generated<readonly ResourceStatus[]>
  observed_at_ms: number | null
  synced_at_ms: number | null
  sync_requested_by: string | null
  sync_requested_at_ms: number | null
  deletion: Deletion | null
  created_at_ms: number
}

export interface ApplicationVersionsTable {
  id: string
  application_id: string
  spec: JsonColumn<ApplicationSpec>
  revision: string
  content_key: string
  created_at_ms: number
}

export interface RolloutsTable {
  id: Generated<string>
  application_set_id: string
  application_set_name: string
  number: number
  plan: JsonColumn<RolloutPlan>
  state: JsonColumn<RolloutState>
  waits: JsonColumn<readonly RolloutWait[]>
  phase: RolloutPhase
  /** `phase` isn't final. At most one is true a set. */
  active: boolean
  sequence: Generated<number>
  set_generation: number
  revisions: JsonColumn<readonly string[]>
  requested_by: string
  created_at_ms: number
}

export interface RolloutCommandsTable {
  id: Generated<number>
  rollout_id: string
  verb: RolloutVerb
  actor: string
  stage: string | null
  plan_digest: string | null
  reason: string | null
  idempotency_key: string | null
  at_ms: number
}

export interface TokensTable {
  id: Generated<string>
  name: string
  role: Token['role']
  /** SHA-256 of the clear token. */
  hash: Buffer
  created_at_ms: number
  expires_at_ms: number | null
  last_used_at_ms: number | null
}

export interface ChangesTable {
  sequence: Generated<number>
  kind: Change['kind']
  id: string
  name: string
  action: Change['action']
  at_ms: number
}
