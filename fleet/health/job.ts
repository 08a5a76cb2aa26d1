import type { JsonObject } from '../json.ts'
import { listAt, textAt } from '../json-at.ts'
import { type HealthAssessment, health } from './assessment.ts'

/** As Argo CD, the mere presence of a Failed, Complete or Suspended condition counts; only Suspended looks at its status. */
export function jobHealth(job: JsonObject): HealthAssessment {
  let [ended, failed, suspended] = [false, false, false]
  let [message, failure] = ['', '']
  for (const condition of listAt(job, 'status', 'conditions')) {
    const type = textAt(condition, 'type')
    const text = textAt(condition, 'message')
    if (type === 'Failed') {
      ;[ended, failed, failure] = [true, true, text]
    } else if (type === 'Complete' || type === 'Suspended') {
      ;[ended, message] = [true, text]
      suspended ||= type === 'Suspended' && textAt(condition, 'status') === 'True'
    }
  }
  if (!ended) return health('Progressing', message)
  if (failed) return health('Degraded', failure)
  return health(suspended ? 'Suspended' : 'Healthy', message)
}

/** Argo Workflows' Workflow, by its phase. */
export function workflowHealth(workflow: JsonObject): HealthAssessment {
  const message = textAt(workflow, 'status', 'message')
  const phase = textAt(workflow, 'status', 'phase')
  if (phase === '' || phase === 'Pending' || phase === 'Running') return health('Progressing', message)
  if (phase === 'Succeeded') return health('Healthy', message)
  return health(phase === 'Failed' || phase === 'Error' ? 'Degraded' : 'Unknown', message)
}
