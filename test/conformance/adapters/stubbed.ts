import { isJsonObject, type Json } from '../../../fleet/json.ts'
import type { Generator } from '../../../generators/generator.ts'
import { list } from '../adapter.ts'

/** Generators that give what a case says, by their field. */
export function stubsOf(stubs: Json | undefined): readonly Generator[] {
  return Object.entries(isJsonObject(stubs) ? stubs : {}).map(([field, parameters]) => ({
    field,
    expand: () => ({ outcome: 'complete', parameters: list(parameters).filter(isJsonObject), proof: 'as the case gives it' }),
  }))
}
