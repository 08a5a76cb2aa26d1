import type { HealthStatus, SyncStatus } from '../application.ts'

/** An application of a set, with what `status.resources` says of it. */
export interface ListedApplication {
  readonly apiVersion?: string
  readonly kind?: string
  readonly name: string
  readonly namespace?: string
  readonly sync: SyncStatus
  readonly health: HealthStatus
}

/** An entry of `status.resources` of an ApplicationSet, as Argo CD writes it. */
export interface SetResource {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name: string
  readonly namespace?: string
  readonly status: SyncStatus
  readonly health: { readonly status: HealthStatus }
}

/**
 * `status.resources` and `status.resourcesCount` of a set, as Argo CD 3.6 has them: by name, at most `max` (0: all), the count always of all. Whatever
 * was listed before counts for nothing. Without applications there is no list.
 */
export function setResources(
  applications: readonly ListedApplication[],
  max: number,
): { readonly resources?: readonly SetResource[]; readonly resourcesCount: number } {
  const resourcesCount = applications.length
  if (resourcesCount === 0) return { resourcesCount }
  const all = applications.map(resourceOf).toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
  return { resources: max > 0 ? all.slice(0, max) : all, resourcesCount }
}

function resourceOf({ apiVersion, kind, name, namespace, sync, health }: ListedApplication): SetResource {
  const [group, version] = apiVersion?.split('/') ?? []
  return {
    ...(group === undefined ? {} : { group }),
    ...(version === undefined ? {} : { version }),
    ...(kind === undefined ? {} : { kind }),
    name,
    ...(namespace === undefined ? {} : { namespace }),
    status: sync,
    health: { status: health },
  }
}
