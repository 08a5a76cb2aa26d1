import type { Json, JsonObject } from '../json.ts'
import { jsonAt, listAt, numberAt, textAt } from '../json-at.ts'
import { type HealthAssessment, health } from './assessment.ts'

/** Whether the controller has seen the newest spec. Before that, what it says is about an older one. */
function isObserved(object: JsonObject): boolean {
  return numberAt(object, 'metadata', 'generation') <= numberAt(object, 'status', 'observedGeneration')
}

/** Undefined where the field is absent: then no number is wanted. */
function replicasOf(object: JsonObject): number | undefined {
  const replicas = jsonAt(object, 'spec', 'replicas')
  return typeof replicas === 'number' ? replicas : undefined
}

function conditionOf(object: JsonObject, type: string): Json | undefined {
  return listAt(object, 'status', 'conditions').find((condition) => textAt(condition, 'type') === type)
}

export function deploymentHealth(object: JsonObject): HealthAssessment {
  if (jsonAt(object, 'spec', 'paused') === true) return health('Suspended', 'Deployment is paused')
  if (!isObserved(object))
    return health('Progressing', 'Waiting for rollout to finish: observed deployment generation less than desired generation')
  const wanted = replicasOf(object)
  const total = numberAt(object, 'status', 'replicas')
  const updated = numberAt(object, 'status', 'updatedReplicas')
  const available = numberAt(object, 'status', 'availableReplicas')
  if (textAt(conditionOf(object, 'Progressing'), 'reason') === 'ProgressDeadlineExceeded')
    return health('Degraded', `Deployment "${textAt(object, 'metadata', 'name')}" exceeded its progress deadline`)
  if (wanted !== undefined && updated < wanted)
    return health('Progressing', `Waiting for rollout to finish: ${updated} out of ${wanted} new replicas have been updated...`)
  if (total > updated)
    return health('Progressing', `Waiting for rollout to finish: ${total - updated} old replicas are pending termination...`)
  if (available < updated)
    return health('Progressing', `Waiting for rollout to finish: ${available} of ${updated} updated replicas are available...`)
  return health('Healthy')
}

export function statefulSetHealth(object: JsonObject): HealthAssessment {
  if (numberAt(object, 'status', 'observedGeneration') === 0 || !isObserved(object))
    return health('Progressing', 'Waiting for statefulset spec update to be observed...')
  const wanted = replicasOf(object)
  const ready = numberAt(object, 'status', 'readyReplicas')
  const updated = numberAt(object, 'status', 'updatedReplicas')
  if (wanted !== undefined && ready < wanted) return health('Progressing', `Waiting for ${wanted - ready} pods to be ready...`)
  const strategy = textAt(object, 'spec', 'updateStrategy', 'type')
  const rollingUpdate = jsonAt(object, 'spec', 'updateStrategy', 'rollingUpdate')
  if (strategy === 'RollingUpdate' && rollingUpdate !== undefined && rollingUpdate !== null) {
    const partition = jsonAt(rollingUpdate, 'partition')
    const unpartitioned = wanted === undefined || typeof partition !== 'number' ? 0 : wanted - partition
    if (updated < unpartitioned)
      return health(
        'Progressing',
        `Waiting for partitioned roll out to finish: ${updated} out of ${unpartitioned} new pods have been updated...`,
      )
    return health('Healthy', `partitioned roll out complete: ${updated} new pods have been updated...`)
  }
  if (strategy === 'OnDelete') return health('Healthy', `statefulset has ${ready} ready pods`)
  const [current, update] = [textAt(object, 'status', 'currentRevision'), textAt(object, 'status', 'updateRevision')]
  if (update !== current)
    return health('Progressing', `waiting for statefulset rolling update to complete ${updated} pods at revision ${update}...`)
  return health(
    'Healthy',
    `statefulset rolling update complete ${numberAt(object, 'status', 'currentReplicas')} pods at revision ${current}...`,
  )
}

export function daemonSetHealth(object: JsonObject): HealthAssessment {
  if (!isObserved(object))
    return health('Progressing', 'Waiting for rollout to finish: observed daemon set generation less than desired generation')
  const name = textAt(object, 'metadata', 'name')
  const wanted = numberAt(object, 'status', 'desiredNumberScheduled')
  const updated = numberAt(object, 'status', 'updatedNumberScheduled')
  const available = numberAt(object, 'status', 'numberAvailable')
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete')
    return health('Healthy', `daemon set ${updated} out of ${wanted} new pods have been updated`)
  if (updated < wanted)
    return health(
      'Progressing',
      `Waiting for daemon set "${name}" rollout to finish: ${updated} out of ${wanted} new pods have been updated...`,
    )
  if (available < wanted)
    return health(
      'Progressing',
      `Waiting for daemon set "${name}" rollout to finish: ${available} of ${wanted} updated pods are available...`,
    )
  return health('Healthy')
}

export function replicaSetHealth(object: JsonObject): HealthAssessment {
  if (!isObserved(object))
    return health('Progressing', 'Waiting for rollout to finish: observed replica set generation less than desired generation')
  const failure = conditionOf(object, 'ReplicaFailure')
  if (textAt(failure, 'status') === 'True') return health('Degraded', textAt(failure, 'message'))
  const wanted = replicasOf(object)
  const available = numberAt(object, 'status', 'availableReplicas')
  if (wanted !== undefined && available < wanted)
    return health('Progressing', `Waiting for rollout to finish: ${available} out of ${wanted} new replicas are available...`)
  return health('Healthy')
}
