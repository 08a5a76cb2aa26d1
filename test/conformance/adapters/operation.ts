import type { ApplicationSpec } from '../../../fleet/application.ts'
import { isJsonObject, type JsonObject } from '../../../fleet/json.ts'
import { objectAt } from '../../../fleet/json-at.ts'
import { syncOperation } from '../../../fleet/sync-operation.ts'
import { type Adapters, list } from '../adapter.ts'

export const operationAdapters: Adapters = {
  rolling_sync_operation: {
    run: ({ application, prune, revisions }) => {
      const spec = objectAt(application, 'spec') as unknown as ApplicationSpec
      const given = { revisions: list(revisions).map(String), prune: prune === true }
      const operation = syncOperation(spec, given) as unknown as JsonObject
      return { value: { application: { ...(isJsonObject(application) ? application : {}), operation } } }
    },
    // Who says that he started it, and why, are texts for people.
    clean: (member) => {
      const { initiatedBy: _, info: __, ...operation } = objectAt(member, 'operation')
      return { ...(isJsonObject(member) ? member : {}), operation }
    },
  },
}
