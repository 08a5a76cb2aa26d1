/** The Git hosts whose events are understood. Forgejo is `gitea`. */
export type EventHost = 'github' | 'gitea' | 'gitlab' | 'bitbucket' | 'bitbucketServer' | 'azuredevops'

/** What a Git host says of a repository. It is a hint: who believes it must still ask the host. */
export interface EventRepository {
  readonly host: EventHost
  /** Every address that the event names it by, as it was sent: https, http and SSH. */
  readonly urls: readonly string[]
  /** By the field of a pullRequest generator (`owner`, `repo`, `project` ...): every way to write it. */
  readonly names: Readonly<Record<string, readonly string[]>>
}

/** What of a Git event matters to sets. */
export type GitEvent =
  | {
      readonly kind: 'push'
      readonly repository: EventRepository
      /** Pushed or deleted refs: `refs/heads/main`, `refs/tags/v1`. */
      readonly refs: readonly string[]
      /** Whether the default branch is among them; null when the host doesn't say. */
      readonly touchedHead: boolean | null
    }
  /** A pull request came, went, or changed in a way that a generator may ask for: commits, branches, title, labels, draft. */
  | { readonly kind: 'pullRequest'; readonly repository: EventRepository }
