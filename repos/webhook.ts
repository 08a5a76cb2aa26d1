import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { FleetError } from '../fleet/errors.ts'
import { normalizeRepositoryUrl } from './url.ts'

/** Larger bodies are refused before anything is computed over them. */
const bodyBytesMax = 1024 * 1024

export type WebhookProvider = 'GitHub' | 'Gitea' | 'GitLab'

export interface WebhookRequest {
  /** Names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The body as it came, byte for byte: signatures are over that. */
  readonly rawBody: Uint8Array
  /** Any of them may have signed: so that they can be rotated. None means that everything is refused. */
  readonly secrets: readonly string[]
}

export type WebhookOutcome =
  | {
      readonly outcome: 'push'
      readonly provider: WebhookProvider
      /** Every https or http URL that the payload names the repository by, normalised, without repetition. */
      readonly repositoryUrls: readonly string[]
      /** `refs/heads/main`, `refs/tags/v1` ... */
      readonly ref: string
      /** The commit after the push; null when the ref was deleted. */
      readonly after: string | null
    }
  | { readonly outcome: 'ignored'; readonly reason: string }

/**
 * A push or tag event of GitHub, Gitea, Forgejo or GitLab, after its signature or token was checked. The payload is a hint only:
 * who believes it must still ask the repository. Throws FleetError: UNAUTHENTICATED without a secret or with a wrong signature,
 * LIMIT_EXCEEDED, INVALID_INPUT for a body that isn't JSON.
 */
export function verifyAndParsePush(request: WebhookRequest): WebhookOutcome {
  if (request.rawBody.byteLength > bodyBytesMax)
    throw new FleetError('LIMIT_EXCEEDED', `a webhook body has at most ${bodyBytesMax} bytes`, { bodyBytesMax })
  const secrets = request.secrets.filter((secret) => secret !== '')
  if (secrets.length === 0)
    throw new FleetError('UNAUTHENTICATED', 'no webhook secret is configured, so webhooks are refused; set one here and at the Git host')
  const provider = providerOf(request)
  if (provider === null) throw new FleetError('UNAUTHENTICATED', 'not a webhook of GitHub, Gitea, Forgejo or GitLab')
  if (!isGenuine(request, provider, secrets)) {
    throw new FleetError(
      'UNAUTHENTICATED',
      `the ${provider} webhook carries no valid ${provider === 'GitLab' ? 'token' : 'signature'}; compare the secret at the Git host with the one configured here`,
    )
  }
  const payload = parse(request.rawBody)
  const event = eventOf(request, provider, payload)
  if (event !== 'push') return { outcome: 'ignored', reason: event === 'ping' ? 'ping' : `event ${event.slice(0, 64)} starts nothing` }
  const ref = textAt(payload, 'ref')
  const repositoryUrls = urlsOf(payload)
  if (ref === null || repositoryUrls.length === 0)
    throw new FleetError('INVALID_INPUT', `the ${provider} push event names no ref or no repository URL`)
  const after = textAt(payload, 'after')
  return { outcome: 'push', provider, repositoryUrls, ref, after: after !== null && /^(?!0{40})[0-9a-f]{40}$/.test(after) ? after : null }
}

function header({ headers }: WebhookRequest, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' ? value : null
}

/** Gitea and Forgejo send GitHub's headers too, so they are looked for first. */
function providerOf(request: WebhookRequest): WebhookProvider | null {
  if (header(request, 'x-gitea-event') !== null || header(request, 'x-forgejo-event') !== null) return 'Gitea'
  if (header(request, 'x-gitlab-event') !== null) return 'GitLab'
  return header(request, 'x-github-event') === null ? null : 'GitHub'
}

function isGenuine(request: WebhookRequest, provider: WebhookProvider, secrets: readonly string[]): boolean {
  if (provider === 'GitLab') {
    const token = header(request, 'x-gitlab-token')
    // Digests have one length, so the comparison tells nothing about that of the secret.
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
    return token !== null && secrets.filter((secret) => timingSafeEqual(digest(secret), digest(token))).length > 0
  }
  const signature = signatureOf(request, provider)
  if (signature === null || !/^[0-9a-f]{64}$/i.test(signature)) return false
  const given = Buffer.from(signature, 'hex')
  return secrets.filter((secret) => timingSafeEqual(createHmac('sha256', secret).update(request.rawBody).digest(), given)).length > 0
}

function signatureOf(request: WebhookRequest, provider: WebhookProvider): string | null {
  const hub = header(request, 'x-hub-signature-256')
  if (hub !== null) return hub.startsWith('sha256=') ? hub.slice('sha256='.length) : null
  return provider === 'Gitea' ? (header(request, 'x-gitea-signature') ?? header(request, 'x-forgejo-signature')) : null
}

function parse(rawBody: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const payload: unknown = JSON.parse(Buffer.from(rawBody).toString('utf8'))
    if (isRecord(payload)) return payload
  } catch {
    // Said below.
  }
  throw new FleetError('INVALID_INPUT', 'the webhook body is not a JSON object; set its content type to application/json at the Git host')
}

function eventOf(request: WebhookRequest, provider: WebhookProvider, payload: Readonly<Record<string, unknown>>): string {
  if (provider === 'GitLab') {
    const kind = textAt(payload, 'object_kind') ?? header(request, 'x-gitlab-event') ?? ''
    return kind === 'tag_push' ? 'push' : kind
  }
  return (
    (provider === 'Gitea' ? (header(request, 'x-gitea-event') ?? header(request, 'x-forgejo-event')) : header(request, 'x-github-event')) ??
    ''
  )
}

const urlFields = ['clone_url', 'html_url', 'git_url', 'url', 'git_http_url', 'http_url', 'web_url', 'homepage'] as const

function urlsOf(payload: Readonly<Record<string, unknown>>): readonly string[] {
  const urls = new Set<string>()
  for (const holder of [payload['repository'], payload['project']]) {
    if (!isRecord(holder)) continue
    for (const field of urlFields) {
      const text = textAt(holder, field)
      const url = text === null ? null : normalizeRepositoryUrl(text).value
      if (url !== null) urls.add(url)
    }
  }
  return [...urls]
}

function textAt(holder: Readonly<Record<string, unknown>>, key: string): string | null {
  const value = Object.hasOwn(holder, key) ? holder[key] : undefined
  return typeof value === 'string' && value !== '' ? value : null
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
