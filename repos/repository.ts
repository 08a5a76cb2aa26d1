/** How to reach a Git repository. Credentials are clear here, and never in a URL, a log or an error. */
export interface RepositoryAccess {
  /** https or http URL without user info. */
  readonly url: string
  readonly credentials: { readonly username: string; readonly password: string } | null
}

export interface TreeEntry {
  /** Path from the directory that was listed, with `/`. */
  readonly path: string
  readonly kind: 'file' | 'directory' | 'symlink' | 'submodule'
  readonly objectId: string
}

/**
 * Git over HTTP, shallow, cached by object id, shared by all applications of a repository.
 * Errors: FleetError GIT_UNREACHABLE (retryable), GIT_DENIED (401, 403), GIT_NOT_FOUND (repository, ref, path), LIMIT_EXCEEDED.
 */
export interface Repositories {
  /** All branches, tags (peeled) and HEAD in one request: ref name -> commit. `HEAD` too. */
  readonly listRefs: (access: RepositoryAccess, options: { readonly signal?: AbortSignal }) => Promise<ReadonlyMap<string, string>>
  /** Makes the trees of a commit readable locally (shallow fetch of that commit when it isn't there yet). */
  readonly fetchCommit: (
    access: RepositoryAccess,
    commit: string,
    options: { readonly ref?: string; readonly signal?: AbortSignal },
  ) => Promise<void>
  /** Object id of the tree or blob at a path of a fetched commit; null when there is none. `''` is the root. */
  readonly objectIdAt: (access: RepositoryAccess, commit: string, path: string) => Promise<string | null>
  /** Everything below a directory, recursively unless told otherwise, sorted by path. */
  readonly listTree: (
    access: RepositoryAccess,
    commit: string,
    path: string,
    options?: { readonly recursive?: boolean },
  ) => Promise<readonly TreeEntry[]>
  readonly readFile: (access: RepositoryAccess, commit: string, path: string) => Promise<Uint8Array>
}

/**
 * Which commit a `targetRevision` means, given all refs: '' and HEAD, a branch, a tag, refs/..., a full 40-hex commit, or a semver range
 * over tags as Argo CD has it. Null when nothing matches.
 */
export type ResolveRevision = (refs: ReadonlyMap<string, string>, targetRevision: string) => string | null
