import { proxyActivities } from '@temporalio/workflow'
import type { SweepActivities } from '../activities/entity-activities.ts'
import { heartbeatTimeout } from './options.ts'

const activities = proxyActivities<SweepActivities>({ heartbeatTimeout, startToCloseTimeout: '2 minutes', retry: { maximumAttempts: 3 } })

/** Run by a Temporal Schedule: finds what a lost hint left lying. */
export async function sweep(): Promise<{ readonly woken: number }> {
  return activities.sweep()
}
