import type { Application, ApplicationManifest } from '../fleet/application.ts'
import { fieldChanges } from '../fleet/field-changes.ts'
import type { Json } from '../fleet/json.ts'
import { deletionPolicy, judgeDeletion } from '../fleet/set/deletion-breaker.ts'
import type { PreviewedApplication, PreviewedChange, PreviewInput, SetPreview } from '../fleet/set/preview.ts'
import { fieldOrigins } from '../generators/field-origins.ts'
import { type GenerateDependencies, generateSet } from './generate-set.ts'
import { createCommits } from './versions.ts'

/** What applying an ApplicationSet now would give, against what is there. Asks Git and SCM hosts as a real pass does, and changes nothing. */
export async function previewSet(deps: GenerateDependencies, { metadata, spec }: PreviewInput, signal: AbortSignal): Promise<SetPreview> {
  const there = await deps.store.applicationSets.getByName(metadata.name)
  const set = { id: there?.id ?? null, metadata, spec }
  const { clusters, expansion, current, validation, changes } = await generateSet(deps, set, {
    commits: createCommits(deps, signal, { peek: true }),
    signal,
  })
  const goTemplate = spec.goTemplate === true
  const origins = fieldOrigins(spec.template, { goTemplate, goTemplateOptions: spec.goTemplateOptions ?? [] }, 'spec.template')
  if (validation === null || changes === null || expansion.outcome !== 'complete')
    return { complete: false, problems: expansion.problems, proofs: [], applications: [], origins, deletionsHeld: null }

  const clusterNames = new Map(clusters.map(({ id, name }) => [id, name]))
  const byName = new Map(current.map((application) => [application.name, application]))
  const generated = new Map(expansion.applications.map((application) => [application.manifest.metadata.name, application]))
  const row = (change: PreviewedChange, manifest: ApplicationManifest, clusterId: string | null): PreviewedApplication => {
    const { name } = manifest.metadata
    const from = generated.get(name)
    const before = byName.get(name)
    return {
      name,
      change,
      clusterName: clusterNames.get(clusterId ?? '') ?? null,
      origin: from?.origin ?? null,
      parameters: from?.parameters ?? null,
      manifest,
      differences: change === 'update' && before !== undefined ? fieldChanges(asJson(before.manifest), asJson(manifest)) : [],
    }
  }
  const kept = (change: PreviewedChange) => (application: Application) => row(change, application.manifest, application.clusterId)
  const applications = [
    ...changes.create.map(({ manifest, clusterId }) => row('create', manifest, clusterId)),
    ...changes.update.map(({ manifest, clusterId }) => row('update', manifest, clusterId)),
    ...changes.unchanged.map(kept('unchanged')),
    ...changes.remove.map(kept('delete')),
    ...changes.withheld.map(kept('withheld')),
  ]
  const judged = judgeDeletion({
    removeCount: changes.remove.filter((application) => application.deletion === null).length,
    setCount: current.length,
    fleetCount: (await deps.store.applications.page({}, { first: 1 })).totalCount,
    digest: '',
    confirmedDigest: null,
    policy: deletionPolicy(set),
    heldSinceMs: null,
    nowMs: deps.nowMs(),
  })
  return {
    complete: true,
    problems: [...expansion.problems, ...validation.problems],
    proofs: expansion.proofs,
    applications: applications.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    origins,
    deletionsHeld: judged.outcome === 'held' ? judged.reason : null,
  }
}

/** Manifests are JSON. */
function asJson(manifest: ApplicationManifest): Json {
  return manifest as unknown as Json
}
