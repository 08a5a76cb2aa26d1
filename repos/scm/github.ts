import { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import { mapBounded } from '../../fleet/map-bounded.ts'
import { changedFile, pathsOf, pullFields, pullOf } from './github-like.ts'
import {
  bearer,
  branchOrEmpty,
  type Credential,
  type HostContext,
  hasLabels,
  isFound,
  isTrue,
  needed,
  presentOf,
  type ScmHost,
} from './host.ts'
import { checked } from './host-client.ts'
import { listAll, nextLink, stillThere } from './listing.ts'
import { octokitOf } from './octokit.ts'
import { repositoryPath } from './url-path.ts'

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

/** GitHub and GitHub Enterprise Server (REST API 2022-11-28), by Octokit. Follows Argo CD. */
export function githubHost({ settings, limits, connect }: HostContext): ScmHost {
  const octokit = octokitOf(connect({ publicApi: githubPublicApi, pathOf: githubApiPath, headersOf: githubHeaders }))
  const size = Math.min(limits.pageSize, pageSizeMax)
  /** By page number: a link would lead to the address in the server's configuration, which may be another one than ours. */
  const list = <T>(
    what: string,
    ask: (at: { readonly per_page: number; readonly page?: number }) => Promise<OctokitAnswer>,
    item: z.ZodType<T>,
    key: (item: T) => string | number,
  ) => {
    const read = async (at: string) => {
      const page = Number(at)
      const { data, headers, url } = await ask({ per_page: size, ...(page === 1 ? {} : { page }) })
      const items = checked(data, z.array(item), url)
      // A full page that is kept may have got another behind it, unless its tag covers the links, which nobody promises.
      return { items, next: nextLink(headers) !== null || items.length >= size ? String(page + 1) : null }
    }
    return listAll({ what, first: '1', read, key }, limits)
  }
  const changedFiles = async (repository: { readonly owner: string; readonly repo: string }, number: number) => {
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files'
    const ask = (at: object) => octokit.request(route, { ...repository, pull_number: number, ...at })
    const files = await list(`files of pull request ${number}`, ask, changedFile, (file) => file.filename)
    if (files.length >= changedFilesShown)
      throw new FleetError(
        'LIMIT_EXCEEDED',
        `pull request ${number} changes ${changedFilesShown} files or more, and GitHub doesn't show the rest`,
      )
    return pathsOf(files)
  }

  return {
    pullRequests: async ({ withPaths }) => {
      const repository = { owner: needed(settings, 'owner'), repo: needed(settings, 'repo') }
      // The oldest first: new ones come at the end and move no others to another page.
      const order = { state: 'open', sort: 'created', direction: 'asc' } as const
      const ask = (at: object) => octokit.request('GET /repos/{owner}/{repo}/pulls', { ...repository, ...order, ...at })
      const pulls = await list(`open pull requests of ${repository.owner}/${repository.repo}`, ask, pullSchema, (pull) => pull.number)
      const wanted = pulls.filter((pull) => hasLabels(settings, labelsOf(pull)))
      return mapBounded(wanted, limits.concurrentMax, async (pull) => ({
        ...pullOf(pull, labelsOf(pull)),
        ...(withPaths ? { paths: await stillThere(`#${pull.number}`, () => changedFiles(repository, pull.number)) } : {}),
      }))
    },

    repositories: async ({ cloneProtocol }) => {
      const organization = needed(settings, 'organization')
      const ask = (at: object) => octokit.request('GET /orgs/{org}/repos', { org: organization, ...at })
      const all = await list(`repositories of ${organization}`, ask, repositorySchema, (one) => one.id)
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
      const at = { owner: organization, repo: repository }
      const ask = (page: object) => octokit.request('GET /repos/{owner}/{repo}/branches', { ...at, ...page })
      if (allBranches) return (await list(`branches of ${organization}/${repository}`, ask, branchSchema, (one) => one.name)).map(toBranch)
      return branchOrEmpty(
        async () => {
          const { data, url } = await octokit.request('GET /repos/{owner}/{repo}/branches/{branch}', { ...at, branch: defaultBranch })
          return toBranch(checked(data, branchSchema, url))
        },
        async () => {
          const { data, url } = await ask({ per_page: 1 })
          return checked(data, z.array(z.unknown()), url)
        },
      )
    },

    presentPaths: async ({ organization, repository, branch, sha, paths }) => {
      const at = { owner: organization, repo: repository, ref: sha || branch }
      const isThere = (path: string) =>
        isFound(() => octokit.request('HEAD /repos/{owner}/{repo}/contents/{path}', { ...at, path: repositoryPath(path) }))
      return presentOf(paths, limits, isThere)
    },
  }
}

interface OctokitAnswer {
  readonly data: unknown
  readonly headers: Readonly<Record<string, unknown>>
  readonly url: string
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
