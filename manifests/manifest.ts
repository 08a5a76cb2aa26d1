import type { ApplicationSpec, ObjectMeta } from '../fleet/application.ts'
import type { ApplicationSetSpec, ProjectSpec } from '../fleet/application-set.ts'
import type { JsonObject } from '../fleet/json.ts'

/** A manifest that was read and found valid. `metadata.namespace` is always there: `argocd` when none was given. */
export type Manifest = ApplicationDocument | ApplicationSetDocument | ProjectDocument | ClusterSecretDocument

export interface ApplicationDocument {
  readonly kind: 'Application'
  readonly metadata: ObjectMeta
  readonly spec: ApplicationSpec
}

export interface ApplicationSetDocument {
  readonly kind: 'ApplicationSet'
  readonly metadata: ObjectMeta
  readonly spec: ApplicationSetSpec
}

export interface ProjectDocument {
  readonly kind: 'AppProject'
  readonly metadata: ObjectMeta
  readonly spec: ProjectSpec
}

/** An Argo CD cluster Secret, only recognised here: clusters/cluster-secret.ts reads it. Holds credentials. */
export interface ClusterSecretDocument {
  readonly kind: 'ClusterSecret'
  readonly json: JsonObject
}
