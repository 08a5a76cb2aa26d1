import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type JsonObject } from '../fleet/json.ts'
import type { EventHost, GitEvent } from '../fleet/set/webhook-event.ts'
import { readEvent } from './webhook-payload.ts'

/** Larger bodies are refused before anything is computed over them. */
const bodyBytesMax = 1024 * 1024

export interface WebhookRequest {
  /** Names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The body as it came, byte for byte: signatures are over that. */
  readonly rawBody: Uint8Array
  /** Any of them may have signed: so that they can be rotated. None means that everything is refused. */
  readonly secrets: readonly string[]
}

export type WebhookOutcome =
  | { readonly outcome: 'event'; readonly event: GitEvent }
  | { readonly outcome: 'ignored'; readonly reason: string }

/**
 * A push, tag or pull request event of GitHub, Gitea, Forgejo, GitLab, Bitbucket (Cloud and Server) or Azure DevOps, after its signature,
 * token or password was checked. The payload is a hint only: who believes it must still ask the host. Throws FleetError: UNAUTHENTICATED
 * without a secret or with a wrong signature, LIMIT_EXCEEDED, INVALID_INPUT for what no host sends.
 */
export function verifyAndParseEvent(request: WebhookRequest): WebhookOutcome {
  if (request.rawBody.byteLength > bodyBytesMax)
    throw new FleetError('LIMIT_EXCEEDED', `a webhook body has at most ${bodyBytesMax} bytes`, { bodyBytesMax })
  const secrets = request.secrets.filter((secret) => secret !== '')
  if (secrets.length === 0)
    throw new FleetError('UNAUTHENTICATED', 'no webhook secret is configured, so webhooks are refused; set one here and at the Git host')
  const sender = senderOf(request)
  if (sender === null)
    throw new FleetError(
      'INVALID_INPUT',
      'not a webhook of GitHub, Gitea, Forgejo, GitLab, Bitbucket or Azure DevOps: none of their headers is there',
    )
  const { host, proof } = sender
  const isGenuine = { signature: isSigned, token: hasToken, password: hasPassword }[proof]
  if (!isGenuine(request, host, secrets)) {
    throw new FleetError(
      'UNAUTHENTICATED',
      `the ${sender.name} webhook carries no valid ${proof}; compare the secret at the Git host with the one configured here`,
    )
  }
  const payload = parse(request.rawBody)
  const name = sender.event(payload)
  const event = readEvent(host, name, payload)
  if (event !== null) return { outcome: 'event', event }
  return { outcome: 'ignored', reason: name === 'ping' ? 'ping' : `event ${name.slice(0, 64)} starts nothing` }
}

interface Sender {
  readonly host: EventHost
  readonly name: string
  /** How it shows that it knows the secret. */
  readonly proof: 'signature' | 'token' | 'password'
  /** What the event is called. */
  readonly event: (payload: JsonObject) => string
}

/** Gitea and Forgejo send GitHub's headers too, so they are looked for first. */
function senderOf(request: WebhookRequest): Sender | null {
  const gitea = header(request, 'x-gitea-event') ?? header(request, 'x-forgejo-event')
  if (gitea !== null) return { host: 'gitea', name: 'Gitea', proof: 'signature', event: () => gitea }
  const gitlab = header(request, 'x-gitlab-event')
  // A system hook says in the body only what it is about.
  if (gitlab !== null)
    return { host: 'gitlab', name: 'GitLab', proof: 'token', event: (payload) => textAt(payload, 'object_kind') ?? gitlab }
  const github = header(request, 'x-github-event')
  if (github !== null) return { host: 'github', name: 'GitHub', proof: 'signature', event: () => github }
  const key = header(request, 'x-event-key')
  const bitbucket = header(request, 'x-hook-uuid') === null ? 'bitbucketServer' : 'bitbucket'
  if (key !== null) return { host: bitbucket, name: 'Bitbucket', proof: 'signature', event: () => key }
  if (header(request, 'x-vss-activityid') === null) return null
  return { host: 'azuredevops', name: 'Azure DevOps', proof: 'password', event: (payload) => textAt(payload, 'eventType') ?? '' }
}

function header({ headers }: WebhookRequest, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' ? value : null
}

type Check = (request: WebhookRequest, host: EventHost, secrets: readonly string[]) => boolean

/** HMAC-SHA256 of the body. */
const isSigned: Check = (request, host, secrets) => {
  const signature = signatureOf(request, host)
  if (signature === null || !/^[0-9a-f]{64}$/i.test(signature)) return false
  const given = Buffer.from(signature, 'hex')
  return secrets.filter((secret) => timingSafeEqual(createHmac('sha256', secret).update(request.rawBody).digest(), given)).length > 0
}

function signatureOf(request: WebhookRequest, host: EventHost): string | null {
  const isBitbucket = host === 'bitbucket' || host === 'bitbucketServer'
  const hub = header(request, isBitbucket ? 'x-hub-signature' : 'x-hub-signature-256')
  if (hub !== null) return hub.startsWith('sha256=') ? hub.slice('sha256='.length) : null
  return host === 'gitea' ? (header(request, 'x-gitea-signature') ?? header(request, 'x-forgejo-signature')) : null
}

const hasToken: Check = (request, _host, secrets) => isOneOf(header(request, 'x-gitlab-token'), secrets)

/** Basic authentication, whatever the user's name. */
const hasPassword: Check = (request, _host, secrets) => {
  const [, encoded] = /^basic ([A-Za-z0-9+/=]+)$/i.exec(header(request, 'authorization') ?? '') ?? []
  const decoded = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return isOneOf(colon < 0 ? null : decoded.slice(colon + 1), secrets)
}

function isOneOf(given: string | null, secrets: readonly string[]): boolean {
  // Digests have one length, so the comparison tells nothing about that of the secret.
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return given !== null && secrets.filter((secret) => timingSafeEqual(digest(secret), digest(given))).length > 0
}

function parse(rawBody: Uint8Array): JsonObject {
  try {
    const payload: unknown = JSON.parse(Buffer.from(rawBody).toString('utf8'))
    if (isJsonObject(payload)) return payload
  } catch {
    // Said below.
  }
  throw new FleetError('INVALID_INPUT', 'the webhook body is not a JSON object; set its content type to application/json at the Git host')
}

function textAt(holder: JsonObject, key: string): string | null {
  const value = Object.hasOwn(holder, key) ? holder[key] : undefined
  return typeof value === 'string' && value !== '' ? value : null
}
