import type { Application } from '../fleet/application.ts'
import type { Cluster } from '../fleet/cluster.ts'
import { FleetError, invalidInput, type Problem } from '../fleet/errors.ts'
import type { ApplicationDocument, Manifest } from '../manifests/manifest.ts'
import { parseManifests } from '../manifests/parse.ts'
import { unsupportedProblems } from '../manifests/unsupported.ts'
import type { CommandContext, Viewer } from './context.ts'
import { requireWriter } from './permission.ts'

export type ApplyOutcome = 'created' | 'configured' | 'unchanged'

/** What came of one document. */
export interface ApplyResult {
  readonly kind: 'Application' | 'ApplicationSet' | 'Project' | 'Cluster'
  readonly id: string
  readonly name: string
  readonly outcome: ApplyOutcome
}

/**
 * Applies a YAML or JSON text of one or several documents: Application, ApplicationSet, AppProject, Argo CD cluster Secrets. All of it is
 * checked before anything is written, and what can be known to fail is refused as a whole. Results are in the order of the documents.
 * Errors: INVALID_INPUT and UNSUPPORTED with every problem; CONFLICT; what registerCluster gives, for Secrets.
 */
export async function applyManifest(context: CommandContext, viewer: Viewer, input: { readonly manifest: string }): Promise<readonly ApplyResult[]> {
  requireWriter(viewer)
  const { value: manifests, problems } = parseManifests(input.manifest)
  if (manifests === null) throw invalidInput('The manifest', problems)
  requireSupported(manifests)
  requireDistinct(manifests)
  const results = new Map<Manifest, ApplyResult>()
  for (const manifest of manifests) {
    if (manifest.kind === 'Application') await requireFree(context, manifest)
  }
  // What others refer to comes first.
  for (const kind of ['ClusterSecret', 'AppProject', 'ApplicationSet', 'Application'] as const) {
    for (const manifest of manifests) {
      if (manifest.kind === kind) results.set(manifest, await applyOne(context, viewer, manifest))
    }
  }
  return manifests.flatMap((manifest) => results.get(manifest) ?? [])
}

function requireSupported(manifests: readonly Manifest[]): void {
  const problems = manifests.flatMap((manifest, index) => unsupportedProblems(manifest).map((problem) => inDocument(problem, index, manifests)))
  if (problems.length === 0) return
  const lines = problems.map((problem) => `  ${problem.path}: ${problem.message}`)
  throw new FleetError('UNSUPPORTED', `The manifest asks for what Roadstead can't do yet:\n${lines.join('\n')}`, { problems })
}

function requireDistinct(manifests: readonly Manifest[]): void {
  const seen = new Set<string>()
  const problems: Problem[] = []
  for (const [index, manifest] of manifests.entries()) {
    if (manifest.kind === 'ClusterSecret') continue
    const key = `${manifest.kind} ${manifest.metadata.name}`
    if (seen.has(key)) problems.push(inDocument({ path: 'metadata.name', message: `${key} stands twice in the text` }, index, manifests))
    seen.add(key)
  }
  if (problems.length > 0) throw invalidInput('The manifest', problems)
}

function inDocument(problem: Problem, index: number, manifests: readonly Manifest[]): Problem {
  return manifests.length === 1 ? problem : { ...problem, path: `documents[${index}].${problem.path}` }
}

/** An application that a set makes can't be applied by itself: the set would undo it. */
async function requireFree({ store }: CommandContext, { metadata: { name } }: ApplicationDocument): Promise<void> {
  const there = await store.applications.getByName(name)
  if (there === null) return
  if (there.deletion !== null) throw new FleetError('CONFLICT', `The application ${name} is being deleted: apply it again when it is gone`)
  if (there.applicationSetId === null) return
  const set = await store.applicationSets.get(there.applicationSetId)
  throw new FleetError('CONFLICT', `The application ${name} is made by the application set ${set?.name ?? ''}: change that, or choose another name`)
}

async function applyOne(context: CommandContext, viewer: Viewer, manifest: Manifest): Promise<ApplyResult> {
  const { store, hints } = context
  switch (manifest.kind) {
    case 'ClusterSecret':
      throw new FleetError('UNSUPPORTED', 'Argo CD cluster Secrets are not taken yet: use registerCluster')
    case 'AppProject': {
      const { name } = manifest.metadata
      const before = await store.projects.getByName(name)
      const project = await store.projects.apply(name, manifest.spec)
      const outcome = before === null ? 'created' : before.generation === project.generation ? 'unchanged' : 'configured'
      // Its bounds are the reconciler's to check.
      if (outcome !== 'unchanged') hints.applicationSetsChanged(await store.applicationSets.touch(null))
      return { kind: 'Project', id: project.id, name, outcome }
    }
    case 'ApplicationSet': {
      const { set, outcome } = await store.applicationSets.apply(manifest.metadata, manifest.spec, viewer.name)
      if (outcome !== 'unchanged') hints.applicationSetsChanged([set.id])
      return { kind: 'ApplicationSet', id: set.id, name: set.name, outcome }
    }
    case 'Application':
      return applyApplication(context, manifest)
  }
}

async function applyApplication({ store, hints, nowMs }: CommandContext, { metadata, spec }: ApplicationDocument): Promise<ApplyResult> {
  const cluster = destinationOf(await store.clusters.all(), spec.destination)
  const message = `destination ${spec.destination.server ?? spec.destination.name ?? ''} is no registered cluster`
  const conditions: Application['status']['conditions'] =
    cluster === null ? [{ type: 'InvalidSpecError', status: 'True', reason: 'InvalidSpecError', message, lastTransitionAtMs: nowMs() }] : []
  const [applied] = await store.applications.applyAll([
    { name: metadata.name, applicationSetId: null, clusterId: cluster?.id ?? null, manifest: { metadata, spec }, conditions },
  ])
  if (applied === undefined) throw new FleetError('CONFLICT', `The application ${metadata.name} changed meanwhile: apply it again`)
  if (applied.outcome !== 'unchanged') hints.applicationChanged(applied.application.id)
  return { kind: 'Application', id: applied.application.id, name: metadata.name, outcome: applied.outcome }
}

function destinationOf(clusters: readonly Cluster[], { server, name }: { readonly server?: string; readonly name?: string }): Cluster | null {
  return clusters.find((cluster) => !cluster.removing && (name === undefined || name === '' ? cluster.server === server : cluster.name === name)) ?? null
}
