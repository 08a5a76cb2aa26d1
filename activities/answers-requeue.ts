import { isJsonObject, type Json } from '../fleet/json.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs
/** How often each generator looks again, as in Argo CD. List and clusters generators are told of changes. */
const usualMs: Readonly<Record<string, number>> = {
  git: 3 * minuteMs,
  clusterDecisionResource: 3 * minuteMs,
  pullRequest: 30 * minuteMs,
  scmProvider: 30 * minuteMs,
  plugin: 30 * minuteMs,
}
const yearMs = 366 * 24 * 60 * minuteMs

/** After how many ms the generators of a set want to look again: the shortest of them, also inside matrix and merge; null for never. */
export function requeueAfterMs(generators: Json): number | null {
  let shortest: number | null = null
  const look = (entry: Json) => {
    if (!isJsonObject(entry)) return
    for (const [field, spec] of Object.entries(entry)) {
      if (!isJsonObject(spec)) continue
      if (Array.isArray(spec['generators'])) for (const child of spec['generators'] as readonly Json[]) look(child)
      const given = spec['requeueAfterSeconds']
      const usual = usualMs[field]
      if (usual === undefined) continue
      const afterMs = typeof given === 'number' ? given * secondMs : usual
      if (afterMs > 0) shortest = Math.min(shortest ?? yearMs, Math.max(afterMs, secondMs))
    }
  }
  if (Array.isArray(generators)) for (const entry of generators as readonly Json[]) look(entry)
  return shortest
}
