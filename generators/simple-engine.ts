import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json } from '../fleet/json.ts'
import type { TemplateEngine } from './template-engine.ts'

/** The simple forms only, until generators/gotemplate/ is there: `{{name}}` of fasttemplate, `{{.a.b}}` of Go. */
export const simpleEngine: TemplateEngine = {
  bind: (parameters, mode) => (text) =>
    text.replace(/\{\{(.*?)\}\}/gs, (tag, inside: string) => {
      const trimmed = inside.trim()
      if (!mode.goTemplate) {
        const value = trimmed !== '' && Object.hasOwn(parameters, trimmed) ? parameters[trimmed] : undefined
        return typeof value === 'string' ? value : tag
      }
      if (!/^(?:\.[A-Za-z_]\w*)+$/.test(trimmed))
        throw new FleetError('UNSUPPORTED', `the template ${tag} is more than {{.name}}, not supported yet`)
      let value: Json | undefined = parameters
      for (const key of trimmed.slice(1).split('.')) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
      if (value !== undefined && value !== null) return typeof value === 'object' ? JSON.stringify(value) : String(value)
      if (mode.goTemplateOptions.includes('missingkey=error')) throw new FleetError('INVALID_INPUT', `${tag}: map has no entry for key`)
      return '<no value>'
    }),
}
