import { isJsonObject, type JsonObject } from '../../../fleet/json.ts'
import { appendValues } from '../../../generators/values.ts'
import { bitbucketRest } from '../../../repos/scm/bitbucket-server.ts'
import { generatorEnvironment } from '../../../server/generator-environment.ts'
import { type Adapters, list, problemText } from '../adapter.ts'
import { runCase } from '../gotemplate.ts'
import { modeOf } from './mode.ts'

const environment = generatorEnvironment()

export const templateAdapters: Adapters = {
  template_string: { run: (given) => rendered('template_string', given) },
  functions: {
    run: (given) =>
      given.function === 'normalizeBitbucketBasePath'
        ? { value: { value: bitbucketRest(String(list(given.args)[0])) } }
        : rendered('functions', given),
  },
  values_interpolation: {
    run: (given) => {
      const context = { mode: modeOf(given), types: [], nowMs: 0 }
      const { parameters, problems } = appendValues(
        given.values,
        isJsonObject(given.params) ? given.params : {},
        context,
        environment.engine,
        '',
      )
      return problems.length > 0 ? { error: problemText(problems) } : { value: { params: parameters } }
    },
  },
}

function rendered(kind: string, given: JsonObject) {
  const result = runCase(kind, given)
  if ('unknown' in result) return { error: `unknown function ${String(given.function)} of ${list(given.args).length} arguments` }
  if ('error' in result) return { error: result.error }
  return { value: { value: 'value' in result ? String(result.value) : null } }
}
