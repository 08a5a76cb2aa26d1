import { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import { mapBounded } from '../../fleet/map-bounded.ts'
import { changedFile, pathsOf, pullFields, pullOf } from './github-like.ts'
import { bearer, branchOrEmpty, type Credential, type HostContext, hasLabels, isTrue, needed, type ScmHost } from './host.ts'
import { listAll, nextLink, stillThere } from './listing.ts'
import { filePath, urlPath } from './url-path.ts'

const pageSizeMax = 100
/** GitHub lists no more files of one pull request. */
const changedFilesShown = 3_000
export const githubPublicApi = 'https://api.github.com'

const pullSchema = z.object({
  ...pullFields,
  labels: z.array(z.object({ name: z.string() })),
})
const repositorySchema = z.object({
  id: z.number(),
  name: z.string(),
  owner: z.object({ login: z.string() }),
  default_branch: z.string(),
  ssh_url: z.string(),
  clone_url: z.string(),
  archived: z.boolean().optional(),
  topics: z.array(z.string()).optional(),
})
const branchSchema = z.object({ name: z.string(), commit: z.object({ sha: z.string() }) })

/** GitHub and GitHub Enterprise Server (REST API 2022-11-28). Follows Argo CD. */
export function githubHost({ settings, limits, connect }: HostContext): ScmHost {
  const client = connect({ publicApi: githubPublicApi, pathOf: githubApiPath, headersOf: githubHeaders })
  const size = Math.min(limits.pageSize, pageSizeMax)
  const list = <T>(
    what: string,
    path: string,
    item: z.ZodType<T>,
    key: (item: T) => string | number,
    query: Readonly<Record<string, string>> = {},
  ) => {
    const read = async (at: string) => {
      const { value, headers } = await client.get(at, z.array(item), at === path ? { per_page: size, ...query } : {})
      // A full page that is kept may have got another behind it, unless its tag covers the links, which nobody promises.
      const following = () => `${path}?${new URLSearchParams({ ...query, per_page: String(size), page: String(pageOf(at) + 1) })}`
      return { items: value, next: nextLink(headers) ?? (value.length < size ? null : following()) }
    }
    return listAll({ what, first: path, read, key }, limits)
  }
  const changedFiles = async (at: string, number: number) => {
    const files = await list(`files of pull request ${number}`, `${at}/pulls/${number}/files`, changedFile, (file) => file.filename)
    if (files.length >= changedFilesShown)
      throw new FleetError(
        'LIMIT_EXCEEDED',
        `pull request ${number} changes ${changedFilesShown} files or more, and GitHub doesn't show the rest`,
      )
    return pathsOf(files)
  }

  return {
    pullRequests: async ({ withPaths }) => {
      const [owner, repo] = [needed(settings, 'owner'), needed(settings, 'repo')]
      const at = urlPath`/repos/${owner}/${repo}`
      // The oldest first: new ones come at the end and move no others to another page.
      const order = { state: 'open', sort: 'created', direction: 'asc' }
      const pulls = await list(`open pull requests of ${owner}/${repo}`, `${at}/pulls`, pullSchema, (pull) => pull.number, order)
      const wanted = pulls.filter((pull) => hasLabels(settings, labelsOf(pull)))
      return mapBounded(wanted, limits.concurrentMax, async (pull) => ({
        ...pullOf(pull, labelsOf(pull)),
        ...(withPaths ? { paths: await stillThere(`#${pull.number}`, () => changedFiles(at, pull.number)) } : {}),
      }))
    },

    repositories: async ({ cloneProtocol }) => {
      const organization = needed(settings, 'organization')
      const all = await list(`repositories of ${organization}`, urlPath`/orgs/${organization}/repos`, repositorySchema, (one) => one.id)
      return all
        .filter((one) => one.archived !== true || !isTrue(settings, 'excludeArchivedRepos'))
        .map((one) => ({
          organization: one.owner.login,
          repository: one.name,
          repositoryId: one.id,
          url: cloneProtocol === 'ssh' ? one.ssh_url : one.clone_url,
          branch: one.default_branch,
          labels: one.topics ?? [],
        }))
    },

    branches: async ({ organization, repository, defaultBranch, allBranches }) => {
      const at = urlPath`/repos/${organization}/${repository}`
      if (!allBranches) {
        return branchOrEmpty(
          async () => toBranch((await client.get(`${at}/branches/${filePath(defaultBranch)}`, branchSchema)).value),
          async () => (await client.get(`${at}/branches`, z.array(z.unknown()), { per_page: 1 })).value,
        )
      }
      return (await list(`branches of ${organization}/${repository}`, `${at}/branches`, branchSchema, (one) => one.name)).map(toBranch)
    },

    presentPaths: async ({ organization, repository, branch, sha, paths }) => {
      const at = urlPath`/repos/${organization}/${repository}/contents`
      const there = await mapBounded(paths, limits.concurrentMax, (path) =>
        client.exists(`${at}/${filePath(path)}`, { ref: sha || branch }, 'HEAD'),
      )
      return paths.filter((_, index) => there[index])
    },
  }
}

/** The number of the page at an address; the first has none. */
function pageOf(at: string): number {
  return Number(new URLSearchParams(at.split('?')[1]).get('page') ?? 1)
}

/** An Enterprise Server has its API at /api/v3; addresses that begin with `api.` are the API already. As go-github, which Argo CD uses, has it. */
export function githubApiPath(path: string, host: string): string {
  return path.endsWith('/api/v3') || host.startsWith('api.') || host.includes('.api.') ? path : `${path}/api/v3`
}

export function githubHeaders(credential: Credential): Readonly<Record<string, string>> {
  return { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28', ...bearer(credential) }
}

function labelsOf(pull: z.infer<typeof pullSchema>): readonly string[] {
  return pull.labels.map((label) => label.name)
}

function toBranch({ name, commit }: z.infer<typeof branchSchema>) {
  return { branch: name, sha: commit.sha }
}
