import type { AddressInput, CredentialsInput } from '../commands/cluster-access.ts'
import { builder } from './builder.ts'

const BearerTokenInput = builder.inputType('BearerTokenInput', {
  description: 'A service account token, for instance.',
  fields: (t) => ({ token: t.string({ required: true, description: 'Sealed at rest, never given back.' }) }),
})

const ClientCertificateInput = builder.inputType('ClientCertificateInput', {
  description: 'A TLS client certificate.',
  fields: (t) => ({
    certificate: t.string({ required: true, description: 'PEM, or base64 of it.' }),
    key: t.string({ required: true, description: 'PEM, or base64 of it; not encrypted. Sealed at rest, never given back.' }),
  }),
})

const KubeconfigInput = builder.inputType('KubeconfigInput', {
  description: 'A kubeconfig, read as data: exec, auth-provider, file paths, proxies and impersonation are refused.',
  fields: (t) => ({
    yaml: t.string({ required: true, description: 'The text of the file, with certificates and keys embedded.' }),
    context: t.string({ description: 'Which context; its current one by default.' }),
  }),
})

/** Exactly one of them: the schema refuses any other. */
export const ClusterCredentialsInput = builder.inputType('ClusterCredentialsInput', {
  description: 'How to sign in to a cluster. Exactly one.',
  isOneOf: true,
  fields: (t) => ({
    bearerToken: t.field({ type: BearerTokenInput, description: 'With a token.' }),
    clientCertificate: t.field({ type: ClientCertificateInput, description: 'With a certificate.' }),
    kubeconfig: t.field({ type: KubeconfigInput, description: 'As a kubeconfig says; server and CA come from it, too.' }),
  }),
})

export function credentialsOf(input: typeof ClusterCredentialsInput.$inferInput): CredentialsInput {
  if (input.bearerToken) return { kind: 'bearerToken', token: input.bearerToken.token }
  if (input.clientCertificate) return { kind: 'clientCertificate', ...input.clientCertificate }
  return { kind: 'kubeconfig', yaml: input.kubeconfig?.yaml ?? '', context: input.kubeconfig?.context ?? null }
}

export function addressOf(input: {
  readonly server?: string | null | undefined
  readonly caData?: string | null | undefined
  readonly tlsServerName?: string | null | undefined
}): AddressInput {
  return { server: input.server ?? null, caData: input.caData ?? null, tlsServerName: input.tlsServerName ?? null }
}
