import type { JsonObject } from '../fleet/json.ts'
import { textOf } from './fields.ts'
import type { ScmPolicy } from './generator.ts'
import type { CloneProtocol, ScmProvider } from './requests.ts'

/** Why a host may not be asked, or null. As in Argo CD `api` has to be one of the allowed addresses exactly; without it the provider's public host is meant. */
export function scmRefusal(settings: JsonObject, policy: ScmPolicy | undefined): string | null {
  if (policy === undefined) return null
  if (!policy.enabled) return 'SCM providers are disabled on this server'
  const api = textOf(settings.api)
  if (api === '' || policy.allowedApis.length === 0 || policy.allowedApis.includes(api)) return null
  return `SCM provider ${JSON.stringify(api)} is not allowed: use one of ${policy.allowedApis.join(', ')}`
}

/** How a repository is to be cloned, ssh unless it is said, or null for a protocol that this provider doesn't have. */
export function cloneProtocolOf(cloneProtocol: string, provider: ScmProvider | undefined): CloneProtocol | null {
  if (cloneProtocol === '' || cloneProtocol === 'ssh') return 'ssh'
  if (cloneProtocol === 'https') return 'https'
  return cloneProtocol === 'https-fips' && provider === 'awsCodeCommit' ? 'https-fips' : null
}

/** What to say about a clone protocol that isn't one. */
export function cloneProtocolProblem(provider: ScmProvider | undefined): string {
  return provider === 'awsCodeCommit' ? 'must be ssh, https or https-fips' : 'must be ssh or https'
}

/** The one provider that a spec names, of those that there are; or what is wrong. As in Argo CD the first one counts. */
export function providerOf<P extends string>(
  fields: JsonObject,
  providers: readonly P[],
): { readonly provider: P; readonly settings: JsonObject } | null {
  for (const provider of providers) {
    const settings = fields[provider]
    if (settings !== undefined && settings !== null && typeof settings === 'object' && !Array.isArray(settings))
      return { provider, settings: settings as JsonObject }
  }
  return null
}
