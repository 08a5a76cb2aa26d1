/** Where sets and applications live unless they say otherwise; Argo CD's own namespace. */
export const defaultNamespace = 'argocd'

const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/

/** What is wrong with a DNS-1123 subdomain (Kubernetes object names); null when nothing is. */
export function subdomainProblem(text: string): string | null {
  if (text === '') return 'must not be empty'
  if (text.length > 253) return `has ${text.length} characters; at most 253 are allowed`
  if (text.split('.').every((part) => label.test(part))) return null
  return 'must be a DNS-1123 subdomain: lower-case letters, digits, `-` and `.`, starting and ending with a letter or digit'
}

/** What is wrong with a DNS-1123 label (namespace names); null when nothing is. */
export function dnsLabelProblem(text: string): string | null {
  if (text === '') return 'must not be empty'
  if (text.length > 63) return `has ${text.length} characters; at most 63 are allowed`
  if (label.test(text)) return null
  return 'must be a DNS-1123 label: lower-case letters, digits and `-`, starting and ending with a letter or digit'
}
