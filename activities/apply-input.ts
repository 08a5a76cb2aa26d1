import type { ApplyInput } from '../clusters/gateway.ts'
import type { Application, ApplicationVersion, KubeObject } from '../fleet/application.ts'
import { FleetError } from '../fleet/errors.ts'
import { syncOperation } from '../fleet/sync-operation.ts'
import { isHook } from '../rendering/hooks.ts'
import type { Rendered, Renderer } from '../rendering/renderer.ts'
import type { Repositories, RepositoryAccess } from '../repos/repository.ts'
import type { Store } from '../store/store.ts'
import { repositoryAccess } from './repository-access.ts'

export interface WantedState {
  readonly input: ApplyInput
  /** Hooks among what was rendered: they are for the sync engine to come; applied as plain objects they would run at the wrong time. */
  readonly hooks: readonly KubeObject[]
}

/** What a version means for its cluster: fetched when it isn't there, rendered once for equal content, and how to apply it. */
export async function applyInputOf(
  deps: { readonly store: Store; readonly repositories: Repositories; readonly renderer: Renderer },
  application: Application,
  version: ApplicationVersion,
  signal: AbortSignal,
): Promise<WantedState> {
  const { source, destination, syncPolicy } = version.spec
  const { sync } = syncOperation(version.spec, { revisions: [version.revision], prune: syncPolicy?.automated?.prune === true })
  if (source === undefined)
    throw new FleetError('UNSUPPORTED', `Application ${application.name} has no spec.source: several sources are not supported yet`)
  const access = await repositoryAccess(deps.store, source.repoURL)
  const namespace = destination.namespace ?? 'default'
  const rendered = await renderAt(deps, access, version, application.name, namespace, signal)
  const input = {
    applicationName: application.name,
    namespace,
    manifests: rendered.objects.filter((object) => !isHook(object)),
    syncOptions: sync.syncOptions ?? [],
    ...(syncPolicy?.managedNamespaceMetadata === undefined ? {} : { managedNamespaceMetadata: syncPolicy.managedNamespaceMetadata }),
    // What another worker applied under a kind that this one never saw is found by its record.
    knownResources: application.status.resources,
    prune: sync.prune === true,
    allowEmpty: syncPolicy?.automated?.allowEmpty === true,
  }
  return { input, hooks: rendered.objects.filter(isHook) }
}

async function renderAt(
  deps: { readonly repositories: Repositories; readonly renderer: Renderer },
  access: RepositoryAccess,
  version: ApplicationVersion,
  applicationName: string,
  namespace: string,
  signal: AbortSignal,
): Promise<Rendered> {
  const { source } = version.spec
  if (source === undefined) throw new FleetError('UNSUPPORTED', 'no source')
  await deps.repositories.fetchCommit(access, version.revision, { signal })
  return deps.renderer.render({ access, commit: version.revision, source, applicationName, namespace }, { signal })
}
