import type { Client } from '@temporalio/client'
import type { ActivityLog } from '../activities/dependencies.ts'
import type { Hints } from '../commands/context.ts'
import { hubTaskQueue } from '../fleet/cluster.ts'
import type { Store } from '../store/store.ts'

/** Wakes the workflow of a thing, starting it where there is none. Failures are logged: the sweep makes good for them. */
export function createHints(client: Client, store: Store, log: ActivityLog): Hints {
  const wake = (workflowType: string, workflowId: string, input: object) => {
    client.workflow
      .signalWithStart(workflowType, { workflowId, taskQueue: hubTaskQueue, args: [input], signal: 'wake', signalArgs: [] })
      .catch((error: unknown) => log.warn({ workflowId, reason: String(error) }, 'hint lost'))
  }
  return {
    clusterChanged: (clusterId) => wake('cluster', `cluster/${clusterId}`, { clusterId }),
    applicationSetsChanged: (ids) => {
      for (const applicationSetId of ids) wake('applicationSet', `application-set/${applicationSetId}`, { applicationSetId })
    },
    applicationChanged: (applicationId) => {
      store.applications
        .get(applicationId)
        .then((application) => {
          if (application !== null) wake('application', `application/${application.name}`, { applicationId })
        })
        .catch((error: unknown) => log.warn({ applicationId, reason: String(error) }, 'hint lost'))
    },
    repositoryChanged: (repositoryId) => wake('repository', `repository/${repositoryId}`, { repositoryId }),
    rolloutCommanded: (rolloutId) => wake('rollout', `rollout/${rolloutId}`, { rolloutId }),
  }
}
