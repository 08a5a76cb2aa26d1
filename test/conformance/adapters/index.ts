import type { Adapters } from '../adapter.ts'
import { applicationAdapters } from './applications.ts'
import { changeAdapters } from './changes.ts'
import { combinationAdapters } from './combination.ts'
import { filterAdapters } from './filters.ts'
import { generatorAdapters } from './generators.ts'
import { healthAdapters } from './health.ts'
import { operationAdapters } from './operation.ts'
import { requeueAdapters } from './requeue.ts'
import { resourcesAdapters } from './resources.ts'
import { rollingSyncAdapters } from './rolling-sync.ts'
import { secretAdapters } from './secrets.ts'
import { statusAdapters } from './status.ts'
import { templateAdapters } from './templates.ts'
import { webhookAdapters } from './webhook.ts'

/** By kind. A kind that isn't here counts as failed. */
export const adapters: Adapters = {
  ...applicationAdapters,
  ...changeAdapters,
  ...combinationAdapters,
  ...filterAdapters,
  ...generatorAdapters,
  ...healthAdapters,
  ...operationAdapters,
  ...requeueAdapters,
  ...resourcesAdapters,
  ...rollingSyncAdapters,
  ...secretAdapters,
  ...statusAdapters,
  ...templateAdapters,
  ...webhookAdapters,
}
