import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import type { EventHost, EventRepository, GitEvent } from '../fleet/set/webhook-event.ts'

/** Repositories have a handful of addresses, and pushes seldom more than a few refs. */
const urlsMax = 20
const refsMax = 10_000
/** Longer names, refs and addresses are none of a repository that a set could mean. */
const textLengthMax = 2_048

/** What an event says, or null for one that starts nothing. INVALID_INPUT for one that lacks what its kind has. */
export function readEvent(host: EventHost, name: string, payload: JsonObject): GitEvent | null {
  const { push, pullRequest } = readers[host]
  if (push.events.includes(name)) {
    const repository = push.repository(payload)
    const { refs, defaultBranch } = push.read(payload)
    if (refs.length === 0 || repository.urls.length === 0) throw incomplete(name, 'ref or no address of its repository')
    const touchedHead = defaultBranch === null ? null : refs.includes(`refs/heads/${defaultBranch.replace(/^refs\/heads\//, '')}`)
    return { kind: 'push', repository, refs: refs.slice(0, refsMax), touchedHead }
  }
  if (!pullRequest.isOne(name, payload)) return null
  const repository = (pullRequest.repository ?? push.repository)(payload)
  if (Object.values(repository.names).every((names) => names.length === 0)) throw incomplete(name, 'repository')
  return { kind: 'pullRequest', repository }
}

function incomplete(event: string, what: string): FleetError {
  return new FleetError('INVALID_INPUT', `the event ${JSON.stringify(event.slice(0, 64))} names no ${what}`)
}

interface Reader {
  readonly push: {
    readonly events: readonly string[]
    /** `defaultBranch`: null when the host doesn't say. */
    readonly read: (payload: JsonObject) => { readonly refs: readonly string[]; readonly defaultBranch: string | null }
    readonly repository: (payload: JsonObject) => EventRepository
  }
  readonly pullRequest: {
    /** Whether the event is about a pull request that may be listed differently from now on. */
    readonly isOne: (name: string, payload: JsonObject) => boolean
    /** Where it isn't the one that a push names the same way. */
    readonly repository?: (payload: JsonObject) => EventRepository
  }
}

/** As GitHub's and Gitea's API references name them: what changes a list of open pull requests or anything that filters and templates see. */
const githubActions = [
  'opened',
  'closed',
  'reopened',
  'synchronize',
  'edited',
  'labeled',
  'unlabeled',
  'converted_to_draft',
  'ready_for_review',
]
const giteaActions = ['opened', 'closed', 'reopened', 'synchronized', 'edited', 'label_updated', 'label_cleared']
const gitlabActions = ['open', 'close', 'reopen', 'update', 'merge']

const readers: Readonly<Record<EventHost, Reader>> = {
  github: likeGithub('github', githubActions),
  gitea: likeGithub('gitea', giteaActions),
  gitlab: {
    push: {
      events: ['push', 'tag_push'],
      read: (payload) => ({ refs: texts(payload.ref), defaultBranch: text(at(payload, 'project', 'default_branch')) }),
      repository: gitlabRepository,
    },
    pullRequest: {
      isOne: (name, payload) => name === 'merge_request' && gitlabActions.includes(text(at(payload, 'object_attributes', 'action')) ?? ''),
    },
  },
  bitbucket: {
    push: {
      events: ['repo:push'],
      read: (payload) => ({ refs: list(at(payload, 'push', 'changes')).flatMap(bitbucketRef), defaultBranch: null }),
      repository: ({ repository }) => {
        const [owner, repo] = (text(at(repository, 'full_name')) ?? '').split('/')
        return {
          host: 'bitbucket',
          urls: texts(at(repository, 'links', 'html', 'href')),
          names: { owner: texts(owner), repo: texts(repo) },
        }
      },
    },
    pullRequest: { isOne: isOneOf(['pullrequest:created', 'pullrequest:updated', 'pullrequest:fulfilled', 'pullrequest:rejected']) },
  },
  bitbucketServer: {
    push: {
      events: ['repo:refs_changed'],
      read: ({ changes }) => ({ refs: list(changes).flatMap((change) => texts(at(change, 'ref', 'id'))), defaultBranch: null }),
      repository: ({ repository }) => bitbucketServerRepository(repository),
    },
    pullRequest: {
      isOne: isOneOf(['pr:opened', 'pr:modified', 'pr:from_ref_updated', 'pr:merged', 'pr:declined', 'pr:deleted']),
      repository: ({ pullRequest }) => bitbucketServerRepository(at(pullRequest, 'toRef', 'repository')),
    },
  },
  azuredevops: {
    push: {
      events: ['git.push'],
      read: ({ resource }) => ({
        refs: list(at(resource, 'refUpdates')).flatMap((update) => texts(at(update, 'name'))),
        defaultBranch: text(at(resource, 'repository', 'defaultBranch')),
      }),
      repository: azureRepository,
    },
    pullRequest: { isOne: isOneOf(['git.pullrequest.created', 'git.pullrequest.updated', 'git.pullrequest.merged']) },
  },
}

