import { createHash, sign } from 'node:crypto'
import { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import type { HostClient } from './host-client.ts'
import { urlPath } from './url-path.ts'

/** The fields of the secret that `appSecretName` names, as Argo CD calls them. */
export interface GithubApp {
  readonly appId: string
  readonly installationId: string
  readonly privateKey: string
}

/** A token is replaced that long before it ends. */
const earlyMs = 5 * 60_000
/** Of the signed claim; GitHub takes ten minutes at most. */
const claimSeconds = 9 * 60
/** For clocks that differ. */
const backSeconds = 60
const tokensMax = 1_000

const tokenSchema = z.object({ token: z.string().min(1), expires_at: z.string() })

/** Tokens of installations of GitHub Apps, each used until shortly before it ends. */
export class GithubAppTokens {
  readonly #tokens = new Map<string, { readonly token: string; readonly untilMs: number }>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** `clientOf` makes a client with these headers. Throws CREDENTIAL_REFUSED for a key that can't sign, and whatever the API answers. */
  async token(api: string, app: GithubApp, clientOf: (headers: Readonly<Record<string, string>>) => HostClient): Promise<string> {
    const key = createHash('sha256')
      .update(JSON.stringify([api, app.appId, app.installationId, app.privateKey]))
      .digest('hex')
    const known = this.#tokens.get(key)
    if (known !== undefined && known.untilMs - earlyMs > this.#nowMs()) return known.token
    const client = clientOf({ authorization: `Bearer ${this.#claim(app)}` })
    const answer = await client.post(urlPath`/app/installations/${app.installationId}/access_tokens`, '', tokenSchema).catch((error) => {
      // GIT_NOT_FOUND would say that there is no such repository, of which some sets make an empty list.
      if (!(error instanceof FleetError) || error.code !== 'GIT_NOT_FOUND') throw error
      throw new FleetError('CREDENTIAL_REFUSED', `the GitHub App has no such installation: ${error.message}`, {}, { cause: error })
    })
    const untilMs = Date.parse(answer.expires_at)
    if (this.#tokens.size >= tokensMax) this.#tokens.clear()
    if (Number.isFinite(untilMs)) this.#tokens.set(key, { token: answer.token, untilMs })
    return answer.token
  }

  #claim({ appId, privateKey }: GithubApp): string {
    const now = Math.floor(this.#nowMs() / 1_000)
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const text = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ iat: now - backSeconds, exp: now + claimSeconds, iss: appId })}`
    try {
      return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
    } catch {
      throw new FleetError('CREDENTIAL_REFUSED', 'githubAppPrivateKey is not a private key in PEM form')
    }
  }
}
