import { z } from 'zod'
import { textAt } from '../../fleet/json-at.ts'
import { mapBounded } from '../../fleet/map-bounded.ts'
import { branchOrEmpty, type Credential, type HostContext, isTrue, needed, type ScmHost } from './host.ts'
import type { Query } from './host-client.ts'
import { listAll, stillThere } from './listing.ts'
import { urlPath } from './url-path.ts'

const pageSizeMax = 100

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

/** GitLab (API v4). Follows Argo CD: without `pullRequestState` merge requests of every state are listed, closed and merged ones too. */
export function gitlabHost({ settings, limits, connect }: HostContext): ScmHost {
  const pathOf = (path: string) => (path.endsWith('/api/v4') ? path : `${path}/api/v4`)
  const client = connect({ publicApi: 'https://gitlab.com', pathOf, headersOf })
  /** By page number: links lead to the address in GitLab's configuration, which may be another one than ours. */
  const list = <T>(what: string, path: string, item: z.ZodType<T>, key: (item: T) => string | number, query: Query = {}) => {
    const read = async (page: string) => {
      const size = Math.min(limits.pageSize, pageSizeMax)
      const { value, headers } = await client.get(path, z.array(item), { per_page: size, ...query, page })
      // Empty on the last page. A proxy that drops it says nothing about whether this is the last one.
      const next = headers['x-next-page'] ?? (value.length < size ? '' : String(Number(page) + 1))
      return { items: value, next: typeof next === 'string' && next !== '' ? next : null }
    }
    return listAll({ what, first: '1', read, key }, limits)
  }
  /** The number of the project, or its path as one segment. */
  const projectAt = (id: number | string) => urlPath`/projects/${id}`

  return {
    pullRequests: async ({ withPaths }) => {
      const at = projectAt(needed(settings, 'project'))
      const labels = Array.isArray(settings['labels']) && settings['labels'].length > 0 ? settings['labels'].join(',') : undefined
      const state = textAt(settings, 'pullRequestState') || undefined
      const query = { labels, state, order_by: 'created_at', sort: 'asc' }
      const all = await list(
        `merge requests of ${textAt(settings, 'project')}`,
        `${at}/merge_requests`,
        mergeRequest,
        (one) => one.iid,
        query,
      )
      return mapBounded(all, limits.concurrentMax, async (one) => {
        const paths = withPaths
          ? await stillThere('a pull request', () =>
              list(`files of !${one.iid}`, `${at}/merge_requests/${one.iid}/diffs`, change, (file) => file.new_path),
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
      const group = needed(settings, 'group')
      const query = {
        include_subgroups: isTrue(settings, 'includeSubgroups'),
        with_shared: settings['includeSharedProjects'] !== false,
        topic: textAt(settings, 'topic') || undefined,
        archived: isTrue(settings, 'includeArchivedRepos') ? true : undefined,
        order_by: 'id',
        sort: 'asc',
      }
      const all = await list(`projects of ${group}`, urlPath`/groups/${group}/projects`, project, (one) => one.id, query)
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
      const at = projectAt(repositoryId ?? `${organization}/${repository}`)
      if (allBranches) {
        const all = await list(`branches of ${organization}/${repository}`, `${at}/repository/branches`, branchSchema, (one) => one.name)
        return all.map(toBranch)
      }
      if (defaultBranch === '') return []
      return branchOrEmpty(
        async () => toBranch((await client.get(`${at}/repository/branches/${encodeURIComponent(defaultBranch)}`, branchSchema)).value),
        async () => (await client.get(`${at}/repository/branches`, z.array(z.unknown()), { per_page: 1 })).value,
      )
    },

    presentPaths: async ({ organization, repository, repositoryId, branch, sha, paths }) => {
      const at = `${projectAt(repositoryId ?? `${organization}/${repository}`)}/repository`
      const ref = sha || branch
      const isThere = async (path: string) =>
        (await client.exists(`${at}/files/${urlPath`${path}`}`, { ref }, 'HEAD')) || client.exists(`${at}/tree`, { path, ref, per_page: 1 })
      const there = await mapBounded(paths, limits.concurrentMax, isThere)
      return paths.filter((_, index) => there[index])
    },
  }
}

function headersOf(credential: Credential): Readonly<Record<string, string>> {
  return credential.kind === 'token' ? { 'private-token': credential.token } : {}
}

function toBranch({ name, commit }: z.infer<typeof branchSchema>) {
  return { branch: name, sha: commit.id }
}
