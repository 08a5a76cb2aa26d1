import type { KubeObject } from '../fleet/application.ts'
import { isJsonObject } from '../fleet/json.ts'

/**
 * Whether an object is a hook of Argo CD (or a Helm hook that Argo CD maps to one): it runs at a moment of a sync instead of being
 * part of the wanted state. Rendering leaves hooks in; what applies must not take them for plain objects.
 */
export function isHook(object: KubeObject): boolean {
  const annotations = object.metadata['annotations']
  if (!isJsonObject(annotations)) return false
  const { 'argocd.argoproj.io/hook': hook, 'helm.sh/hook': helmHook } = annotations
  if (typeof hook === 'string' && hook !== '') return true
  // Argo CD takes a CRD that Helm installs ahead (crd-install) for a plain object.
  return typeof helmHook === 'string' && helmHook !== '' && helmHook !== 'crd-install'
}
