import { elements, type GoMap, isMap } from '../values.ts'
import { isEmpty } from './casts.ts'

/**
 * dario.cat/mergo 1.0.2 on maps: entries that the target lacks, or has empty, come from the source; with `overwrites` all do. Maps that both
 * have are merged, lists are replaced whole. A nil of the source counts only when overwriting.
 */
export function mergeInto(target: GoMap, source: GoMap, overwrites: boolean): void {
  for (const key of Object.keys(source)) {
    const value = source[key]
    const known = Object.hasOwn(target, key)
    const current = known ? target[key] : undefined
    if (value === null || value === undefined) {
      if (overwrites) target[key] = null
      continue
    }
    if (isMap(value) && isMap(current)) mergeInto(current, value, overwrites)
    else if (elements(value) !== undefined && overwrites) target[key] = value
    if (known && !isEmpty(current)) {
      if (elements(value) !== undefined) continue
      if (isMap(value) && isMap(current)) continue
    }
    if (overwrites || !known || isEmpty(current)) target[key] = value
  }
}
