import type { Condition } from '../../../fleet/application.ts'
import { isJsonObject, type Json } from '../../../fleet/json.ts'
import { parametersGenerated, rolloutTypes, setHealth } from '../../../fleet/set/conditions.ts'
import { type Finding, mergeConditions, withDerived } from '../../../fleet/set/merge-conditions.ts'
import { type Adapters, list } from '../adapter.ts'

export const statusAdapters: Adapters = {
  status_health: {
    run: ({ conditions }) => ({ value: { health: setHealth(conditionsOf(conditions)) } }),
    // Empty there is absent.
    clean: (member) =>
      isJsonObject(member) ? Object.fromEntries(Object.entries(member).filter(([, value]) => value !== '' && value !== null)) : member,
  },
  set_conditions: {
    run: ({ existing, incoming, evaluatedTypes }) => {
      const lookedAt = Object.entries(isJsonObject(evaluatedTypes) ? evaluatedTypes : {}).flatMap(([type, is]) =>
        is === true ? [type] : [],
      )
      const conditions = mergeConditions({ before: conditionsOf(existing), found: findingsOf(incoming), lookedAt, nowMs: 0 })
      return { value: { conditions: conditions.map(written) } }
    },
  },
  status_conditions: {
    run: (given) => {
      const hasSteps = isJsonObject(given.strategy) && given.strategy.type === 'RollingSync'
      // Without steps there is no rollout of which anything could be found.
      const found = findingsOf(given.newConditions).filter(({ type }) => hasSteps || !rolloutTypes.includes(type))
      const errors = found.filter(({ type }) => type === 'ErrorOccurred')
      const problems = errors.map(({ message }) => ({ path: '', message }))
      const complete = given.parametersGenerated === true
      const conditions = mergeConditions({
        before: conditionsOf(given.existingConditions),
        found: [parametersGenerated({ complete, problems: complete ? [] : problems }), ...withDerived(found)],
        lookedAt: hasSteps ? [] : rolloutTypes,
        nowMs: 0,
      })
      return { value: { conditions: conditions.map(written), health: setHealth(conditions) } }
    },
  },
}

function conditionsOf(conditions: Json | undefined): readonly Condition[] {
  return findingsOf(conditions).map(({ sinceMs = 0, ...one }) => ({ ...one, lastTransitionAtMs: sinceMs }))
}

function findingsOf(conditions: Json | undefined): readonly Finding[] {
  return list(conditions)
    .filter(isJsonObject)
    .map(({ lastTransitionTime, ...one }) => {
      const since = typeof lastTransitionTime === 'string' ? { sinceMs: minutesOf(lastTransitionTime) * 60_000 } : {}
      return { ...one, ...since } as unknown as Finding
    })
}

/** Times of cases are `NOW` or `NOW-5m`. */
function minutesOf(time: string): number {
  return -Number(/^NOW-(\d+)m$/.exec(time)?.[1] ?? 0)
}

function written({ lastTransitionAtMs, ...condition }: Condition): Json {
  const minutes = -lastTransitionAtMs / 60_000
  return { ...condition, lastTransitionTime: minutes === 0 ? 'NOW' : `NOW-${minutes}m` }
}
