import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { readYaml } from './yaml.ts'

export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** What a kustomization reads from outside itself. */
export interface KustomizationReferences {
  /** Files or directories whose objects are taken in. */
  readonly resources: readonly string[]
  /** Files or directories that configure generators, transformers and validators. */
  readonly plugins: readonly string[]
}

const resourceFields = ['resources', 'bases', 'components'] as const
const pluginFields = ['generators', 'transformers', 'validators'] as const
const helmFields = ['helmCharts', 'helmChartInflationGenerator', 'helmGlobals'] as const
/** Wherever they stand, these name files that kustomize would also load from the network. */
const fileFields = new Set<string>([
  ...resourceFields,
  ...pluginFields,
  'crds',
  'configurations',
  'patchesStrategicMerge',
  'path',
  'paths',
  'files',
  'envs',
  'env',
])

/** A kustomization as JSON. Throws RENDER_FAILED that names file and line. */
export function parseKustomization(text: string, file: string): JsonObject {
  const { documents, problems } = readYaml(text)
  const [problem] = problems
  if (problem !== undefined)
    throw new FleetError('RENDER_FAILED', `${file}:${problem.line ?? 1}: ${problem.message}`, { file, line: problem.line })
  if (documents.length > 1)
    throw new FleetError('RENDER_FAILED', `${file}: a kustomization is one document, and there are ${documents.length}`)
  const value = documents[0]?.value ?? {}
  if (!isJsonObject(value)) throw new FleetError('RENDER_FAILED', `${file}: a kustomization has to be a map`)
  return value
}

/**
 * What a kustomization refers to. Throws RENDER_FAILED for anything remote (kustomize would fetch it outside of our bounds, cache and
 * credentials), UNSUPPORTED for Helm charts and for plugins that run programs.
 */
export function referencesOf(kustomization: JsonObject, text: string, file: string): KustomizationReferences {
  const helm = helmFields.find((field) => kustomization[field] !== undefined)
  if (helm !== undefined)
    throw new FleetError('UNSUPPORTED', `${where(text, `${helm}:`, file)}: ${helm} is not supported; Helm charts come with a later release`)
  refuseRemote(kustomization, text, file)
  const named = (fields: readonly string[]): readonly string[] => fields.flatMap((field) => textsIn(kustomization[field]))
  const plugins: string[] = []
  for (const entry of named(pluginFields)) {
    // A plugin's configuration may stand in the kustomization itself.
    if (entry.includes('\n')) checkPluginConfig(entry, file)
    else plugins.push(entry)
  }
  return { resources: named(resourceFields), plugins }
}

/** A configuration of kustomize's own generators and transformers is fine; what runs a program, a container or Helm is refused. */
export function checkPluginConfig(text: string, file: string): void {
  const { documents, problems } = readYaml(text)
  const [problem] = problems
  if (problem !== undefined)
    throw new FleetError('RENDER_FAILED', `${file}:${problem.line ?? 1}: ${problem.message}`, { file, line: problem.line })
  for (const { value, line } of documents) {
    if (!isJsonObject(value)) continue
    const metadata = value['metadata']
    const annotations = isJsonObject(metadata) ? metadata['annotations'] : undefined
    const runs = isJsonObject(annotations) && Object.keys(annotations).some((key) => /^config\.(kubernetes|k8s)\.io\/function$/.test(key))
    if (value['apiVersion'] !== 'builtin' || runs || value['kind'] === 'HelmChartInflationGenerator') {
      const kind = typeof value['kind'] === 'string' ? value['kind'] : 'a plugin'
      throw new FleetError(
        'UNSUPPORTED',
        `${file}:${line}: ${kind} is not supported: of kustomize's plugins only the built-in ones (apiVersion: builtin) are, without Helm`,
      )
    }
    refuseRemote(value, text, file)
  }
}

/** Whether kustomize would take this for something to fetch: a URL, an SCP-like address, or a hosted repository without a scheme. */
export function isRemote(reference: string): boolean {
  const text = reference.trim()
  if (/^https?:/i.test(text) || text.includes('://') || /^(git|gh|hg|file|ssh)::?/i.test(text)) return true
  if (
    /^[^/\s]+@[^/\s]+:|^git@|^[^/\s]+@github\.com\//.test(text) ||
    /^(www\.)?(github\.com|gitlab\.com|bitbucket\.org|dev\.azure\.com)[/:]/i.test(text)
  )
    return true
  return /[?&](ref|version|timeout|submodules)=/.test(text) || text.includes('.git/') || text.includes('_git/')
}

function refuseRemote(value: Json | undefined, text: string, file: string): void {
  if (Array.isArray(value)) for (const item of value) refuseRemote(item, text, file)
  if (!isJsonObject(value)) return
  for (const [key, member] of Object.entries(value)) {
    for (const reference of fileFields.has(key) ? textsIn(member) : []) {
      // `files: [key=path]`; what spans lines is content, not a reference.
      const source = reference.includes('\n') ? '' : key === 'files' ? reference.slice(reference.indexOf('=') + 1) : reference
      if (!isRemote(source)) continue
      throw new FleetError(
        'RENDER_FAILED',
        `${where(text, reference, file)}: ${JSON.stringify(reference)} is remote, which is refused: copy it into this repository`,
        { file },
      )
    }
    refuseRemote(member, text, file)
  }
}

/** `file:line` of the first place that holds a text. */
export function where(text: string, wanted: string, file: string): string {
  const at = text.indexOf(wanted)
  return at < 0 ? file : `${file}:${text.slice(0, at).split('\n').length}`
}

function textsIn(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
