import type { Json, JsonObject } from '../json.ts'
import { annotationOf, jsonAt, listAt, numberAt, textAt } from '../json-at.ts'
import { isHookToRun } from '../sync-order.ts'
import { type HealthAssessment, health } from './assessment.ts'

/**
 * A pod that is meant to run for ever (restartPolicy Always) is Degraded when it can't start. One with an end is Progressing
 * until it has ended, whatever happens to its containers meanwhile, unless annotated ignore-restart-policy (not on hooks).
 */
export function podHealth(pod: JsonObject): HealthAssessment {
  const restartPolicy = textAt(pod, 'spec', 'restartPolicy')
  const ignoresPolicy = annotationOf(pod, 'argocd.argoproj.io/ignore-restart-policy') === 'true' && !isHookToRun(pod)
  const runsForEver = restartPolicy === 'Always' || ignoresPolicy
  const containers = listAt(pod, 'status', 'containerStatuses')
  const stuck = containers.filter((container) => cannotStart(textAt(container, 'state', 'waiting', 'reason')))
  if (runsForEver && stuck.length > 0)
    return health('Degraded', stuck.map((container) => textAt(container, 'state', 'waiting', 'message')).join(', '))

  const message = textAt(pod, 'status', 'message')
  const phase = textAt(pod, 'status', 'phase')
  if (phase === 'Pending') return health('Progressing', message)
  if (phase === 'Succeeded') return health('Healthy', message)
  if (phase === 'Failed') return health('Degraded', message === '' ? failureOf(pod) : message)
  if (phase !== 'Running') return health('Unknown', message)
  if (!runsForEver) return health(restartPolicy === 'OnFailure' || restartPolicy === 'Never' ? 'Progressing' : 'Unknown', message)
  if (isReady(pod)) return health('Healthy', message)
  const hasCrashed = containers.some((container) => isSet(jsonAt(container, 'lastState', 'terminated')))
  return health(hasCrashed ? 'Degraded' : 'Progressing', message)
}

function cannotStart(reason: string): boolean {
  return reason.startsWith('Err') || reason.endsWith('Error') || reason.endsWith('BackOff')
}

function isReady(pod: JsonObject): boolean {
  const ready = listAt(pod, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Ready')
  return textAt(ready, 'status') === 'True'
}

function isSet(value: Json | undefined): boolean {
  return value !== undefined && value !== null
}

/** The first container, init containers first, that says why it ended badly. */
function failureOf(pod: JsonObject): string {
  for (const container of [...listAt(pod, 'status', 'initContainerStatuses'), ...listAt(pod, 'status', 'containerStatuses')]) {
    const terminated = jsonAt(container, 'state', 'terminated')
    if (!isSet(terminated)) continue
    const message = textAt(terminated, 'message')
    if (message !== '') return message
    if (textAt(terminated, 'reason') === 'OOMKilled') return 'OOMKilled'
    const exitCode = numberAt(terminated, 'exitCode')
    if (exitCode !== 0) return `container "${textAt(container, 'name')}" failed with exit code ${exitCode}`
  }
  return ''
}
