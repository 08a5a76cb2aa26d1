import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { askOne, incomplete } from './ask.ts'
import { flatten } from './combine.ts'
import type { GeneratorEnvironment } from './environment.ts'
import { listOf, objectOf, textOf } from './fields.ts'
import type { Generator, GoType, Parameters } from './generator.ts'
import type { ConfigMapRequest, PluginParametersRequest } from './requests.ts'
import { appendValues } from './values.ts'

const defaultTimeoutSeconds = 30
const timeoutSecondsMax = 300
/** Where `$key` without a Secret's name looks. */
const defaultSecret = 'argocd-secret'
const types: readonly GoType[] = [{ type: 'map[string]string', path: ['values'] }]

/**
 * `plugin`: the parameters that an HTTP service of one's own answers, each with generator.input.parameters and values. A ConfigMap says where
 * it is: baseUrl, token (`$key` of argocd-secret or `$secret:key`), requestTimeout in seconds (30). Follows Argo CD, but the input is plain
 * JSON in Go templates, as its manual says, not raw bytes.
 */
export function pluginGenerator(environment: GeneratorEnvironment): Generator {
  return {
    field: 'plugin',
    expand: (spec, mode, inputs, path) => {
      const fields = objectOf(spec)
      const at = `${path}.configMapRef.name`
      const configMap: ConfigMapRequest = { kind: 'configMap', name: textOf(objectOf(fields.configMapRef).name) }
      if (configMap.name === '') return incomplete(at, 'is required')
      const found = askOne(inputs, configMap, (value) => dataOf(value), at)
      if ('result' in found) return found.result
      const service = readService(found.value)
      if (typeof service === 'string') return incomplete(at, `the ConfigMap ${configMap.name} ${service}`)
      const input = objectOf(objectOf(fields.input).parameters)
      const request: PluginParametersRequest = {
        kind: 'pluginParameters',
        ...service,
        applicationSetName: inputs.applicationSetName ?? '',
        parameters: input,
      }
      const answer = askOne(inputs, request, readParameters, path)
      if ('result' in answer) return answer.result
      const parameters: Parameters[] = []
      const leftOut: Problem[] = []
      for (const [index, one] of answer.value.entries()) {
        const own = { ...(mode.goTemplate ? one : flatten(one)), generator: { input: { parameters: input } } }
        const context = { mode, types, nowMs: inputs.nowMs, outer: inputs.outer }
        const result = appendValues(fields.values, own, context, environment.engine, path)
        for (const problem of result.problems) leftOut.push({ ...problem, message: `parameters[${index}]: ${problem.message}` })
        if (result.problems.length === 0) parameters.push(result.parameters)
      }
      return { outcome: 'complete', parameters, leftOut, proof: answer.proof, types }
    },
  }
}

/** What a ConfigMap says of the service, or what is wrong with it. The token is a reference; a plain one is never repeated. */
function readService({
  baseUrl,
  token,
  requestTimeout,
}: JsonObject): Pick<PluginParametersRequest, 'baseUrl' | 'token' | 'timeoutSeconds'> | string {
  if (textOf(baseUrl) === '') return 'needs baseUrl'
  const reference = /^\$(?:([^:]+):)?(.+)$/s.exec(textOf(token))
  if (reference === null) return "needs token: a reference to a Secret, '$key' or '$secret:key'"
  const timeout = textOf(requestTimeout)
  if (timeout !== '' && !/^[0-9]{1,9}$/.test(timeout)) return 'has a requestTimeout that is no number of seconds'
  return {
    baseUrl: textOf(baseUrl),
    token: { secretName: reference[1] ?? defaultSecret, key: reference[2] ?? '' },
    timeoutSeconds: Math.min(Number(timeout) || defaultTimeoutSeconds, timeoutSecondsMax),
  }
}

function dataOf(value: Json): JsonObject | null {
  const { data } = objectOf(value)
  return isJsonObject(data) ? data : null
}

function readParameters(value: Json): readonly JsonObject[] | null {
  const { parameters } = objectOf(objectOf(value).output)
  // So a service written in Go says that it has none.
  if (parameters === null) return []
  if (!Array.isArray(parameters)) return null
  const all = listOf(parameters).map((one) => (one === null ? {} : one))
  return all.every(isJsonObject) ? all : null
}
