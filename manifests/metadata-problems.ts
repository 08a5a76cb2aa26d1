import type { Problem } from '../fleet/errors.ts'
import type { JsonObject } from '../fleet/json.ts'
import { isJsonObject } from '../fleet/json.ts'
import { keyProblems, valueProblems } from '../fleet/label-selector.ts'
import { dnsLabelProblem, subdomainProblem } from '../fleet/set/names.ts'

/** What Kubernetes would refuse in the metadata of an object: its name, namespace, labels and annotation keys. */
export function metadataProblems(metadata: JsonObject, path: string): readonly Problem[] {
  const problems: Problem[] = []
  const { name, namespace, labels, annotations } = metadata
  if (typeof name !== 'string') problems.push({ path: `${path}.name`, message: 'is required: text' })
  else add(problems, `${path}.name`, subdomainProblem(name))
  if (typeof namespace === 'string') add(problems, `${path}.namespace`, dnsLabelProblem(namespace))
  for (const [key, value] of Object.entries(isJsonObject(labels) ? labels : {})) {
    const at = `${path}.labels[${JSON.stringify(key)}]`
    problems.push(...keyProblems(key, at), ...valueProblems(String(value), at))
  }
  // Kubernetes compares annotation keys in lower case.
  for (const key of Object.keys(isJsonObject(annotations) ? annotations : {})) {
    problems.push(...keyProblems(key.toLowerCase(), `${path}.annotations[${JSON.stringify(key)}]`))
  }
  return problems
}

function add(problems: Problem[], path: string, message: string | null): void {
  if (message !== null) problems.push({ path, message })
}
