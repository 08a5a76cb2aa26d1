import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { isRemote } from './kustomization-file.ts'

/** `source.kustomize` of an Application, checked, with the build variables filled in. */
export interface KustomizeParameters {
  readonly namePrefix: string
  readonly nameSuffix: string
  readonly namespace: string
  readonly images: readonly string[]
  readonly replicas: readonly { readonly name: string; readonly count: number }[]
  readonly commonLabels: Readonly<Record<string, string>>
  readonly forceCommonLabels: boolean
  readonly labelWithoutSelector: boolean
  readonly labelIncludeTemplates: boolean
  readonly commonAnnotations: Readonly<Record<string, string>>
  readonly forceCommonAnnotations: boolean
  readonly patches: readonly JsonObject[]
  readonly components: readonly string[]
  readonly ignoreMissingComponents: boolean
}

const texts = ['namePrefix', 'nameSuffix', 'namespace'] as const
const flags = [
  'forceCommonLabels',
  'labelWithoutSelector',
  'labelIncludeTemplates',
  'forceCommonAnnotations',
  'commonAnnotationsEnvsubst',
  'ignoreMissingComponents',
] as const
const others = ['images', 'replicas', 'commonLabels', 'commonAnnotations', 'patches', 'components'] as const
const known = new Set<string>([...texts, ...flags, ...others])

/** Variables that Argo CD fills in (build environment), by name. One that is missing here is refused where it is used. */
export type BuildVariables = Readonly<Record<string, string>>

/** Throws UNSUPPORTED for a field that we don't have, RENDER_FAILED for a value of the wrong shape. */
export function kustomizeParameters(spec: JsonObject, variables: BuildVariables): KustomizeParameters {
  for (const [field, value] of Object.entries(spec)) {
    if (!known.has(field) && value !== undefined && value !== '')
      throw new FleetError('UNSUPPORTED', `source.kustomize.${field} is not supported`)
  }
  const text = (field: (typeof texts)[number]): string => textOf(spec[field] ?? '', field)
  const flag = (field: (typeof flags)[number]): boolean => {
    const value = spec[field] ?? false
    if (typeof value !== 'boolean') throw wrong(field, 'true or false')
    return value
  }
  const list = (field: (typeof others)[number]): readonly Json[] => {
    const value = spec[field] ?? []
    if (!Array.isArray(value)) throw wrong(field, 'a list')
    return value
  }
  const annotations = textMap(spec['commonAnnotations'], 'commonAnnotations')
  return {
    namePrefix: text('namePrefix'),
    nameSuffix: text('nameSuffix'),
    namespace: text('namespace'),
    images: list('images').map((image) => substitute(textOf(image, 'images'), variables)),
    replicas: list('replicas').map(replicaOf),
    commonLabels: substituteAll(textMap(spec['commonLabels'], 'commonLabels'), variables),
    forceCommonLabels: flag('forceCommonLabels'),
    labelWithoutSelector: flag('labelWithoutSelector'),
    labelIncludeTemplates: flag('labelIncludeTemplates'),
    commonAnnotations: flag('commonAnnotationsEnvsubst') ? substituteAll(annotations, variables) : annotations,
    forceCommonAnnotations: flag('forceCommonAnnotations'),
    patches: list('patches').map(patchOf),
    components: list('components').map((component) => textOf(component, 'components')),
    ignoreMissingComponents: flag('ignoreMissingComponents'),
  }
}

/** `$NAME`, `${NAME}` and `$$` as Argo CD expands them; what it doesn't know becomes empty. */
export function substitute(text: string, variables: BuildVariables): string {
  return text.replace(/\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*|\$))/g, (_, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare ?? ''
    if (name === '$') return '$'
    if (name === 'ARGOCD_APP_PROJECT_NAME')
      throw new FleetError('UNSUPPORTED', 'the build variable ARGOCD_APP_PROJECT_NAME is not supported')
    return Object.hasOwn(variables, name) ? (variables[name] ?? '') : ''
  })
}

function substituteAll(values: Readonly<Record<string, string>>, variables: BuildVariables): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, substitute(value, variables)]))
}

function textMap(value: Json | undefined, field: string): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) throw wrong(field, 'a map of texts')
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, textOf(text, field)]))
}

function textOf(value: Json | undefined, field: string): string {
  if (typeof value !== 'string' || value.includes('\0')) throw wrong(field, 'text')
  return value
}

function replicaOf(value: Json): { readonly name: string; readonly count: number } {
  const { name, count } = isJsonObject(value) ? value : {}
  const number = typeof count === 'string' && /^\d+$/.test(count) ? Number(count) : count
  if (typeof name !== 'string' || typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0)
    throw wrong('replicas', 'a list of name and count')
  return { name, count: number }
}

const patchFields = new Set(['path', 'patch', 'target', 'options'])

function patchOf(value: Json): JsonObject {
  if (!isJsonObject(value)) throw wrong('patches', 'a list of patches')
  const stranger = Object.keys(value).find((field) => !patchFields.has(field))
  if (stranger !== undefined) throw new FleetError('UNSUPPORTED', `source.kustomize.patches[].${stranger} is not supported`)
  const path = value['path']
  if (typeof path === 'string' && isRemote(path))
    throw new FleetError(
      'RENDER_FAILED',
      `source.kustomize.patches: ${JSON.stringify(path)} is remote, which is refused: copy it into the repository`,
    )
  return value
}

function wrong(field: string, expected: string): FleetError {
  return new FleetError('RENDER_FAILED', `source.kustomize.${field} has to be ${expected}`)
}
