import type { Application, ApplicationManifest, Condition, ObjectMeta } from '../application.ts'
import type { ApplicationSetSpec } from '../application-set.ts'
import type { Json } from '../json.ts'
import { sameJson } from './same-json.ts'
import { tidied } from './tidy-spec.ts'
import { invalidSpec, type ValidApplication } from './validate.ts'

export type ApplicationsSync = NonNullable<NonNullable<ApplicationSetSpec['syncPolicy']>['applicationsSync']>

/** What of an application the plan looks at. */
export type CurrentApplication = Pick<Application, 'id' | 'name' | 'clusterId' | 'manifest' | 'deletion'> & {
  readonly status: { readonly conditions: readonly Condition[] }
}

export interface ChangeInput<T extends CurrentApplication> {
  /** All applications of the set, those that are being deleted too. */
  readonly current: readonly T[]
  /** Those that passed validation. */
  readonly generated: readonly ValidApplication[]
  /** Every name that the generators gave, valid or not: what is wanted but can't be followed right now is not removed. */
  readonly wantedNames: readonly string[]
  /** Elements were left out, whose names nobody knows: nothing is removed. */
  readonly incomplete: boolean
  readonly policy: ApplicationsSync
  readonly preservedFields?: ApplicationSetSpec['preservedFields'] | undefined
}

export interface Changes<T extends CurrentApplication> {
  readonly create: readonly ValidApplication[]
  readonly update: readonly ValidApplication[]
  /** create and update: what is to be written. */
  readonly apply: readonly ValidApplication[]
  readonly unchanged: readonly T[]
  /** No longer wanted, and the policy lets them go. The deletion breaker comes after this. */
  readonly remove: readonly T[]
  /** No longer wanted as far as was seen, and kept because elements were left out. */
  readonly withheld: readonly T[]
}

/** Annotations that Argo CD and its controllers write on applications: never taken away by a set. */
const preservedAnnotations = ['notified.notifications.argoproj.io', 'argocd.argoproj.io/refresh', 'argocd.argoproj.io/hydrate']
/** Finalizers that stay, by prefix: they may have a stage after a slash. */
const preservedFinalizers = ['pre-delete-finalizer.argocd.argoproj.io', 'post-delete-finalizer.argocd.argoproj.io']

/**
 * What has to happen so that a set's applications are those that it generates, within `applicationsSync` (create-only, create-update,
 * create-delete, sync) and keeping preserved fields, as Argo CD does. Parts of
 * a spec that say nothing are not written and are no change. Applications that are being deleted are left alone.
 */
export function planChanges<T extends CurrentApplication>(input: ChangeInput<T>): Changes<T> {
  const { policy } = input
  const byName = new Map(input.current.map((application) => [application.name, application]))
  const create: ValidApplication[] = []
  const update: ValidApplication[] = []
  const unchanged: T[] = []
  for (const generated of input.generated) {
    const current = byName.get(generated.manifest.metadata.name)
    if (current === undefined) create.push({ ...generated, manifest: tidied(generated.manifest) })
    else {
      const wanted = current.deletion === null ? wantedOf(current, generated, policy, input.preservedFields) : null
      if (wanted === null || isSame(current, wanted)) unchanged.push(current)
      else update.push(wanted)
    }
  }
  const wantedNames = new Set([...input.wantedNames, ...input.generated.map(({ manifest }) => manifest.metadata.name)])
  const gone =
    policy === 'create-only' || policy === 'create-update' ? [] : input.current.filter((application) => !wantedNames.has(application.name))
  return {
    create,
    update,
    apply: [...create, ...update],
    unchanged,
    remove: input.incomplete ? [] : gone,
    withheld: input.incomplete ? gone : [],
  }
}

/** What an application is to become; null: it stays. */
function wantedOf(
  current: CurrentApplication,
  generated: ValidApplication,
  policy: ApplicationsSync,
  preserved: ApplicationSetSpec['preservedFields'],
): ValidApplication | null {
  const sameDestination = same(current.manifest.spec.destination, generated.manifest.spec.destination)
  // Moving it to a cluster that isn't there would lose sight of what it has on the one where it is.
  if (generated.clusterId === null && !sameDestination) return null
  const mayUpdate = policy === 'sync' || policy === 'create-update'
  if (!mayUpdate && !sameDestination) return null
  const manifest = mayUpdate ? withPreserved(tidied(generated.manifest), current.manifest.metadata, preserved) : current.manifest
  const others = current.status.conditions.filter((condition) => condition.type !== invalidSpec)
  return {
    manifest,
    clusterId: generated.clusterId,
    conditions: [...others, ...generated.conditions],
  }
}

function isSame(current: CurrentApplication, wanted: ValidApplication): boolean {
  return (
    current.clusterId === wanted.clusterId &&
    same(tidied(current.manifest), tidied(wanted.manifest)) &&
    content(current.status.conditions) === content(wanted.conditions)
  )
}

/** Parts of manifests are JSON. */
function same(a: object, b: object): boolean {
  return sameJson(a as Json, b as Json)
}

/** Conditions without their times, which alone are no change. */
function content(conditions: readonly Condition[]): string {
  return JSON.stringify(conditions.map(({ type, status, reason, message }) => JSON.stringify([type, status, reason, message])).toSorted())
}

function withPreserved(
  manifest: ApplicationManifest,
  current: ObjectMeta,
  preserved: ApplicationSetSpec['preservedFields'],
): ApplicationManifest {
  const { metadata } = manifest
  const annotations = kept(metadata.annotations, current.annotations, [...preservedAnnotations, ...(preserved?.annotations ?? [])])
  const labels = kept(metadata.labels, current.labels, preserved?.labels ?? [])
  const finalizers = (current.finalizers ?? []).filter((finalizer) => preservedFinalizers.some((prefix) => finalizer.startsWith(prefix)))
  const missing = finalizers.filter((finalizer) => !(metadata.finalizers ?? []).includes(finalizer))
  if (annotations === null && labels === null && missing.length === 0) return manifest
  return {
    ...manifest,
    metadata: {
      ...metadata,
      ...(annotations === null ? {} : { annotations }),
      ...(labels === null ? {} : { labels }),
      ...(missing.length === 0 ? {} : { finalizers: [...(metadata.finalizers ?? []), ...missing] }),
    },
  }
}

type Texts = Readonly<Record<string, string>>

/** The generated map with what the current one holds of those keys; null when that is nothing. */
function kept(generated: Texts = {}, current: Texts = {}, keys: readonly string[]): Texts | null {
  const entries = keys.flatMap((key): [string, string][] => {
    const value = Object.hasOwn(current, key) ? current[key] : undefined
    return value === undefined ? [] : [[key, value]]
  })
  return entries.length === 0 ? null : { ...generated, ...Object.fromEntries(entries) }
}
