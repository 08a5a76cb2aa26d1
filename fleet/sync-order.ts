import type { KubeObject } from './application.ts'
import type { JsonObject } from './json.ts'
import { annotationOf, annotationValues, groupOf, textAt } from './json-at.ts'

export type SyncPhase = 'PreSync' | 'Sync' | 'PostSync' | 'SyncFail'

const phases: readonly SyncPhase[] = ['PreSync', 'Sync', 'PostSync', 'SyncFail']

const hookAnnotation = 'argocd.argoproj.io/hook'
const helmHookAnnotation = 'helm.sh/hook'
const helmPhases = new Map<string, SyncPhase>([
  ['pre-install', 'PreSync'],
  ['pre-upgrade', 'PreSync'],
  ['post-install', 'PostSync'],
  ['post-upgrade', 'PostSync'],
])

/** Argo CD's order of kinds, which is Helm's. A kind that isn't listed (every custom one) comes after all of these. */
const kindOrder = new Map(
  (
    'Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget ServiceAccount Secret SecretList ConfigMap ' +
    'StorageClass PersistentVolume PersistentVolumeClaim CustomResourceDefinition ClusterRole ClusterRoleList ClusterRoleBinding ' +
    'ClusterRoleBindingList Role RoleList RoleBinding RoleBindingList Service DaemonSet Pod ReplicationController ReplicaSet ' +
    'Deployment HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress APIService'
  )
    .split(' ')
    .map((kind, index): [string, number] => [kind, index]),
)
const kindOrderLast = kindOrder.size

/** Whether Argo CD runs it as a hook, or skips it, and so doesn't apply it as part of the sync. */
export function isHook(object: JsonObject): boolean {
  return isSkipped(object) || isHookToRun(object)
}

/** Whether Argo CD runs it as a hook. Helm's annotation counts where Argo CD's isn't there. */
export function isHookToRun(object: JsonObject): boolean {
  if (annotationOf(object, hookAnnotation) !== undefined) return !isSkipped(object)
  const helm = annotationValues(object, helmHookAnnotation)
  return helm.length > 0 && !helm.includes('crd-install')
}

function isSkipped(object: JsonObject): boolean {
  const values = annotationValues(object, hookAnnotation)
  return values.length === 1 && values[0] === 'Skip'
}

/** The phase of an object: Sync unless a hook annotation names another. */
export function phaseOf(object: JsonObject): SyncPhase {
  for (const value of annotationValues(object, hookAnnotation)) {
    const phase = phases.find((candidate) => candidate === value)
    if (phase !== undefined) return phase
  }
  for (const value of annotationValues(object, helmHookAnnotation)) {
    const phase = helmPhases.get(value)
    if (phase !== undefined) return phase
  }
  return 'Sync'
}

/** The sync wave; Helm's hook weight where there is none; 0 for what isn't a whole number. */
export function waveOf(object: JsonObject): number {
  return wholeNumber(annotationOf(object, 'argocd.argoproj.io/sync-wave')) ?? wholeNumber(annotationOf(object, 'helm.sh/hook-weight')) ?? 0
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^[+-]?\d{1,9}$/.test(text) ? Number(text) : null
}

/** Objects that may be applied at the same time: one phase, wave and kind. */
export interface SyncGroup<T> {
  readonly phase: SyncPhase
  readonly wave: number
  readonly kind: string
  readonly members: readonly T[]
}

interface Task<T> {
  readonly item: T
  readonly object: KubeObject
  phase: SyncPhase
  wave: number
}

/**
 * The order in which Argo CD applies: phase, wave, kind, name. A namespace comes before what lives in it, and a CRD before its
 * objects, whatever their waves say: they move to the wave of the first that needs them.
 */
export function syncGroups<T>(items: readonly T[], objectOf: (item: T) => KubeObject): readonly SyncGroup<T>[] {
  const tasks = items.map((item): Task<T> => {
    const object = objectOf(item)
    return { item, object, phase: phaseOf(object), wave: waveOf(object) }
  })
  tasks.sort(compare)
  moveBefore(tasks, namespaceProvided, namespaceNeeded)
  moveBefore(tasks, kindProvided, kindNeeded)
  const groups: (Omit<SyncGroup<T>, 'members'> & { members: T[] })[] = []
  for (const { item, object, phase, wave } of tasks) {
    const last = groups.at(-1)
    if (last !== undefined && last.phase === phase && last.wave === wave && last.kind === object.kind) last.members.push(item)
    else groups.push({ phase, wave, kind: object.kind, members: [item] })
  }
  return groups
}

function compare(a: Task<unknown>, b: Task<unknown>): number {
  return (
    phases.indexOf(a.phase) - phases.indexOf(b.phase) ||
    a.wave - b.wave ||
    rankOf(a.object.kind) - rankOf(b.object.kind) ||
    byText(a.object.kind, b.object.kind) ||
    byText(a.object.metadata.name, b.object.metadata.name) ||
    byText(a.object.metadata.namespace ?? '', b.object.metadata.namespace ?? '')
  )
}

function rankOf(kind: string): number {
  return kindOrder.get(kind) ?? kindOrderLast
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Moves each provider in front of the first task that needs it. */
function moveBefore<T>(
  tasks: Task<T>[],
  provides: (object: KubeObject) => string | null,
  needs: (object: KubeObject) => string | null,
): void {
  const provided = new Set(tasks.map((task) => provides(task.object)).filter((key) => key !== null))
  if (provided.size === 0) return
  for (const key of provided) {
    const from = tasks.findIndex((task) => provides(task.object) === key)
    const to = tasks.findIndex((task) => provides(task.object) === null && needs(task.object) === key)
    const provider = tasks[from]
    const first = tasks[to]
    if (provider === undefined || first === undefined || to > from) continue
    provider.phase = first.phase
    provider.wave = first.wave
    tasks.splice(from, 1)
    tasks.splice(to, 0, provider)
  }
}

function namespaceProvided(object: KubeObject): string | null {
  return object.kind === 'Namespace' && object.apiVersion === 'v1' ? object.metadata.name : null
}

function namespaceNeeded(object: KubeObject): string | null {
  return object.metadata.namespace ?? null
}

function kindProvided(object: KubeObject): string | null {
  if (object.kind !== 'CustomResourceDefinition' || groupOf(object.apiVersion) !== 'apiextensions.k8s.io') return null
  return `${textAt(object, 'spec', 'group')}/${textAt(object, 'spec', 'names', 'kind')}`
}

function kindNeeded(object: KubeObject): string | null {
  return `${groupOf(object.apiVersion)}/${object.kind}`
}
