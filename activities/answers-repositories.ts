import { isJsonObject, type Json } from '../fleet/json.ts'

/** The repositories that the git generators of a set read, also inside matrix and merge, as written: a template is none that is known. */
export function generatorRepositories(generators: Json): readonly string[] {
  if (!Array.isArray(generators)) return []
  return (generators as readonly Json[]).flatMap((entry) => {
    if (!isJsonObject(entry)) return []
    return Object.entries(entry).flatMap(([field, spec]) => {
      if (!isJsonObject(spec)) return []
      const own = field === 'git' && typeof spec['repoURL'] === 'string' ? [spec['repoURL']] : []
      return [...own, ...generatorRepositories(spec['generators'] ?? [])]
    })
  })
}
