import type { Json } from '../../fleet/json.ts'
import type {
  BranchesRequest,
  PluginParametersRequest,
  PullRequest,
  PullRequestsRequest,
  RepositoriesRequest,
  RepositoryPathsRequest,
  ScmRepository,
} from '../../generators/requests.ts'
import type { Branch } from './host.ts'

export interface AskOptions {
  readonly signal?: AbortSignal
}

/**
 * Asks SCM hosts, and plugins of generators, over one HTTP layer with one rate budget for each credential. Everything given is complete;
 * otherwise FleetError: GIT_DENIED, GIT_NOT_FOUND (no such repository), GIT_UNREACHABLE, LIMIT_EXCEEDED, CREDENTIAL_REFUSED, INVALID_INPUT,
 * UNSUPPORTED.
 */
export interface Scm {
  readonly pullRequests: (request: PullRequestsRequest, options?: AskOptions) => Promise<readonly PullRequest[]>
  readonly repositories: (request: RepositoriesRequest, options?: AskOptions) => Promise<readonly ScmRepository[]>
  readonly branches: (request: BranchesRequest, options?: AskOptions) => Promise<readonly Branch[]>
  readonly presentPaths: (request: RepositoryPathsRequest, options?: AskOptions) => Promise<readonly string[]>
  /** What the plugin answers to `getparams.execute`. `project`: whose set asks. */
  readonly pluginParameters: (
    request: PluginParametersRequest,
    options?: AskOptions & { readonly project?: string | null },
  ) => Promise<Json>
  readonly close: () => void
}
