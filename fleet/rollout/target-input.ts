import type { Application } from '../application.ts'
import type { Cluster } from '../cluster.ts'
import type { RolloutTargetInput } from './planning.ts'

/** An application on its cluster as planning wants it, to go to `toVersionId`. */
export function targetInput(application: Application, cluster: Cluster, toVersionId: string): RolloutTargetInput {
  return {
    applicationId: application.id,
    applicationName: application.name,
    clusterId: cluster.id,
    clusterName: cluster.name,
    clusterLabels: cluster.labels,
    applicationLabels: application.manifest.metadata.labels ?? {},
    fromVersionId: application.pinnedVersionId,
    toVersionId,
  }
}
