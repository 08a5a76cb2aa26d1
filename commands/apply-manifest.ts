import { FleetError, invalidInput, type Problem } from '../fleet/errors.ts'
import { changesThatAreUndone } from '../fleet/set/ignored-differences.ts'
import { concernsItsSet } from '../fleet/set/requeue.ts'
import type { ApplicationDocument, Manifest } from '../manifests/manifest.ts'
import { parseManifests } from '../manifests/parse.ts'
import { applyClusterSecret, type CheckedSecret, checkClusterSecret } from './apply-cluster-secret.ts'
import type { ApplyResult } from './apply-result.ts'
import type { CommandContext, Viewer } from './context.ts'
import { fleetChanged } from './fleet-changed.ts'
import { requireWriter } from './permission.ts'
import { probeCluster } from './probe-cluster.ts'
import { inDocument, requireSupported } from './require-supported.ts'
import { validateStandalone } from './validate-standalone.ts'

/**
 * Applies a YAML or JSON text of one or several documents: Application, ApplicationSet, AppProject, Argo CD cluster Secrets. All of it is
 * checked before anything is written, and what can be known to fail is refused as a whole. Results are in the order of the documents.
 * Errors: INVALID_INPUT and UNSUPPORTED with every problem; CONFLICT; what registerCluster gives, for Secrets.
 */
export async function applyManifest(
  context: CommandContext,
  viewer: Viewer,
  input: { readonly manifest: string },
): Promise<readonly ApplyResult[]> {
  requireWriter(viewer)
  const { value: manifests, problems } = parseManifests(input.manifest)
  if (manifests === null) throw invalidInput('The manifest', problems)
  requireSupported(manifests)
  requireDistinct(manifests)
  await requireApplicable(context, manifests)
  const results = new Map<Manifest, ApplyResult>()
  // What others refer to comes first.
  for (const kind of ['ClusterSecret', 'AppProject', 'ApplicationSet', 'Application'] as const) {
    for (const manifest of manifests) {
      if (manifest.kind === kind) results.set(manifest, await applyOne(context, viewer, manifest))
    }
  }
  return manifests.flatMap((manifest) => results.get(manifest) ?? [])
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

/** What would fail of applications and sets while it is being written. Projects of the same text count already. */
async function requireApplicable(context: CommandContext, manifests: readonly Manifest[]): Promise<void> {
  const applications = manifests.filter((manifest) => manifest.kind === 'Application')
  for (const manifest of applications) await requireFree(context, manifest)
  for (const manifest of manifests) {
    if (manifest.kind !== 'ApplicationSet') continue
    const { name } = manifest.metadata
    const there = await context.store.applicationSets.getByName(name)
    if (there?.deletion != null)
      throw new FleetError('CONFLICT', `The application set ${name} is being deleted: apply it again when it is gone`)
  }
  const projects = manifests.filter((manifest) => manifest.kind === 'AppProject').map(({ metadata: { name }, spec }) => ({ name, spec }))
  const secrets = manifests.filter((manifest) => manifest.kind === 'ClusterSecret').map((secret) => checkClusterSecret(context, secret))
  const clusters = secrets.flatMap(({ value }) =>
    value === null
      ? []
      : [{ id: value.identity.name, project: value.identity.project, name: value.identity.name, server: value.access.server }],
  )
  const settled = await validateStandalone(context, applications, { projects, clusters })
  const problems = manifests.flatMap((manifest, index) => {
    if (manifest.kind === 'ClusterSecret')
      return checkClusterSecret(context, manifest).problems.map((problem) => inDocument(problem, index, manifests))
    const found = manifest.kind === 'Application' ? settled.get(manifest.metadata.name) : undefined
    return found === undefined || found.valid ? [] : found.problems.map((problem) => inDocument(problem, index, manifests))
  })
  if (problems.length > 0) throw invalidInput('The manifest', problems)
  // One alone is asked when it is written, which comes before everything else.
  if (secrets.length > 1) for (const { value } of secrets) if (value !== null) await requireAnswering(context, value)
}

/** Of several clusters none is registered unless all answer. */
async function requireAnswering(context: CommandContext, { identity, access }: CheckedSecret): Promise<void> {
  const same = await context.store.clusters.getByServer(access.server)
  if (same !== null && same.name !== identity.name) {
    throw new FleetError('CONFLICT', `${access.server} is registered already, as ${same.name}`)
  }
  await probeCluster(context, access, false)
}

/** An application that a set makes can be applied as far as the set ignores what changes: it would undo the rest. */
async function requireFree({ store }: CommandContext, { metadata, spec }: ApplicationDocument): Promise<void> {
  const { name } = metadata
  const there = await store.applications.getByName(name)
  if (there === null) return
  if (there.deletion !== null) throw new FleetError('CONFLICT', `The application ${name} is being deleted: apply it again when it is gone`)
  if (there.applicationSetId === null) return
  const set = await store.applicationSets.get(there.applicationSetId)
  const undone = changesThatAreUndone(set?.spec.ignoreApplicationDifferences ?? [], there.manifest, { metadata, spec })
  if (undone.length === 0) return
  throw new FleetError(
    'CONFLICT',
    `The application ${name} is made by the application set ${set?.name ?? ''}, which would undo the change of ${undone.join(', ')}: change the set, let it ignore these fields (spec.ignoreApplicationDifferences), or choose another name`,
  )
}

async function applyOne(context: CommandContext, viewer: Viewer, manifest: Manifest): Promise<ApplyResult> {
  const { store, hints } = context
  switch (manifest.kind) {
    case 'ClusterSecret':
      return applyClusterSecret(context, viewer, manifest)
    case 'AppProject': {
      const { name } = manifest.metadata
      const before = await store.projects.getByName(name)
      const project = await store.projects.apply(name, manifest.spec)
      const outcome = before === null ? 'created' : before.generation === project.generation ? 'unchanged' : 'configured'
      // Its bounds are the reconciler's to check.
      if (outcome !== 'unchanged') await fleetChanged(context)
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

async function applyApplication(context: CommandContext, { metadata, spec }: ApplicationDocument): Promise<ApplyResult> {
  const { store, hints } = context
  const { name } = metadata
  const manifest = { metadata, spec }
  const settled = (await validateStandalone(context, [manifest])).get(name)
  const there = await store.applications.getByName(name)
  const setId = there?.applicationSetId ?? null
  const [applied] = await store.applications.applyAll([
    { name, applicationSetId: setId, clusterId: settled?.clusterId ?? null, manifest, conditions: settled?.conditions ?? [] },
  ])
  if (applied === undefined) throw new FleetError('CONFLICT', `The application ${name} changed meanwhile: apply it again`)
  if (applied.outcome !== 'unchanged') {
    if (setId === null) hints.applicationChanged(applied.application.id)
    else if (there !== null && concernsItsSet(there.manifest, manifest))
      hints.applicationSetsChanged(await store.applicationSets.touch([setId]))
  }
  return { kind: 'Application', id: applied.application.id, name, outcome: applied.outcome }
}
