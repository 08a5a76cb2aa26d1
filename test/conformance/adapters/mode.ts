import type { JsonObject } from '../../../fleet/json.ts'
import type { TemplateMode } from '../../../generators/generator.ts'
import { list } from '../adapter.ts'

/** `goTemplate` and `goTemplateOptions` of a case or a spec. */
export function modeOf({ goTemplate, goTemplateOptions }: JsonObject): TemplateMode {
  return { goTemplate: goTemplate === true, goTemplateOptions: list(goTemplateOptions).map(String) }
}
