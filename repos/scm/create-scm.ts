import { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import type { JsonObject } from '../../fleet/json.ts'
import { objectAt, textAt } from '../../fleet/json-at.ts'
import type { PullRequestProvider, ScmProvider } from '../../generators/requests.ts'
import { apiIsAllowed, checkedApi, type ScmAddressPolicy, scmLookup } from './address.ts'
import { AnswerCache } from './answer-cache.ts'
import type { AwsAccount } from './aws-account.ts'
import type { AwsEnvironment } from './aws-environment.ts'
import { bitbucketCloudHost } from './bitbucket-cloud.ts'
import { bitbucketServerHost } from './bitbucket-server.ts'
import { credentialOf, openSecret, type ReadConfigMap, type ReadSecret, type SecretRef } from './credentials.ts'
import { createExchanger } from './exchange.ts'
import { giteaHost } from './gitea.ts'
import { githubApiPath, githubHeaders, githubHost, githubPublicApi } from './github.ts'
import { GithubAppTokens } from './github-app.ts'
import type { Credential, HostContext, ScmHost, ScmHostFactory } from './host.ts'
import { type ClientParts, createHostClient } from './host-client.ts'
import { defaultScmLimits, type ScmLimits } from './limits.ts'
import { RateBudgets } from './rate-budget.ts'
import type { AskOptions, Scm } from './scm.ts'

/*
 * Hosts are asked with the clients that they or their users maintain, where there is one: they know addresses, parameters and how to sign. Whatever they
 * ask goes over one HTTP layer (ADR 9), which alone has the credentials (but AWS's: its SDK signs): address policy, redirects, bounds, budgets and kept answers are the same for all.
 */

export interface ScmOptions {
  readonly policy: ScmAddressPolicy
  readonly readSecret: ReadSecret
  readonly readConfigMap: ReadConfigMap
  readonly nowMs: () => number
  /** Who the process is at AWS, which has no `tokenRef`; without it CodeCommit is refused. */
  readonly aws?: AwsEnvironment
  readonly limits?: Partial<ScmLimits>
}

/** Clients that take a tenth of a second and more to load are loaded when they are first asked for. */
const factories: Readonly<
  Record<Exclude<PullRequestProvider | ScmProvider, 'awsCodeCommit'>, () => ScmHostFactory | Promise<ScmHostFactory>>
> = {
  azureDevOps,
  azuredevops: azureDevOps,
  bitbucket: () => bitbucketCloudHost,
  bitbucketServer: () => bitbucketServerHost,
  gitea: () => giteaHost,
  github: () => githubHost,
  gitlab: async () => (await import('./gitlab.ts')).gitlabHost,
}
const pluginTimeoutSecondsMax = 300

export function createScm(options: ScmOptions): Scm {
  const { policy, nowMs } = options
  const limits = { ...defaultScmLimits, ...options.limits }
  const exchanger = createExchanger(scmLookup(policy))
  const parts: ClientParts = { exchanger, budgets: new RateBudgets(limits), kept: new AnswerCache(limits.keptBytesMax), limits, nowMs }
  const apps = new GithubAppTokens(nowMs)
  let account: AwsAccount | undefined
  const aws = async () => {
    const { AwsAccount } = await import('./aws-account.ts')
    account ??= new AwsAccount(options.aws ?? {}, policy, parts)
    return account
  }

  async function certificates(settings: JsonObject): Promise<string | undefined> {
    if (settings['insecure'] === true) {
      throw new FleetError(
        'CREDENTIAL_REFUSED',
        'insecure: true is refused, because anybody on the way could take the token. Trust the authority that signs for the host: caRef, or NODE_EXTRA_CA_CERTS of the worker',
      )
    }
    const ref = objectAt(settings, 'caRef')
    const [name, key] = [textAt(ref, 'configMapName'), textAt(ref, 'key')]
    if (name === '') return undefined
    const ca = (await options.readConfigMap(name))?.[key]
    if (ca === undefined)
      throw new FleetError('CREDENTIAL_REFUSED', `there is no ConfigMap ${JSON.stringify(name)} with a key ${JSON.stringify(key)}`)
    return ca
  }

  async function hostOf(
    request: { readonly provider: PullRequestProvider | ScmProvider; readonly settings: JsonObject; readonly project: string | null },
    { signal }: AskOptions,
  ): Promise<ScmHost> {
    const { provider, settings, project } = request
    if (provider === 'awsCodeCommit') return (await aws()).host(settings, signal)
    const read = (ref: SecretRef) => options.readSecret(ref, project)
    const ca = await certificates(settings)
    const appSecret = textAt(settings, 'appSecretName')
    const app = provider === 'github' && appSecret !== ''
    const given = app ? await appCredential(settings, appSecret, { read, ca, signal }) : await credentialOf(settings, read)
    const connect: HostContext['connect'] = ({ publicApi, pathOf, headersOf }) =>
      createHostClient(
        {
          base: baseOf(settings, publicApi, pathOf),
          headers: headersOf(given),
          ...(app ? { identity: JSON.stringify(['installation', project, appSecret]) } : {}),
          secret: secretOf(given),
          ca,
          signal,
        },
        parts,
      )
    const factory = await factories[provider]()
    return factory({ settings, limits, connect })
  }

  /** The checked address of the API that is asked, with the path that leads to it. */
  function baseOf(settings: JsonObject, publicApi: string | null, pathOf: (path: string, host: string) => string): URL {
    const api = textAt(settings, 'api')
    if (api !== '' && !apiIsAllowed(api, policy))
      throw new FleetError('FORBIDDEN', `the administrator doesn't allow application sets to ask ${JSON.stringify(api.slice(0, 200))}`)
    if (api === '' && publicApi === null) throw new FleetError('INVALID_INPUT', 'api of the provider is missing')
    const url = checkedApi(api === '' ? (publicApi ?? '') : api, policy, { plainHttp: policy.allowedApis.length > 0 })
    const bare = url.pathname.replace(/\/+$/, '')
    url.pathname = pathOf(bare, url.hostname)
    return url
  }

  async function appCredential(
    settings: JsonObject,
    secretName: string,
    {
      read,
      ca,
      signal,
    }: {
      readonly read: (ref: SecretRef) => Promise<string | null>
      readonly ca: string | undefined
      readonly signal: AbortSignal | undefined
    },
  ): Promise<Credential> {
    const [appId, installationId, privateKey] = await Promise.all(
      ['githubAppID', 'githubAppInstallationID', 'githubAppPrivateKey'].map((key) => openSecret({ secretName, key }, read)),
    )
    if (appId === undefined || installationId === undefined || privateKey === undefined)
      throw new FleetError('INTERNAL', 'a secret is missing')
    const base = baseOf(settings, githubPublicApi, githubApiPath)
    const clientOf = (headers: Readonly<Record<string, string>>) =>
      createHostClient(
        {
          base,
          headers: { ...githubHeaders({ kind: 'none' }), ...headers },
          identity: JSON.stringify(['app', appId, privateKey]),
          secret: privateKey,
          ca,
          signal,
        },
        parts,
      )
    return { kind: 'token', token: await apps.token(base.href, { appId, installationId, privateKey }, clientOf) }
  }

  return {
    pullRequests: async (request, ask = {}) => (await hostOf(request, ask)).pullRequests(request),
    repositories: async (request, ask = {}) => (await hostOf(request, ask)).repositories(request),
    branches: async (request, ask = {}) => (await hostOf(request, ask)).branches(request),
    presentPaths: async (request, ask = {}) => (await hostOf(request, ask)).presentPaths(request),

    pluginParameters: async (request, { signal } = {}) => {
      const token = await openSecret(request.token, (ref) => options.readSecret(ref, null))
      // Whoever may write the ConfigMap says where the plugin is, and it is most often a Service beside us, without TLS.
      const base = checkedApi(request.baseUrl, policy, { plainHttp: true })
      const requestTimeoutMs = Math.min(Math.max(request.timeoutSeconds, 1), pluginTimeoutSecondsMax) * 1_000
      const client = createHostClient(
        { base, headers: { authorization: `Bearer ${token}` }, secret: token, signal },
        { ...parts, limits: { ...limits, requestTimeoutMs } },
      )
      const body = { applicationSetName: request.applicationSetName, input: { parameters: request.parameters } }
      return client.post('/api/v1/getparams.execute', JSON.stringify(body), z.json())
    },

    close: () => exchanger.close(),
  }
}

async function azureDevOps(): Promise<ScmHostFactory> {
  return (await import('./azure-devops.ts')).azureDevOpsHost
}

function secretOf(credential: Credential): string | null {
  if (credential.kind === 'none') return null
  return credential.kind === 'token' ? credential.token : credential.password
}
