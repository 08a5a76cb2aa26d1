import type { Application } from '../fleet/application.ts'
import type { ApplicationSet } from '../fleet/application-set.ts'
import type { Cluster } from '../fleet/cluster.ts'
import { type Changes, planChanges } from '../fleet/set/changes.ts'
import { keepIgnored } from '../fleet/set/ignored-differences.ts'
import { type ValidApplication, type Validation, validateApplications } from '../fleet/set/validate.ts'
import type { GeneratorInputs } from '../generators/generator.ts'
import type { NewApplication } from '../store/store.ts'
import { createAnswerer } from './answers.ts'
import { type AnsweredExpansion, expandAnswered } from './answers-expand.ts'
import type { ActivityDependencies } from './dependencies.ts'
import type { Commits } from './versions.ts'

export type GenerateDependencies = Pick<
  ActivityDependencies,
  'store' | 'gateway' | 'repositories' | 'hints' | 'nowMs' | 'sources' | 'generatorEnvironment'
>

export interface GeneratedSet {
  readonly clusters: readonly Cluster[]
  readonly expansion: AnsweredExpansion
  /** What the set has now, what is being deleted too. */
  readonly current: readonly Application[]
  /** Both null when the expansion is incomplete: then nothing changes (invariant 7). */
  readonly validation: Validation | null
  readonly changes: Changes<Application> | null
}

/**
 * Finds out what a set generates, and what that would change; changes nothing. `id` is null for a set that isn't there yet. Rejects when the
 * store does; what generators can't see is in the expansion.
 */
export async function generateSet(
  deps: GenerateDependencies,
  set: Pick<ApplicationSet, 'metadata' | 'spec'> & { readonly id: string | null },
  { commits, signal }: { readonly commits: Commits; readonly signal: AbortSignal },
): Promise<GeneratedSet> {
  const { store } = deps
  const clusters = (await store.clusters.all()).filter((cluster) => !cluster.removing)
  const inputs = generatorInputs(deps, clusters)
  const expansion = await expandAnswered(set, inputs, deps.generatorEnvironment, createAnswerer(deps, { commits, signal }))
  const current = set.id === null ? [] : await store.applications.ofSet(set.id)
  if (expansion.outcome !== 'complete') return { clusters, expansion, current, validation: null, changes: null }

  const names = expansion.applications.map(({ manifest }) => manifest.metadata.name)
  const validation = validateApplications({
    generated: keepIgnored(set.spec.ignoreApplicationDifferences ?? [], current, expansion.applications),
    projects: await store.projects.all(),
    clusters,
    owners: await ownersOf(deps, set.id, names),
    nowMs: deps.nowMs(),
  })
  const changes = planChanges({
    current,
    generated: validation.valid,
    policy: set.spec.syncPolicy?.applicationsSync ?? 'sync',
    preservedFields: set.spec.preservedFields,
    // What is wanted but invalid right now is not to be deleted.
    wantedNames: names,
    incomplete: expansion.problems.length > 0,
  })
  return { clusters, expansion, current, validation, changes }
}

/** What a set makes, as the store takes it. */
export function newApplication(applicationSetId: string, { manifest, clusterId, conditions }: ValidApplication): NewApplication {
  return { name: manifest.metadata.name, applicationSetId, clusterId, manifest, conditions }
}

/** What generators get to see, but the answers. */
export function generatorInputs(
  { sources, nowMs }: Pick<GenerateDependencies, 'sources' | 'nowMs'>,
  clusters: readonly Cluster[],
): Omit<GeneratorInputs, 'answer'> {
  const facts = clusters.map(({ name, server, project, labels, annotations }) => ({
    name,
    server,
    project: project ?? '',
    labels,
    annotations,
  }))
  // Argo CD's hub is a destination by itself, `in-cluster`. Ours is none: a cluster that it runs in is registered like any other.
  const { scmPolicy: scm, gitFileGlobbing } = sources
  return { clusters: facts, nowMs: nowMs(), excludeHub: true, scm, gitFileGlobbing }
}

/** Names that belong to somebody else: another set, or an application that was applied by itself (invariant I20). */
async function ownersOf(deps: GenerateDependencies, setId: string | null, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = await deps.store.applications.manyByName(names)
  const others = found.filter(({ applicationSetId }) => applicationSetId === null || applicationSetId !== setId)
  if (others.length === 0) return new Map()
  const sets = new Map((await deps.store.applicationSets.all()).map(({ id, name }) => [id, name]))
  return new Map(
    others.map(({ name, applicationSetId }) => {
      const owner = applicationSetId === null ? undefined : sets.get(applicationSetId)
      return [name, owner === undefined ? 'an application that was applied by itself' : `the ApplicationSet ${owner}`]
    }),
  )
}
