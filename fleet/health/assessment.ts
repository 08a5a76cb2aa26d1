import type { HealthStatus } from '../application.ts'

/** Health of one object. `message` is the controller's own words where there are any. */
export interface HealthAssessment {
  readonly status: HealthStatus
  readonly message: string
}

export function health(status: HealthStatus, message = ''): HealthAssessment {
  return { status, message }
}
