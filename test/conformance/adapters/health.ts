import { assessHealth } from '../../../fleet/health/health.ts'
import { isJsonObject } from '../../../fleet/json.ts'
import type { Adapters } from '../adapter.ts'

export const healthAdapters: Adapters = {
  resource_health: {
    run: ({ resource }) => {
      const health = assessHealth(isJsonObject(resource) ? resource : {})
      // A kind without a rule has no health of its own, which Argo CD shows as Unknown nowhere and counts as Healthy nowhere.
      return { value: { status: health?.status ?? null, message: health?.message ?? '' } }
    },
    // The wording is the reference's own.
    clean: (member, name) => (name === 'message' ? null : member),
  },
}
