import type { Condition } from '../../../fleet/application.ts'
import { isJsonObject, type Json } from '../../../fleet/json.ts'
import { setHealth } from '../../../fleet/set/conditions.ts'
import { type Adapters, list } from '../adapter.ts'

export const statusAdapters: Adapters = {
  status_health: { run: ({ conditions }) => ({ value: { health: setHealth(conditionsOf(conditions)) } }) },
}

function conditionsOf(conditions: Json | undefined): readonly Condition[] {
  return list(conditions)
    .filter(isJsonObject)
    .map((one) => ({ ...one, lastTransitionAtMs: 0 }) as unknown as Condition)
}
