import type { Cluster } from '../fleet/cluster.ts'
import { FleetError, invalidInput } from '../fleet/errors.ts'
import type { CommandContext, Viewer } from './context.ts'
import { clusterRelabelled } from './fleet-changed.ts'
import { found } from './found.ts'
import { annotationProblems, labelProblems } from './metadata-problems.ts'
import { requireWriter } from './permission.ts'

export interface UpdateClusterInput {
  readonly id: string
  /** All labels as they shall be; undefined: as they are. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly expectedGeneration?: number | undefined
}

/** Changes labels and annotations; sets whose generators select by them look again. CONFLICT when the generation has moved on. */
export async function updateCluster(context: CommandContext, viewer: Viewer, input: UpdateClusterInput): Promise<Cluster> {
  requireWriter(viewer)
  const { store, hints } = context
  const problems = [...labelProblems(input.labels ?? {}), ...annotationProblems(input.annotations ?? {})]
  if (problems.length > 0) throw invalidInput('The cluster', problems)
  const cluster = found(await store.clusters.get(input.id), 'cluster')
  if (cluster.removing) throw new FleetError('ILLEGAL_STATE', `${cluster.name} is being removed`)
  const updated = await store.clusters.update(
    cluster.id,
    {
      ...(input.labels === undefined ? {} : { labels: input.labels }),
      ...(input.annotations === undefined ? {} : { annotations: input.annotations }),
    },
    input.expectedGeneration,
  )
  if (updated.generation !== cluster.generation) {
    hints.clusterChanged(cluster.id)
    await clusterRelabelled(context)
  }
  return updated
}
