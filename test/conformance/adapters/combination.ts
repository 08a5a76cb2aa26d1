import { isJsonObject, type Json, type JsonObject } from '../../../fleet/json.ts'
import { combineFlat } from '../../../generators/combine.ts'
import { compileEntry } from '../../../generators/interpolate.ts'
import { duplicateProblem, indexByMergeKeys } from '../../../generators/merge.ts'
import { generatorEnvironment } from '../../../server/generator-environment.ts'
import { type Adapters, list, problemText } from '../adapter.ts'
import { modeOf } from './mode.ts'

const environment = generatorEnvironment()

/** Parts of matrix and merge. */
export const combinationAdapters: Adapters = {
  generator_interpolation: {
    run: (given) => {
      const entry = compileEntry(given.generator, modeOf(given), environment.engine, 0, 'generator')
      const rendered = entry.render({ parameters: objectOf(given.params), types: [] })
      return rendered.problems.length > 0 ? { error: problemText(rendered.problems) } : { value: { generator: rendered.entry } }
    },
  },
  matrix_combine: {
    run: ({ left, right }) => {
      const combined = combineFlat(objectOf(left), objectOf(right))
      return 'conflict' in combined ? { error: combined.conflict } : { value: { params: combined.parameters } }
    },
  },
  merge_keys: {
    run: ({ mergeKeys, paramSets }) => {
      const keys = list(mergeKeys).map(String)
      if (keys.length === 0) return { error: 'merge needs at least one key' }
      const { sets, duplicates } = indexByMergeKeys(list(paramSets).filter(isJsonObject), keys)
      if (duplicates.length > 0) return { error: problemText(duplicates.map((key) => duplicateProblem(key, ''))) }
      return { value: { paramSetsByMergeKey: Object.fromEntries(sets) } }
    },
  },
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
