import type { KubeObject } from '../fleet/application.ts'
import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { readYaml } from './yaml.ts'

/** Lists in lists in lists are nobody's manifest. */
const listDepthMax = 4

/** The objects of one file, in order, lists flattened. Throws RENDER_FAILED that names the file, the line and the document. */
export function readManifests(text: string, file: string): readonly KubeObject[] {
  const { documents, problems } = readYaml(text)
  const [problem] = problems
  if (problem !== undefined)
    throw new FleetError('RENDER_FAILED', `${file}:${problem.line ?? 1}: ${problem.message}`, { file, line: problem.line })
  return documents.flatMap(({ value, line }, index) => objectsOf(value, `${file}:${line} (document ${index + 1})`, 0))
}

function objectsOf(value: Json, where: string, depth: number): readonly KubeObject[] {
  if (!isJsonObject(value)) throw new FleetError('RENDER_FAILED', `${where}: a Kubernetes object is expected, not ${kindOf(value)}`)
  const items = value['items']
  // As Argo CD: whatever has `items` at the top is a list; `items: null` is an empty one.
  if (Array.isArray(items)) {
    if (depth >= listDepthMax) throw new FleetError('RENDER_FAILED', `${where}: lists are nested deeper than ${listDepthMax}`)
    return items.flatMap((item: Json, index) => objectsOf(item, `${where}, items[${index}]`, depth + 1))
  }
  if (items === null && value['spec'] === undefined && value['status'] === undefined) return []
  return [kubeObject(value, where)]
}

function kubeObject(value: JsonObject, where: string): KubeObject {
  const { apiVersion, kind, metadata } = value
  if (typeof kind !== 'string' || kind === '') throw new FleetError('RENDER_FAILED', `${where}: "kind" is missing`)
  if (typeof apiVersion !== 'string' || apiVersion === '')
    throw new FleetError('RENDER_FAILED', `${where}: "apiVersion" of this ${kind} is missing`)
  if (!isJsonObject(metadata)) throw new FleetError('RENDER_FAILED', `${where}: "metadata" of this ${kind} is missing`)
  const { name, namespace, ...others } = metadata
  if (typeof name !== 'string' || name === '') {
    if (typeof others['generateName'] === 'string')
      throw new FleetError('UNSUPPORTED', `${where}: metadata.generateName is not supported yet; give this ${kind} a metadata.name`)
    throw new FleetError('RENDER_FAILED', `${where}: "metadata.name" of this ${kind} has to be text`)
  }
  // An empty namespace is none, as for kubectl.
  const placed = namespace === undefined || namespace === null || namespace === '' ? null : namespace
  if (placed !== null && typeof placed !== 'string')
    throw new FleetError('RENDER_FAILED', `${where}: "metadata.namespace" of this ${kind} has to be text`)
  for (const field of ['labels', 'annotations']) checkTexts(others[field], `${where}: "metadata.${field}" of ${kind} ${name}`)
  return { ...value, apiVersion, kind, metadata: { ...others, name, ...(placed === null ? {} : { namespace: placed }) } }
}

/** Said here with the file's name: the API server would refuse it later without. */
function checkTexts(value: Json | undefined, what: string): void {
  if (value === undefined || value === null) return
  if (!isJsonObject(value)) throw new FleetError('RENDER_FAILED', `${what} has to be a map`)
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string')
      throw new FleetError('RENDER_FAILED', `${what}: the value of ${JSON.stringify(key)} has to be text; quote it`)
  }
}

function kindOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `the ${typeof value} ${JSON.stringify(value).slice(0, 40)}`
}
