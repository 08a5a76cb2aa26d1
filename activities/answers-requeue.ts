import { isJsonObject, type Json } from '../fleet/json.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs
/** How often git and clusterDecisionResource generators look again unless they or the configuration say otherwise, as in Argo CD. */
export const defaultRequeueAfterMs = 3 * minuteMs
/** So do those that ask hosts and plugins. List and clusters generators are told of changes. */
const askingAfterMs = 30 * minuteMs
const yearMs = 366 * 24 * 60 * minuteMs

/**
 * After how many ms the generators of a set want to look again: the shortest of them, also inside matrix and merge; null for never.
 * `usualMs`: for git and clusterDecisionResource generators that don't say it.
 */
export function requeueAfterMs(generators: Json, usualMs = defaultRequeueAfterMs): number | null {
  const usual: Readonly<Record<string, number>> = {
    git: usualMs,
    clusterDecisionResource: usualMs,
    pullRequest: askingAfterMs,
    scmProvider: askingAfterMs,
    plugin: askingAfterMs,
  }
  let shortest: number | null = null
  const look = (entry: Json) => {
    if (!isJsonObject(entry)) return
    for (const [field, spec] of Object.entries(entry)) {
      if (!isJsonObject(spec)) continue
      if (Array.isArray(spec['generators'])) for (const child of spec['generators'] as readonly Json[]) look(child)
      const given = spec['requeueAfterSeconds']
      const unlessGivenMs = usual[field]
      if (unlessGivenMs === undefined) continue
      const afterMs = typeof given === 'number' ? given * secondMs : unlessGivenMs
      if (afterMs > 0) shortest = Math.min(shortest ?? yearMs, Math.max(afterMs, secondMs))
    }
  }
  if (Array.isArray(generators)) for (const entry of generators as readonly Json[]) look(entry)
  return shortest
}
