import { readsClusterLabels } from '../fleet/set/requeue.ts'
import type { CommandContext } from './context.ts'
import { validateStandalone } from './validate-standalone.ts'

/**
 * A cluster or a project came, changed (other than its labels) or went: every set has to look again, because any generator, destination or project may mean it,
 * and applications that stand by themselves are settled anew.
 */
export async function fleetChanged(context: CommandContext): Promise<void> {
  const { store, hints } = context
  hints.applicationSetsChanged(await store.applicationSets.touch(null))
  const standing = (await store.applications.standalone()).filter((application) => application.deletion === null)
  if (standing.length === 0) return
  const settled = await validateStandalone(
    context,
    standing.map((application) => application.manifest),
  )
  const applied = await store.applications.applyAll(
    standing.map(({ name, manifest, clusterId }) => {
      const now = settled.get(name)
      // One that is no longer permitted stays where it is, and says why.
      return {
        name,
        applicationSetId: null,
        manifest,
        clusterId: now?.valid === true ? now.clusterId : clusterId,
        conditions: now?.conditions ?? [],
      }
    }),
  )
  for (const { application, outcome } of applied) if (outcome !== 'unchanged') hints.applicationChanged(application.id)
}

/** A cluster's labels or annotations changed: the sets that read them look again. No destination means another cluster for that. */
export async function clusterRelabelled({ store, hints }: CommandContext): Promise<void> {
  const reading = (await store.applicationSets.all()).filter((set) => readsClusterLabels(set.spec)).map(({ id }) => id)
  hints.applicationSetsChanged(await store.applicationSets.touch(reading))
}
