import { FleetError } from '../../fleet/errors.ts'
import type { JsonObject } from '../../fleet/json.ts'
import { objectAt, textAt } from '../../fleet/json-at.ts'
import type { Credential } from './host.ts'

/** Where a manifest says that a secret is: Argo CD's `tokenRef` and its like. */
export interface SecretRef {
  readonly secretName: string
  readonly key: string
}

/**
 * The text of a secret, or null when there is none. `project`: whose set asks; null when a template says so, and then only secrets that
 * everybody may use may be given.
 */
export type ReadSecret = (ref: SecretRef, project: string | null) => Promise<string | null>

/** The `data` of a ConfigMap, or null when there is none. */
export type ReadConfigMap = (name: string) => Promise<Readonly<Record<string, string>> | null>

/** Who the settings of a provider say to be; GitHub Apps apart. Throws CREDENTIAL_REFUSED when the secret that they name isn't there. */
export async function credentialOf(settings: JsonObject, read: (ref: SecretRef) => Promise<string | null>): Promise<Credential> {
  const open = async (ref: JsonObject): Promise<string> => {
    const named = { secretName: textAt(ref, 'secretName'), key: textAt(ref, 'key') }
    return openSecret(named, read)
  }
  for (const field of ['tokenRef', 'accessTokenRef'] as const) {
    if (isGiven(settings, field)) return { kind: 'token', token: await open(objectAt(settings, field)) }
  }
  if (isGiven(settings, 'bearerToken')) return { kind: 'token', token: await open(objectAt(settings, 'bearerToken', 'tokenRef')) }
  if (isGiven(settings, 'basicAuth')) {
    const username = textAt(settings, 'basicAuth', 'username')
    return { kind: 'basic', username, password: await open(objectAt(settings, 'basicAuth', 'passwordRef')) }
  }
  if (isGiven(settings, 'appPasswordRef')) {
    return { kind: 'basic', username: textAt(settings, 'user'), password: await open(objectAt(settings, 'appPasswordRef')) }
  }
  return { kind: 'none' }
}

/** A secret without the line break that editors and shells leave at its end. */
export async function openSecret(ref: SecretRef, read: (ref: SecretRef) => Promise<string | null>): Promise<string> {
  const secret = (await read(ref))?.trim() ?? ''
  const name = `${JSON.stringify(ref.key)} of the secret ${JSON.stringify(ref.secretName)}`
  if (secret === '') throw new FleetError('CREDENTIAL_REFUSED', `${name} is needed, and there is none that this application set may use`)
  if (!/^[\x20-\x7e\r\n]*$/.test(secret)) throw new FleetError('CREDENTIAL_REFUSED', `${name} holds characters that no token has`)
  return secret
}

function isGiven(settings: JsonObject, field: string): boolean {
  return settings[field] !== undefined && settings[field] !== null
}
