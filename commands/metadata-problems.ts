import type { Problem } from '../fleet/errors.ts'
import { keyProblems, valueProblems } from '../fleet/label-selector.ts'

/** Kubernetes allows that many bytes for all annotations of an object together. */
const annotationBytesMax = 256 * 1024
const labelsMax = 200

export function labelProblems(labels: Readonly<Record<string, string>>): readonly Problem[] {
  const entries = Object.entries(labels)
  if (entries.length > labelsMax) return [{ path: 'labels', message: `holds ${entries.length} labels, at most ${labelsMax} are allowed` }]
  return entries.flatMap(([key, value]) => [...keyProblems(key, `labels.${key}`), ...valueProblems(value, `labels.${key}`)])
}

export function annotationProblems(annotations: Readonly<Record<string, string>>): readonly Problem[] {
  const entries = Object.entries(annotations)
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  if (bytes > annotationBytesMax)
    return [{ path: 'annotations', message: `hold ${bytes} bytes, at most ${annotationBytesMax} are allowed` }]
  // Kubernetes compares annotation keys in lower case.
  return entries.flatMap(([key]) => keyProblems(key.toLowerCase(), `annotations.${key}`))
}

// As Argo CD takes them: kubeconfig contexts and cloud ARNs are names, too.
const clusterName = /^[A-Za-z0-9](?:[A-Za-z0-9._:/@-]{0,251}[A-Za-z0-9])?$/

export function clusterNameProblems(name: string): readonly Problem[] {
  if (clusterName.test(name)) return []
  return [
    {
      path: 'name',
      message: 'must be 1 to 253 letters, digits or any of . _ : / @ -, starting and ending with a letter or digit, such as eu-west-1',
    },
  ]
}
