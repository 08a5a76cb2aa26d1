import { toJson } from '../funcs/json.ts'
import type { Value } from '../values.ts'
export function toYaml(value: Value): string {
  return toJson(value)
}
