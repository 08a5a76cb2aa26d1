import { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import { textAt } from '../../fleet/json-at.ts'
import { mapBounded } from '../../fleet/map-bounded.ts'
import { gitbeakerOf, gitlabApiPath } from './gitbeaker.ts'
import { branchOrEmpty, type Credential, type HostContext, isFound, isTrue, needed, presentOf, type ScmHost } from './host.ts'
import { checked } from './host-client.ts'
import { listAll, stillThere } from './listing.ts'
import { name, urlPath } from './url-path.ts'

const pageSizeMax = 100
const states = ['opened', 'closed', 'merged', 'locked'] as const

const mergeRequest = z.object({
  iid: z.number(),
  title: z.string(),
  draft: z.boolean().optional(),
  source_branch: z.string(),
  target_branch: z.string(),
  // Null while GitLab is still making the merge request.
  sha: z.string().nullable(),
  author: z.object({ username: z.string() }).nullable(),
  labels: z.array(z.string()),
})
const change = z.object({ old_path: z.string(), new_path: z.string() })
const project = z.object({
  id: z.number(),
  path: z.string(),
  namespace: z.object({ full_path: z.string() }),
  // Null for an empty repository.
  default_branch: z.string().nullish(),
  ssh_url_to_repo: z.string(),
  http_url_to_repo: z.string(),
  topics: z.array(z.string()).optional(),
  tag_list: z.array(z.string()).optional(),
})
const branchSchema = z.object({ name: z.string(), commit: z.object({ id: z.string() }) })

/** GitLab (API v4), by gitbeaker. Follows Argo CD: without `pullRequestState` merge requests of every state are listed, closed and merged ones too. */
export function gitlabHost({ settings, limits, connect }: HostContext): ScmHost {
  const pathOf = (path: string) => (path.endsWith(gitlabApiPath) ? path : `${path}${gitlabApiPath}`)
  const client = connect({ publicApi: 'https://gitlab.com', pathOf, headersOf })
  const gitlab = gitbeakerOf(client)
  /** By page number: links lead to the address in GitLab's configuration, which may be another one than ours. */
  const list = <T>(what: string, ask: (at: PageAt) => Promise<PageAnswer>, item: z.ZodType<T>, key: (item: T) => string | number) => {
    const read = async (at: string) => {
      const size = Math.min(limits.pageSize, pageSizeMax)
      const page = Number(at)
      const { data, paginationInfo } = await ask({ page, perPage: size, showExpanded: true })
      const items = checked(data, z.array(item), `the list of ${what} at ${client.base.origin}`)
      // GitLab says whether there is a next page; behind a proxy that drops its headers a full page may have another one.
      const isLast = (paginationInfo?.next ?? null) === null && items.length < size
      return { items, next: isLast ? null : String(page + 1) }
    }
    return listAll({ what, first: '1', read, key }, limits)
  }

  return {
    pullRequests: async ({ withPaths }) => {
      const projectId = name(needed(settings, 'project'))
      const labels = Array.isArray(settings['labels']) ? settings['labels'].join(',') : ''
      const state = stateOf(textAt(settings, 'pullRequestState'))
      const query = {
        ...(labels === '' ? {} : { labels }),
        ...(state === null ? {} : { state }),
        orderBy: 'created_at',
        sort: 'asc',
      } as const
      const all = await list(
        `merge requests of ${projectId}`,
        (at) => gitlab.mergeRequests.all({ projectId, ...query, ...at }),
        mergeRequest,
        (one) => one.iid,
      )
      return mapBounded(all, limits.concurrentMax, async (one) => {
        const paths = withPaths
          ? await stillThere('a pull request', () =>
              list(
                `files of !${one.iid}`,
                (at) => gitlab.mergeRequests.allDiffs(projectId, one.iid, at),
                change,
                (file) => file.new_path,
              ),
            )
          : null
        return {
          number: one.iid,
          title: one.title,
          branch: one.source_branch,
          targetBranch: one.target_branch,
          headSHA: one.sha ?? '',
          ...(one.sha === null ? { isPending: true } : {}),
          author: one.author?.username ?? '',
          labels: one.labels,
          ...(one.draft === undefined ? {} : { draft: one.draft }),
          ...(paths === null ? {} : { paths: [...new Set(paths.flatMap((file) => [file.new_path, file.old_path]))] }),
        }
      })
    },

    repositories: async ({ cloneProtocol }) => {
      const group = name(needed(settings, 'group'))
      const topic = textAt(settings, 'topic')
      const query = {
        includeSubgroups: isTrue(settings, 'includeSubgroups'),
        withShared: settings['includeSharedProjects'] !== false,
        ...(topic === '' ? {} : { topic }),
        ...(isTrue(settings, 'includeArchivedRepos') ? { archived: true } : {}),
        orderBy: 'id',
        sort: 'asc',
      } as const
      const all = await list(
        `projects of ${group}`,
        (at) => gitlab.groups.allProjects(group, { ...query, ...at }),
        project,
        (one) => one.id,
      )
      return all.map((one) => ({
        organization: one.namespace.full_path,
        repository: one.path,
        repositoryId: one.id,
        url: cloneProtocol === 'ssh' ? one.ssh_url_to_repo : one.http_url_to_repo,
        branch: one.default_branch ?? '',
        // Before GitLab 14.5 topics were called tags.
        labels: one.topics !== undefined && one.topics.length > 0 ? one.topics : (one.tag_list ?? []),
      }))
    },

    branches: async ({ organization, repository, repositoryId, defaultBranch, allBranches }) => {
      const id = repositoryId ?? `${organization}/${repository}`
      const page = (at: PageAt) => gitlab.branches.all(id, at)
      if (allBranches) {
        return (await list(`branches of ${organization}/${repository}`, page, branchSchema, (one) => one.name)).map(toBranch)
      }
      if (defaultBranch === '') return []
      const what = `a branch of ${organization}/${repository} at ${client.base.origin}`
      return branchOrEmpty(
        async () => toBranch(checked(await gitlab.branches.show(id, defaultBranch), branchSchema, what)),
        async () => checked(await gitlab.branches.all(id, { page: 1, perPage: 1 }), z.array(z.unknown()), what),
      )
    },

    presentPaths: async ({ organization, repository, repositoryId, branch, sha, paths }) => {
      const id = repositoryId ?? `${organization}/${repository}`
      const ref = sha || branch
      // gitbeaker has no way to ask about a file without fetching it.
      const isFile = (path: string) => client.exists(urlPath`/projects/${id}/repository/files/${path}`, { ref }, 'HEAD')
      const isThere = async (path: string) =>
        (await isFile(path)) || isFound(() => gitlab.repositories.allRepositoryTrees(id, { path, ref, perPage: 1, maxPages: 1 }))
      return presentOf(paths, limits, isThere)
    },
  }
}

/** Null: merge requests of every state. */
function stateOf(text: string) {
  if (text === '' || text === 'all') return null
  const state = states.find((known) => known === text)
  if (state === undefined)
    throw new FleetError('INVALID_INPUT', `pullRequestState ${JSON.stringify(text.slice(0, 100))} is none of ${states.join(', ')}, all`)
  return state
}

interface PageAt {
  readonly page: number
  readonly perPage: number
  readonly showExpanded: true
}

interface PageAnswer {
  readonly data: unknown
  readonly paginationInfo?: { readonly next?: number | null }
}

function headersOf(credential: Credential): Readonly<Record<string, string>> {
  return credential.kind === 'token' ? { 'private-token': credential.token } : {}
}

function toBranch({ name, commit }: z.infer<typeof branchSchema>) {
  return { branch: name, sha: commit.id }
}
