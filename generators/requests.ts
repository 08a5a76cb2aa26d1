import { canonicalJson } from '../fleet/canonical-json.ts'
import type { JsonObject } from '../fleet/json.ts'
import type { LabelSelector } from '../fleet/label-selector.ts'
import type { SourceRequest } from './generator.ts'
import type { GitFileGlobbing } from './git-file-glob.ts'

/*
 * Every question that a generator asks of the outside world, and the shape of its answer (`value` of a complete SourceAnswer). An answer is
 * all there is (every page, no error) or incomplete with the reason; 403 and 404 are reasons, never empty lists. Requests hold
 * names of credentials, never credentials. Answers that are of another shape count as incomplete.
 */

/** Which project's credentials and rules an answer may use; null: the set's project is a template, so only global credentials may be. */
interface Scoped {
  readonly project: string | null
}

interface GitRequest extends Scoped {
  readonly repoURL: string
  /** As written in the manifest: branch, tag, commit, `HEAD` or ''. Whoever answers resolves it once a repository and pass. */
  readonly revision: string
}

/** All directories of a repository. Answer: GitDirectoriesAnswer. */
export interface GitDirectoriesRequest extends GitRequest {
  readonly kind: 'gitDirectories'
}

export interface GitDirectoriesAnswer {
  /** Slash-separated, from the root, without the root itself. Hidden ones may be among them: they are left out here. */
  readonly directories: readonly string[]
}

/** The files that one pattern matches: matchesGitFile() of git-file-glob.ts says which. Answer: GitFilesAnswer. */
export interface GitFilesRequest extends GitRequest {
  readonly kind: 'gitFiles'
  readonly pattern: string
  readonly globbing: GitFileGlobbing
  /** False: only which files there are is asked; their text may be left empty. */
  readonly contents: boolean
}

export interface GitFilesAnswer {
  /** Path in the repository to UTF-8 text. */
  readonly files: Readonly<Record<string, string>>
}

/**
 * The pull requests of a repository: open ones (GitLab: of `settings.pullRequestState`), with all of `settings.labels`. Answer:
 * PullRequestsAnswer; an incomplete one with `notFound` when the host says that there is no such repository.
 */
export interface PullRequestsRequest extends Scoped {
  readonly kind: 'pullRequests'
  readonly provider: PullRequestProvider
  /** The provider's fields as in the manifest (owner, repo, api, tokenRef, labels ...). */
  readonly settings: JsonObject
  /** The filters look at changed paths: `paths` of each pull request has to be there. */
  readonly withPaths: boolean
}

export type PullRequestProvider = 'github' | 'gitlab' | 'gitea' | 'bitbucketServer' | 'bitbucket' | 'azuredevops'

export interface PullRequestsAnswer {
  readonly pullRequests: readonly PullRequest[]
}

export interface PullRequest {
  readonly number: number
  readonly title: string
  readonly branch: string
  readonly targetBranch: string
  readonly headSHA: string
  /** The host names no commit for it (yet): headSHA is empty, which as a revision would be the default branch. */
  readonly isPending?: boolean
  readonly author: string
  readonly labels?: readonly string[] | null
  readonly draft?: boolean
  /** Changed files, from the root. */
  readonly paths?: readonly string[]
}

interface ScmRequest extends Scoped {
  readonly provider: ScmProvider
  /** The provider's fields as in the manifest (organization, group, api, tokenRef ...), but for `allBranches`. */
  readonly settings: JsonObject
}

export type ScmProvider = 'github' | 'gitlab' | 'gitea' | 'bitbucketServer' | 'bitbucket' | 'azureDevOps' | 'awsCodeCommit'

/** `https-fips`: of AWS CodeCommit only. */
export type CloneProtocol = 'ssh' | 'https' | 'https-fips'

/** The repositories of an organization, each once. Answer: RepositoriesAnswer. */
export interface RepositoriesRequest extends ScmRequest {
  readonly kind: 'repositories'
  readonly cloneProtocol: CloneProtocol
}

export interface RepositoriesAnswer {
  readonly repositories: readonly ScmRepository[]
}

export interface ScmRepository {
  readonly organization: string
  readonly repository: string
  /** As the host gives it: a number, or text (UUIDs of Azure DevOps and Bitbucket); null for none. */
  readonly repositoryId?: number | string | null
  /** For the asked clone protocol. */
  readonly url: string
  /** The default branch. */
  readonly branch: string
  readonly labels?: readonly string[] | null
}

/** Branches of one repository: all, or only the default one with its head. Answer: BranchesAnswer. */
export interface BranchesRequest extends ScmRequest {
  readonly kind: 'branches'
  readonly organization: string
  readonly repository: string
  readonly repositoryId: number | string | null
  readonly defaultBranch: string
  readonly allBranches: boolean
}

export interface BranchesAnswer {
  readonly branches: readonly { readonly branch: string; readonly sha: string }[]
}

/** Which of some paths are there in a repository at a commit: files and directories. Answer: RepositoryPathsAnswer. */
export interface RepositoryPathsRequest extends ScmRequest {
  readonly kind: 'repositoryPaths'
  readonly organization: string
  readonly repository: string
  readonly repositoryId: number | string | null
  readonly branch: string
  readonly sha: string
  readonly paths: readonly string[]
}

export interface RepositoryPathsAnswer {
  readonly present: readonly string[]
}

/** A ConfigMap of the hub, in the namespace of the set. Answer: ConfigMapAnswer. */
export interface ConfigMapRequest {
  readonly kind: 'configMap'
  readonly name: string
}

export interface ConfigMapAnswer {
  readonly data: Readonly<Record<string, string>>
}

/** Custom resources of the hub, in the namespace that the administrator names: the one of this name, or those that match. Answer: ResourcesAnswer. */
export interface ResourcesRequest {
  readonly kind: 'resources'
  readonly apiVersion: string
  /** Plural, in lower case: `placementdecisions`. */
  readonly resource: string
  readonly name: string | null
  readonly labelSelector: LabelSelector | null
}

export interface ResourcesAnswer {
  readonly resources: readonly JsonObject[]
}

/**
 * `POST <baseUrl>/api/v1/getparams.execute` with the token as Bearer and `{applicationSetName, input: {parameters}}` as body. The answer's
 * value is the JSON body of a 200; anything else is incomplete.
 */
export interface PluginParametersRequest {
  readonly kind: 'pluginParameters'
  readonly baseUrl: string
  /** Which Secret of the hub's namespace, and which key in it. */
  readonly token: { readonly secretName: string; readonly key: string }
  readonly timeoutSeconds: number
  readonly applicationSetName: string
  readonly parameters: JsonObject
}

export type KnownRequest =
  | GitDirectoriesRequest
  | GitFilesRequest
  | PullRequestsRequest
  | RepositoriesRequest
  | BranchesRequest
  | RepositoryPathsRequest
  | ConfigMapRequest
  | ResourcesRequest
  | PluginParametersRequest

/** The identity of a request: two with the same key have the same answer. */
export function requestKey(request: SourceRequest): string {
  return canonicalJson(request)
}