function isOneOf(names: readonly string[]): (name: string) => boolean {
  return (name) => names.includes(name)
}

function likeGithub(host: 'github' | 'gitea', actions: readonly string[]): Reader {
  return {
    push: {
      events: ['push'],
      read: ({ ref, repository }) => ({ refs: texts(ref), defaultBranch: text(at(repository, 'default_branch')) }),
      repository: ({ repository }) => ({
        host,
        urls: urlsOf([repository]),
        names: { owner: texts(at(repository, 'owner', 'login'), at(repository, 'owner', 'name')), repo: texts(at(repository, 'name')) },
      }),
    },
    pullRequest: { isOne: (name, { action }) => name === 'pull_request' && typeof action === 'string' && actions.includes(action) },
  }
}

function gitlabRepository({ project, repository, project_id: id }: JsonObject): EventRepository {
  const path = at(project, 'path_with_namespace')
  const escaped = typeof path === 'string' ? encodeURIComponent(path) : undefined
  return { host: 'gitlab', urls: urlsOf([project, repository]), names: { project: texts(at(project, 'id'), id, path, escaped) } }
}

function bitbucketRef(change: Json): readonly string[] {
  return [at(change, 'new'), at(change, 'old')].filter(isJsonObject).flatMap(({ type, name }) => {
    if (typeof name !== 'string') return []
    return [`refs/${type === 'tag' ? 'tags' : 'heads'}/${name}`]
  })
}

function bitbucketServerRepository(repository: Json | undefined): EventRepository {
  const links = [...list(at(repository, 'links', 'clone')), ...list(at(repository, 'links', 'self'))]
  // The page of a repository lies elsewhere than what is cloned.
  const urls = links.flatMap((link) => texts(at(link, 'href'))).map((url) => url.replace(/\/browse$/, ''))
  return {
    host: 'bitbucketServer',
    urls: urls.slice(0, urlsMax),
    names: { project: texts(at(repository, 'project', 'key')), repo: texts(at(repository, 'slug')) },
  }
}

function azureRepository({ resource }: JsonObject): EventRepository {
  const repository = at(resource, 'repository')
  const url = text(at(repository, 'remoteUrl'))
  // `https://dev.azure.com/ORGANIZATION/...`, or of old `https://ORGANIZATION.visualstudio.com/...`.
  const organization = /^https:\/\/(?:[^/@]*@)?(?:dev\.azure\.com\/([^/]+)|([^/.]+)\.visualstudio\.com)/i.exec(url ?? '')
  return {
    host: 'azuredevops',
    urls: texts(url),
    names: {
      organization: texts(organization?.[1] ?? organization?.[2]),
      project: texts(at(repository, 'project', 'name'), at(repository, 'project', 'id')),
      repo: texts(at(repository, 'name'), at(repository, 'id')),
    },
  }
}

const urlFields = ['clone_url', 'html_url', 'git_url', 'ssh_url', 'url', 'git_http_url', 'git_ssh_url', 'http_url', 'web_url', 'homepage']

/** Addresses as they were sent: a field that holds something else than an address names no repository, and matches none. */
function urlsOf(holders: readonly (Json | undefined)[]): readonly string[] {
  const urls = holders.flatMap((holder) => urlFields.flatMap((field) => texts(at(holder, field)))).filter(isAddress)
  return [...new Set(urls)].slice(0, urlsMax)
}

function isAddress(url: string): boolean {
  return /^(?:(?:https?|ssh|git):\/\/|[^/\s]+@[^/\s]+:)[^\s]+$/i.test(url)
}

function at(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  let found: Json | undefined = value
  for (const key of keys) found = isJsonObject(found) && Object.hasOwn(found, key) ? found[key] : undefined
  return found
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** The texts and numbers among values. */
function texts(...values: readonly (Json | undefined)[]): readonly string[] {
  const found = values.filter((value) => (typeof value === 'string' && value !== '') || typeof value === 'number').map(String)
  return found.filter((one) => one.length <= textLengthMax)
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}
