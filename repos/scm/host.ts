import { FleetError } from '../../fleet/errors.ts'
import type { JsonObject } from '../../fleet/json.ts'
import { textAt } from '../../fleet/json-at.ts'
import { mapBounded } from '../../fleet/map-bounded.ts'
import type {
  BranchesRequest,
  PullRequest,
  PullRequestsRequest,
  RepositoriesRequest,
  RepositoryPathsRequest,
  ScmRepository,
} from '../../generators/requests.ts'
import type { HostClient } from './host-client.ts'
import type { ScmLimits } from './limits.ts'

export interface Branch {
  readonly branch: string
  readonly sha: string
}

/** One kind of SCM host. Everything it gives is complete; otherwise it throws FleetError. GIT_NOT_FOUND: there is no such repository. */
export interface ScmHost {
  readonly pullRequests: (request: PullRequestsRequest) => Promise<readonly PullRequest[]>
  readonly repositories: (request: RepositoriesRequest) => Promise<readonly ScmRepository[]>
  readonly branches: (request: BranchesRequest) => Promise<readonly Branch[]>
  /** Those of `request.paths` that are there. */
  readonly presentPaths: (request: RepositoryPathsRequest) => Promise<readonly string[]>
}

/** Who the requests come from. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }

export interface HostContext {
  readonly settings: JsonObject
  readonly limits: ScmLimits
  /** Makes a client of the API at `settings.api` or, without it, of `publicApi`, after both were checked. */
  readonly connect: (options: {
    /** Null: the provider has no public host, so `api` has to be given. */
    readonly publicApi: string | null
    /** Puts behind the address what leads to the API. */
    readonly pathOf: (path: string, host: string) => string
    readonly headersOf: (credential: Credential) => Readonly<Record<string, string>>
  }) => HostClient
}

export type ScmHostFactory = (context: HostContext) => ScmHost

/** A field that a provider can't do without. */
export function needed(settings: JsonObject, field: string): string {
  const text = textAt(settings, field)
  if (text === '') throw new FleetError('INVALID_INPUT', `${field} of the provider is missing`)
  return text
}

export function isTrue(settings: JsonObject, field: string): boolean {
  return settings[field] === true
}

/** Whether a pull request has all the labels that the manifest asks for, exactly as written. */
export function hasLabels(settings: JsonObject, labels: readonly string[]): boolean {
  const asked = settings['labels']
  return !Array.isArray(asked) || asked.every((label) => labels.includes(String(label)))
}

/**
 * The one branch, as a list; none when it isn't there because the repository is empty, which a page of `branches` with nothing on it shows. That
 * the repository can be seen shows nothing: a token may see it and none of its contents, and a branch may have been renamed just now.
 */
export async function branchOrEmpty(
  branch: () => Promise<Branch>,
  branches: () => Promise<readonly unknown[]>,
): Promise<readonly Branch[]> {
  try {
    return [await branch()]
  } catch (error) {
    if (!(error instanceof FleetError) || error.code !== 'GIT_NOT_FOUND') throw error
    if ((await branches()).length > 0) throw error
    return []
  }
}

/** Those paths for which `isThere` says so, a few asked about at the same time. */
export async function presentOf(
  paths: readonly string[],
  { concurrentMax }: Pick<ScmLimits, 'concurrentMax'>,
  isThere: (path: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const there = await mapBounded(paths, concurrentMax, isThere)
  return paths.filter((_, index) => there[index])
}

/** Whether what is asked about is there: GIT_NOT_FOUND is a plain no. */
export async function isFound(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask()
    return true
  } catch (error) {
    if (error instanceof FleetError && error.code === 'GIT_NOT_FOUND') return false
    throw error
  }
}

export function bearer(credential: Credential): Readonly<Record<string, string>> {
  if (credential.kind === 'token') return { authorization: `Bearer ${credential.token}` }
  return credential.kind === 'basic' ? basic(credential.username, credential.password) : {}
}

export function basic(username: string, password: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}
