import type { ResourceKey } from '../fleet/application.ts'
import type { KubeApiError } from './kube-api-error.ts'

/**
 * Whether a refusal is about the one object, so that the others are still worth trying. Wrong credentials and an overloaded or
 * absent server are about all of them; a 500 or 504 with a reason is a webhook that failed for this one.
 */
export function isAboutObject(error: KubeApiError): boolean {
  if (error.status === 401 || error.status === 429) return false
  return error.status < 500 || ((error.status === 500 || error.status === 504) && error.reason !== '')
}

/** Why the cluster didn't take an object, and what to do. Values of Secrets don't appear, though the server may quote them. */
export function failureMessage(key: ResourceKey, error: KubeApiError): string {
  const { status, serverMessage } = error
  const said = key.kind === 'Secret' && key.group === '' ? fieldsOf(error) : serverMessage
  if (error.causes.some((cause) => cause.reason === 'NamespaceTerminating') || /because it is being terminated/.test(serverMessage))
    return `namespace ${key.namespace} is terminating: nothing can be created in it until it is gone`
  if (status === 403) return `the cluster's credentials may not do this: ${serverMessage}`
  if (status === 404 && serverMessage.startsWith('namespaces "'))
    return `namespace ${key.namespace} doesn't exist: add CreateNamespace=true to syncOptions, or the namespace to the manifests`
  if (status === 404) return `the cluster doesn't serve ${key.kind} (yet): ${serverMessage}`
  if (status === 409) return `somebody else changed it at the same moment: ${serverMessage}`
  if (/field is immutable|is immutable|may not change once set|updates to .* are forbidden/i.test(serverMessage))
    return `a field that can't be changed would change: ${said}. Delete the object to have it created anew`
  if (status === 413 || /request entity too large|etcdserver: request is too large/i.test(serverMessage))
    return `it is too large for the cluster: ${said}`
  if (status >= 500) return `the cluster failed at it (${status}): ${said}`
  return `the cluster refused it (${status}): ${said}`
}

function fieldsOf(error: KubeApiError): string {
  const fields = error.causes.map((cause) => `${cause.field} (${cause.reason})`)
  return fields.length === 0 ? error.reason : fields.join(', ')
}
