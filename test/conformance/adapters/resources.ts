import { isJsonObject, type Json, type JsonObject } from '../../../fleet/json.ts'
import { objectAt, textAt } from '../../../fleet/json-at.ts'
import { type ListedApplication, setResources } from '../../../fleet/set/resources.ts'
import { type Adapters, list } from '../adapter.ts'

export const resourcesAdapters: Adapters = {
  status_resources: {
    run: ({ applications, maxResourcesStatusCount }) => {
      const listed = list(applications).filter(isJsonObject).map(listedOf)
      return { value: setResources(listed, Number(maxResourcesStatusCount ?? 0)) as unknown as JsonObject }
    },
  },
}

function listedOf(application: JsonObject): ListedApplication {
  const given = (name: string, value: Json) => (value === '' ? {} : { [name]: value })
  return {
    ...given('apiVersion', textAt(application, 'apiVersion')),
    ...given('kind', textAt(application, 'kind')),
    ...given('namespace', textAt(application, 'metadata', 'namespace')),
    name: textAt(application, 'metadata', 'name'),
    sync: textAt(objectAt(application, 'status', 'sync'), 'status'),
    health: textAt(objectAt(application, 'status', 'health'), 'status'),
  } as unknown as ListedApplication
}
