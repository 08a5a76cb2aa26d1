import { isJsonObject, type Json } from '../json.ts'

/** Whether two JSON values say the same; the order of keys, and keys that are undefined, don't count. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b)) return false
    const [left, right] = [a as readonly Json[], b as readonly Json[]]
    return left.length === right.length && left.every((item, index) => sameJson(item, right[index]))
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false
  let count = 0
  for (const [key, value] of Object.entries(a)) {
    if (value === undefined) continue
    count += 1
    if (!Object.hasOwn(b, key) || !sameJson(value, b[key])) return false
  }
  return count === Object.values(b).filter((value) => value !== undefined).length
}
