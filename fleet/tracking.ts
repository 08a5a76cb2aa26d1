import type { KubeObject, ResourceKey } from './application.ts'
import type { JsonObject } from './json.ts'
import { annotationOf, groupOf, textAt, versionOf } from './json-at.ts'

/** Argo CD's annotation: it says which application an object belongs to, and names the object, so that a copy on a child means nothing. */
export const trackingAnnotation = 'argocd.argoproj.io/tracking-id'
/** Preselects the objects of an application in lists and watches. The annotation decides. */
export const applicationLabel = 'roadstead.dev/application'

const labelLengthMax = 63
const labelValue = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/

export interface Tracking {
  readonly applicationName: string
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** The label's value: the name itself where Kubernetes allows that, otherwise its beginning and a hash of the whole. */
export function applicationLabelValue(applicationName: string): string {
  if (applicationName.length <= labelLengthMax && labelValue.test(applicationName)) return applicationName
  const hash = `${fnv1a(applicationName, 0x811c9dc5)}${fnv1a(applicationName, 0x01000193)}`
  const prefix = applicationName.replaceAll(/[^A-Za-z0-9._-]/g, '-').slice(0, labelLengthMax - hash.length - 1)
  return `${prefix.replace(/^[^A-Za-z0-9]+/, '')}-${hash}`.replace(/^-/, '')
}

/** 32-bit FNV-1a in hex. Two applications with one label value cost a list some objects more, and nothing else. */
function fnv1a(text: string, seed: number): string {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

/** As Argo CD writes it: `<application>:<group>/<kind>:<namespace>/<name>`. */
export function trackingId(tracking: Tracking): string {
  const { applicationName, group, kind, namespace, name } = tracking
  return `${applicationName}:${group}/${kind}:${namespace}/${name}`
}

/** Null for anything that isn't exactly of that form (Argo CD ignores those too). */
export function parseTrackingId(text: string): Tracking | null {
  const match = /^([^:]*):([^/:]*)\/([^/:]*):([^/]*)\/([^/]*)$/.exec(text)
  if (match === null) return null
  const [, applicationName = '', group = '', kind = '', namespace = '', name = ''] = match
  return applicationName === '' ? null : { applicationName, group, kind, namespace, name }
}

/**
 * The application that owns a live object; null when none does. As in Argo CD an id that names another object (controllers copy
 * annotations to what they create) doesn't count, and the namespace isn't compared for cluster-scoped objects.
 */
export function ownerOf(live: JsonObject): string | null {
  const text = annotationOf(live, trackingAnnotation)
  const tracking = text === undefined ? null : parseTrackingId(text)
  if (tracking === null) return null
  const key = keyOf(live)
  const same =
    tracking.group === key.group &&
    tracking.kind === key.kind &&
    tracking.name === key.name &&
    (key.namespace === '' || tracking.namespace === key.namespace)
  return same ? tracking.applicationName : null
}

export function keyOf(object: KubeObject | JsonObject): ResourceKey {
  const apiVersion = textAt(object, 'apiVersion')
  return {
    group: groupOf(apiVersion),
    version: versionOf(apiVersion),
    kind: textAt(object, 'kind'),
    namespace: textAt(object, 'metadata', 'namespace'),
    name: textAt(object, 'metadata', 'name'),
  }
}

/** For messages: `apps/Deployment web/api`, `Namespace web`. */
export function nameOf(key: ResourceKey): string {
  const kind = key.group === '' ? key.kind : `${key.group}/${key.kind}`
  return key.namespace === '' ? `${kind} ${key.name}` : `${kind} ${key.namespace}/${key.name}`
}

/** Identifies an object whatever version it is written in. */
export function identityOf(key: ResourceKey): string {
  return `${key.group}/${key.kind}/${key.namespace}/${key.name}`
}
