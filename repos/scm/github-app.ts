import { createHash } from 'node:crypto'
import githubAppJwt from 'universal-github-app-jwt'
import { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import { checked, type HostClient } from './host-client.ts'
import { octokitOf } from './octokit.ts'

/** The fields of the secret that `appSecretName` names, as Argo CD calls them. */
export interface GithubApp {
  readonly appId: string
  readonly installationId: string
  readonly privateKey: string
}

/** A token is replaced that long before it ends. */
const earlyMs = 5 * 60_000
const tokensMax = 1_000

const route = 'POST /app/installations/{installation_id}/access_tokens'

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
    const installation = Number(app.installationId)
    if (!Number.isSafeInteger(installation) || installation <= 0)
      throw new FleetError('CREDENTIAL_REFUSED', 'githubAppInstallationID is not the number of an installation')
    const octokit = octokitOf(clientOf({ authorization: `Bearer ${await this.#claim(app)}` }))
    const answer = await octokit
      .request(route, { installation_id: installation })
      .then(({ data, url }) => checked(data, tokenSchema, url))
      .catch((error) => {
        // GIT_NOT_FOUND would say that there is no such repository, of which some sets make an empty list.
        if (!(error instanceof FleetError) || error.code !== 'GIT_NOT_FOUND') throw error
        throw new FleetError('CREDENTIAL_REFUSED', `the GitHub App has no such installation: ${error.message}`, {}, { cause: error })
      })
    const untilMs = Date.parse(answer.expires_at)
    if (this.#tokens.size >= tokensMax) this.#tokens.clear()
    if (Number.isFinite(untilMs)) this.#tokens.set(key, { token: answer.token, untilMs })
    return answer.token
  }

  async #claim({ appId, privateKey }: GithubApp): Promise<string> {
    try {
      return (await githubAppJwt({ id: appId, privateKey, now: Math.floor(this.#nowMs() / 1_000) })).token
    } catch {
      throw new FleetError('CREDENTIAL_REFUSED', 'githubAppPrivateKey is not an RSA private key in PEM form')
    }
  }
}
