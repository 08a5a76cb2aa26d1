import type { ApplicationManifest, ApplicationSource, ApplicationSpec } from '../application.ts'
import { isJsonObject, type Json } from '../json.ts'

const tools = ['directory', 'helm', 'kustomize'] as const

/** A manifest without the parts that are there and say nothing (`syncPolicy: {}`, `directory: {recurse: false}`), as Argo CD writes it. */
export function tidied(manifest: ApplicationManifest): ApplicationManifest {
  const spec = tidySpec(manifest.spec)
  return spec === manifest.spec ? manifest : { ...manifest, spec }
}

function tidySpec(spec: ApplicationSpec): ApplicationSpec {
  const { syncPolicy, source, sources } = spec
  let tidy = spec
  if (syncPolicy !== undefined && saysNothing(syncPolicy)) {
    const { syncPolicy: _nothing, ...others } = tidy
    tidy = others
  }
  const one = source === undefined ? undefined : tidySource(source)
  if (one !== undefined && one !== source) tidy = { ...tidy, source: one }
  const several = sources?.map(tidySource)
  if (several?.some((each, index) => each !== sources?.[index]) === true) tidy = { ...tidy, sources: several }
  return tidy
}

/** `automated: {}` says something: that there is automation. */
function saysNothing(policy: NonNullable<ApplicationSpec['syncPolicy']>): boolean {
  return Object.entries(policy).every(([field, value]) =>
    field === 'syncOptions' ? isZero(value as Json) : value === undefined || value === null,
  )
}

function tidySource(source: ApplicationSource): ApplicationSource {
  const empty: readonly string[] = tools.filter((tool) => source[tool] !== undefined && isZero(source[tool], tool))
  if (empty.length === 0) return source
  return Object.fromEntries(Object.entries(source).filter(([field]) => !empty.includes(field))) as unknown as ApplicationSource
}

/** Of a map of the user's own what is in it says something, whatever it is. */
function isZero(value: Json | undefined, field = ''): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (field === 'valuesObject') return value === undefined || value === null
  if (isJsonObject(value)) {
    const entries = Object.entries(value)
    return field === 'commonLabels' || field === 'commonAnnotations'
      ? entries.length === 0
      : entries.every(([key, item]) => isZero(item, key))
  }
  return value === undefined || value === null || value === false || value === 0 || value === ''
}
