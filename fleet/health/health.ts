import type { HealthStatus, ResourceKey } from '../application.ts'
import type { JsonObject } from '../json.ts'
import { annotationOf, groupOf, listAt, textAt } from '../json-at.ts'
import { type HealthAssessment, health } from './assessment.ts'
import { horizontalPodAutoscalerHealth } from './autoscaler.ts'
import { jobHealth, workflowHealth } from './job.ts'
import { apiServiceHealth, ingressHealth, persistentVolumeClaimHealth, serviceHealth } from './network-and-storage.ts'
import { podHealth } from './pod.ts'
import { daemonSetHealth, deploymentHealth, replicaSetHealth, statefulSetHealth } from './workload.ts'

interface Rule {
  /** Versions that the rule can read; of others the health is Unknown. Null: all. */
  readonly versions: readonly string[] | null
  readonly assess: (object: JsonObject) => HealthAssessment
}

/** The kinds whose health Argo CD knows without a script, by group and kind. */
const rules = new Map<string, Rule>([
  ['apps/Deployment', { versions: ['apps/v1'], assess: deploymentHealth }],
  ['apps/StatefulSet', { versions: ['apps/v1'], assess: statefulSetHealth }],
  ['apps/ReplicaSet', { versions: ['apps/v1'], assess: replicaSetHealth }],
  ['apps/DaemonSet', { versions: ['apps/v1'], assess: daemonSetHealth }],
  ['/Pod', { versions: ['v1'], assess: podHealth }],
  ['/Service', { versions: ['v1'], assess: serviceHealth }],
  ['/PersistentVolumeClaim', { versions: ['v1'], assess: persistentVolumeClaimHealth }],
  ['batch/Job', { versions: ['batch/v1'], assess: jobHealth }],
  ['autoscaling/HorizontalPodAutoscaler', { versions: ['autoscaling/v1', 'autoscaling/v2'], assess: horizontalPodAutoscalerHealth }],
  [
    'apiregistration.k8s.io/APIService',
    { versions: ['apiregistration.k8s.io/v1', 'apiregistration.k8s.io/v1beta1'], assess: apiServiceHealth },
  ],
  ['networking.k8s.io/Ingress', { versions: null, assess: ingressHealth }],
  ['extensions/Ingress', { versions: null, assess: ingressHealth }],
  ['argoproj.io/Workflow', { versions: null, assess: workflowHealth }],
])

const hookFinalizer = 'argocd.argoproj.io/hook-finalizer'

/** Health of a live object as Argo CD assesses it (gitops-engine, pkg/health); null for kinds that have none. */
export function assessHealth(object: JsonObject): HealthAssessment | null {
  const isHookHeldBack = listAt(object, 'metadata', 'finalizers').includes(hookFinalizer)
  if (textAt(object, 'metadata', 'deletionTimestamp') !== '' && !isHookHeldBack) return health('Progressing', 'Pending deletion')
  const apiVersion = textAt(object, 'apiVersion')
  const kind = textAt(object, 'kind')
  const rule = rules.get(`${groupOf(apiVersion)}/${kind}`)
  if (rule === undefined) return null
  if (rule.versions !== null && !rule.versions.includes(apiVersion))
    return health('Unknown', `no health is known for ${kind} in ${apiVersion}`)
  return rule.assess(object)
}

/** Best to worst, as Argo CD orders them. */
const order: readonly HealthStatus[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown']

export function isWorse(current: HealthStatus, next: HealthStatus): boolean {
  return order.indexOf(next) > order.indexOf(current)
}

/** One resource of an application. `live` is null when it isn't on the cluster, `health` null when its kind has none. */
export interface ResourceHealth {
  readonly key: Pick<ResourceKey, 'group' | 'kind' | 'namespace' | 'name'>
  readonly health: HealthStatus | null
  readonly live: JsonObject | null
}

const causesMax = 3

/**
 * Health of an application: the worst of its resources (Argo CD, controller/health.go). A missing resource counts only when all are
 * missing (that it is missing makes the application OutOfSync); those annotated ignore-healthcheck don't count.
 */
export function aggregateHealth(resources: readonly ResourceHealth[]): HealthAssessment {
  let worst: HealthStatus = 'Healthy'
  let causes: ResourceHealth[] = []
  for (const resource of resources) {
    if (!counts(resource) || resource.health === null) continue
    if (isWorse(worst, resource.health)) {
      worst = resource.health
      causes = [resource]
    } else if (resource.health === worst && worst !== 'Healthy') causes.push(resource)
  }
  if (resources.length > 0 && resources.every(({ live }) => live === null) && isWorse(worst, 'Missing')) return health('Missing')
  return health(worst, causeText(causes))
}

function counts({ key, health: status, live }: ResourceHealth): boolean {
  if (live === null) return false
  if (annotationOf(live, 'argocd.argoproj.io/ignore-healthcheck') === 'true') return false
  // an application of applications isn't broken by one that nothing is known of yet
  return !(key.group === 'argoproj.io' && key.kind === 'Application' && (status === 'Missing' || status === 'Unknown'))
}

function causeText(causes: readonly ResourceHealth[]): string {
  if (causes.length === 0) return ''
  const names = causes.slice(0, causesMax).map(({ key: { group, kind, namespace, name } }) => {
    return `${group === '' ? '' : `${group}/`}${kind}:${namespace === '' ? '' : `${namespace}/`}${name}`
  })
  const more = causes.length > causesMax ? ` and ${causes.length - causesMax} more` : ''
  return `Caused by ${names.join(', ')}${more}`
}
