import type { Adapters } from '../adapter.ts'
import { applicationAdapters } from './applications.ts'
import { generatorAdapters } from './generators.ts'
import { healthAdapters } from './health.ts'
import { statusAdapters } from './status.ts'
import { templateAdapters } from './templates.ts'

/** By kind. A kind that isn't here counts as failed. */
export const adapters: Adapters = {
  ...applicationAdapters,
  ...generatorAdapters,
  ...healthAdapters,
  ...statusAdapters,
  ...templateAdapters,
}
