import type { Json, JsonObject } from '../json.ts'
import { annotationOf, listAt, textAt } from '../json-at.ts'
import { type HealthAssessment, health } from './assessment.ts'

const waiting = health('Progressing', 'Waiting to Autoscale')
const unknown = health('Unknown', 'the conditions in its annotation are not a list')

/** Reasons that mean that it can't do its work, by type of condition. */
const failures = new Map<string, readonly string[]>([
  ['AbleToScale', ['FailedGetScale', 'FailedUpdateScale']],
  [
    'ScalingActive',
    [
      'FailedGetResourceMetric',
      'FailedGetObjectMetric',
      'FailedGetPodsMetric',
      'FailedGetExternalMetric',
      'FailedComputeMetricsReplicas',
      'InvalidSelector',
    ],
  ],
])

/** In version v1 the conditions are JSON in an annotation. Any failure counts more than any success. */
export function horizontalPodAutoscalerHealth(autoscaler: JsonObject): HealthAssessment {
  const isV1 = textAt(autoscaler, 'apiVersion') === 'autoscaling/v1'
  const conditions = isV1 ? annotatedConditions(autoscaler) : listAt(autoscaler, 'status', 'conditions')
  if (conditions === null) return unknown
  const failed = conditions.find((condition) => failures.get(textAt(condition, 'type'))?.includes(textAt(condition, 'reason')) === true)
  if (failed !== undefined) return health('Degraded', textAt(failed, 'message'))
  const works = conditions.find((condition) => isGood(condition))
  return works === undefined ? waiting : health('Healthy', textAt(works, 'message'))
}

function isGood(condition: Json): boolean {
  const type = textAt(condition, 'type')
  return (type === 'AbleToScale' || type === 'ScalingLimited') && textAt(condition, 'status') === 'True'
}

function annotatedConditions(autoscaler: JsonObject): readonly Json[] | null {
  const text = annotationOf(autoscaler, 'autoscaling.alpha.kubernetes.io/conditions')
  if (text === undefined) return []
  try {
    const conditions = JSON.parse(text) as Json
    if (conditions === null) return []
    return Array.isArray(conditions) ? (conditions as readonly Json[]) : null
  } catch {
    return null
  }
}
