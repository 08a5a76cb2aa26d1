import type { ApplicationSet } from '../fleet/application-set.ts'
import { FleetError } from '../fleet/errors.ts'
import { expansionStale } from '../fleet/set/conditions.ts'
import { growsByCluster } from '../fleet/set/newcomers.ts'
import { tidied } from '../fleet/set/tidy-spec.ts'
import { validateApplications } from '../fleet/set/validate.ts'
import { expandAnswered } from './answers-expand.ts'
import { type GenerateDependencies, generatorInputs, newApplication } from './generate-set.ts'

/** The newest; what is beyond that waits for the whole pass, which isn't much dearer then. */
const newcomersMax = 100
/** A cluster registered that long before the last pass may have been too late for it: clocks differ, and a pass takes its time. */
const marginMs = 60_000

/**
 * Writes down the applications of clusters that were registered since the set was last gone through, before it is gone through again: they are
 * there at once, however large the fleet. Only names that nobody has are taken, and nothing is changed or removed; versions, rollout and all that
 * is doubtful are for the whole pass that follows.
 */
export async function welcomeNewcomers(deps: GenerateDependencies, set: ApplicationSet): Promise<void> {
  const { store } = deps
  if (set.expandedAtMs === null || set.observedGeneration !== set.generation || !growsByCluster(set.spec.generators)) return
  // What the last pass refused as a whole, such as too many applications, isn't let in one by one.
  if (set.conditions.some(({ type, status }) => type === expansionStale && status === 'True')) return
  const newcomers = await store.clusters.registeredSince(set.expandedAtMs - marginMs, newcomersMax)
  if (newcomers.length === 0) return
  const expansion = await expandAnswered(set, generatorInputs(deps, newcomers), deps.generatorEnvironment, async () => ({
    complete: false,
    error: 'is asked in the whole pass',
  }))
  if (expansion.outcome !== 'complete') return
  const byName = Map.groupBy(expansion.applications, nameOf)
  const taken = new Set((await store.applications.manyByName([...byName.keys()])).map(({ name }) => name))
  const { valid } = validateApplications({
    // Who of several gets a name is for the whole pass.
    generated: [...byName].flatMap(([name, applications]) => (taken.has(name) || applications.length > 1 ? [] : applications)),
    projects: await store.projects.all(),
    clusters: newcomers,
    owners: new Map(),
    nowMs: deps.nowMs(),
  })
  const applications = valid
    // A destination among the other clusters is for the whole pass, too.
    .filter(({ clusterId }) => clusterId !== null)
    .map((application) => newApplication(set.id, { ...application, manifest: tidied(application.manifest) }))
  try {
    await store.applications.applyAll(applications)
  } catch (error) {
    // A name was taken or a cluster removed at this moment: the whole pass sees it, and says so for that application alone.
    if (!(error instanceof FleetError) || error.code !== 'CONFLICT') throw error
  }
}

function nameOf({ manifest }: { readonly manifest: { readonly metadata: { readonly name: string } } }): string {
  return manifest.metadata.name
}
