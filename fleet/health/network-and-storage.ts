import type { JsonObject } from '../json.ts'
import { listAt, textAt } from '../json-at.ts'
import { type HealthAssessment, health } from './assessment.ts'

function hasAddress(object: JsonObject): boolean {
  return listAt(object, 'status', 'loadBalancer', 'ingress').length > 0
}

/** Only a load balancer has to be waited for. */
export function serviceHealth(service: JsonObject): HealthAssessment {
  const waits = textAt(service, 'spec', 'type') === 'LoadBalancer' && !hasAddress(service)
  return health(waits ? 'Progressing' : 'Healthy')
}

export function ingressHealth(ingress: JsonObject): HealthAssessment {
  return health(hasAddress(ingress) ? 'Healthy' : 'Progressing')
}

export function persistentVolumeClaimHealth(claim: JsonObject): HealthAssessment {
  const phase = textAt(claim, 'status', 'phase')
  if (phase === 'Bound') return health('Healthy')
  if (phase === 'Pending') return health('Progressing')
  return health(phase === 'Lost' ? 'Degraded' : 'Unknown')
}

export function apiServiceHealth(service: JsonObject): HealthAssessment {
  const available = listAt(service, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Available')
  if (available === undefined) return health('Progressing', 'Waiting to be processed')
  const message = `${textAt(available, 'reason')}: ${textAt(available, 'message')}`
  return health(textAt(available, 'status') === 'True' ? 'Healthy' : 'Progressing', message)
}
