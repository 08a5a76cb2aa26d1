import { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import { mapBounded } from '../../fleet/map-bounded.ts'
import { bearer, branchOrEmpty, type HostContext, needed, presentOf, type ScmHost } from './host.ts'
import { listAll, stillThere } from './listing.ts'
import { filePath, urlPath } from './url-path.ts'

/** Pull requests come in pages of 50 at most, everything else of 100. */
const pullsPageSizeMax = 50
const pageSizeMax = 100

const pullSchema = z.object({
  id: z.number(),
  title: z.string(),
  draft: z.boolean().optional(),
  // Nobody, when the account was deleted.
  author: z.object({ nickname: z.string().optional() }).nullish(),
  source: z.object({ branch: z.object({ name: z.string() }), commit: z.object({ hash: z.string() }).nullish() }),
  destination: z.object({ branch: z.object({ name: z.string() }) }),
})
const side = z.object({ path: z.string() }).nullish()
const change = z.object({ old: side, new: side })
const repositorySchema = z.object({
  uuid: z.string(),
  slug: z.string(),
  // None in an empty repository.
  mainbranch: z.object({ name: z.string() }).nullish(),
  links: z.object({ clone: z.array(z.object({ name: z.string(), href: z.string() })) }),
})
const branchSchema = z.object({ name: z.string(), target: z.object({ hash: z.string() }) })

/** Bitbucket Cloud (API 2.0). Follows Argo CD; commits of pull requests are 12 digits long there, and here. */
export function bitbucketCloudHost({ settings, limits, connect }: HostContext): ScmHost {
  const client = connect({ publicApi: 'https://api.bitbucket.org/2.0', pathOf: (path) => path, headersOf: bearer })
  const list = <T>(
    what: string,
    path: string,
    item: z.ZodType<T>,
    key: (item: T) => string | number,
    query: Readonly<Record<string, string>> = {},
  ) => {
    const size = Math.min(limits.pageSize, path.endsWith('/pullrequests') ? pullsPageSizeMax : pageSizeMax)
    const page = z.object({ values: z.array(item), next: z.string().optional() })
    const read = async (at: string) => {
      const { value } = await client.get(at, page, at === path ? { pagelen: size, ...query } : {})
      return { items: value.values, next: value.next ?? null }
    }
    return listAll({ what, first: path, read, key }, limits)
  }

  return {
    pullRequests: async ({ withPaths }) => {
      const [owner, repo] = [needed(settings, 'owner'), needed(settings, 'repo')]
      const at = urlPath`/repositories/${owner}/${repo}/pullrequests`
      const query = { state: 'OPEN', sort: 'created_on' }
      const pulls = await list(`open pull requests of ${owner}/${repo}`, at, pullSchema, (pull) => pull.id, query)
      return mapBounded(pulls, limits.concurrentMax, async (pull) => {
        const nameOf = (one: z.infer<typeof change>) => one.new?.path ?? one.old?.path ?? ''
        const changes = withPaths
          ? await stillThere('a pull request', () => list(`files of pull request ${pull.id}`, `${at}/${pull.id}/diffstat`, change, nameOf))
          : null
        return {
          number: pull.id,
          title: pull.title,
          branch: pull.source.branch.name,
          targetBranch: pull.destination.branch.name,
          headSHA: pull.source.commit?.hash ?? '',
          ...(pull.source.commit == null ? { isPending: true } : {}),
          author: pull.author?.nickname ?? '',
          ...(pull.draft === undefined ? {} : { draft: pull.draft }),
          ...(changes === null ? {} : { paths: [...new Set(changes.flatMap((one) => [one.new?.path ?? [], one.old?.path ?? []].flat()))] }),
        }
      })
    },

    repositories: async ({ cloneProtocol }) => {
      const owner = needed(settings, 'owner')
      const all = await list(`repositories of ${owner}`, urlPath`/repositories/${owner}`, repositorySchema, (one) => one.uuid, {
        role: 'member',
      })
      return all.map((one) => {
        const url = one.links.clone.find((link) => link.name === cloneProtocol)?.href
        if (url === undefined) throw new FleetError('GIT_UNREACHABLE', `${owner}/${one.slug} has no ${cloneProtocol} address for clones`)
        return { organization: owner, repository: one.slug, repositoryId: one.uuid, url, branch: one.mainbranch?.name ?? '', labels: [] }
      })
    },

    branches: async ({ organization, repository, defaultBranch, allBranches }) => {
      const repositoryAt = urlPath`/repositories/${organization}/${repository}`
      const at = `${repositoryAt}/refs/branches`
      if (allBranches) return (await list(`branches of ${organization}/${repository}`, at, branchSchema, (one) => one.name)).map(toBranch)
      if (defaultBranch === '') return []
      return branchOrEmpty(
        async () => toBranch((await client.get(`${at}/${filePath(defaultBranch)}`, branchSchema)).value),
        async () => (await client.get(at, z.object({ values: z.array(z.unknown()) }), { pagelen: 1 })).value.values,
      )
    },

    presentPaths: async ({ organization, repository, branch, sha, paths }) => {
      const at = `${urlPath`/repositories/${organization}/${repository}/src/${sha || branch}`}`
      return presentOf(paths, limits, (path) => client.exists(`${at}/${filePath(path)}`, { format: 'meta' }))
    },
  }
}

function toBranch({ name, target }: z.infer<typeof branchSchema>) {
  return { branch: name, sha: target.hash }
}
