import { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import { mapBounded } from '../../fleet/map-bounded.ts'
import { bearer, branchOrEmpty, type HostContext, needed, presentOf, type ScmHost } from './host.ts'
import type { Query } from './host-client.ts'
import { listAll, stillThere } from './listing.ts'
import { filePath, urlPath } from './url-path.ts'

const pageSizeMax = 100

const ref = z.object({ displayId: z.string(), latestCommit: z.string() })
const pullSchema = z.object({
  id: z.number(),
  title: z.string(),
  draft: z.boolean().optional(),
  author: z.object({ user: z.object({ name: z.string() }) }).nullish(),
  fromRef: ref,
  toRef: z.object({ displayId: z.string() }),
})
const path = z.object({ toString: z.string() })
const change = z.object({ path, srcPath: path.nullish() })
const repositorySchema = z.object({
  id: z.number(),
  name: z.string(),
  slug: z.string(),
  project: z.object({ key: z.string() }),
  links: z.object({ clone: z.array(z.object({ name: z.string(), href: z.string() })).optional() }),
})

/** Bitbucket Server and Data Center (REST API 1.0). Follows Argo CD: `repository` is the repository's name, not its slug; there are no labels. */
export function bitbucketServerHost({ settings, limits, connect }: HostContext): ScmHost {
  const pathOf = (base: string) => `${bitbucketRest(base)}/api/1.0`
  const client = connect({ publicApi: null, pathOf, headersOf: bearer })
  const list = <T>(what: string, at: string, item: z.ZodType<T>, key: (item: T) => string | number, query: Query = {}) => {
    const page = z.object({ values: z.array(item), isLastPage: z.boolean(), nextPageStart: z.number().nullish() })
    const read = async (start: string) => {
      const { value } = await client.get(at, page, { limit: Math.min(limits.pageSize, pageSizeMax), ...query, start })
      if (value.isLastPage) return { items: value.values, next: null }
      if (typeof value.nextPageStart !== 'number')
        throw new FleetError('GIT_UNREACHABLE', `a page of ${what} doesn't say where the next one starts`)
      return { items: value.values, next: String(value.nextPageStart) }
    }
    return listAll({ what, first: '0', read, key }, limits)
  }

  /** Newer servers have the default branch at another address, and without its commit. */
  const defaultBranch = async (at: string) => {
    const found = async () => {
      const old = await orMissing(() => client.get(`${at}/branches/default`, ref))
      if (old !== null) return toBranch(old.value)
      const { displayId } = (await client.get(`${at}/default-branch`, z.object({ displayId: z.string() }))).value
      const named = await list(`branches of ${at}`, `${at}/branches`, ref, (one) => one.displayId, { filterText: displayId })
      const one = named.find((branch) => branch.displayId === displayId)
      if (one === undefined) throw new FleetError('GIT_NOT_FOUND', `the default branch ${displayId} doesn't exist yet`)
      return toBranch(one)
    }
    const some = z.object({ values: z.array(z.unknown()) })
    return branchOrEmpty(found, async () => (await client.get(`${at}/branches`, some, { limit: 1 })).value.values)
  }

  return {
    pullRequests: async ({ withPaths }) => {
      const [project, repo] = [needed(settings, 'project'), needed(settings, 'repo')]
      const at = urlPath`/projects/${project}/repos/${repo}/pull-requests`
      const query = { state: 'OPEN', order: 'OLDEST' }
      const pulls = await list(`open pull requests of ${project}/${repo}`, at, pullSchema, (pull) => pull.id, query)
      return mapBounded(pulls, limits.concurrentMax, async (pull) => {
        const nameOf = (one: z.infer<typeof change>) => one.path.toString
        const changes = withPaths
          ? await stillThere('a pull request', () => list(`files of pull request ${pull.id}`, `${at}/${pull.id}/changes`, change, nameOf))
          : null
        return {
          number: pull.id,
          title: pull.title,
          branch: pull.fromRef.displayId,
          targetBranch: pull.toRef.displayId,
          headSHA: pull.fromRef.latestCommit,
          author: pull.author?.user.name ?? '',
          labels: [],
          ...(pull.draft === undefined ? {} : { draft: pull.draft }),
          ...(changes === null
            ? {}
            : { paths: [...new Set(changes.flatMap((one) => [one.path.toString, one.srcPath?.toString ?? []].flat()))] }),
        }
      })
    },

    repositories: async ({ cloneProtocol }) => {
      const project = needed(settings, 'project')
      const all = await list(`repositories of ${project}`, urlPath`/projects/${project}/repos`, repositorySchema, (one) => one.id)
      const found = await mapBounded(all, limits.concurrentMax, async (one) => {
        const [branch] = await defaultBranch(urlPath`/projects/${one.project.key}/repos/${one.slug}`)
        const link = cloneProtocol === 'ssh' ? 'ssh' : 'http'
        const url = one.links.clone?.find(({ name }) => name === link)?.href ?? ''
        // An empty repository has none, and is left out as Argo CD leaves it out.
        if (branch === undefined) return []
        return [{ organization: one.project.key, repository: one.name, repositoryId: one.id, url, branch: branch.branch, labels: [] }]
      })
      return found.flat()
    },

    branches: async ({ organization, repository, allBranches }) => {
      const at = urlPath`/projects/${organization}/repos/${slugOf(repository)}`
      if (!allBranches) return defaultBranch(at)
      return (await list(`branches of ${organization}/${repository}`, `${at}/branches`, ref, (one) => one.displayId)).map(toBranch)
    },

    presentPaths: async ({ organization, repository, branch, sha, paths }) => {
      const at = urlPath`/projects/${organization}/repos/${slugOf(repository)}/browse`
      return presentOf(paths, limits, (path) => client.exists(`${at}/${filePath(path)}`, { at: sha || branch, type: true }))
    },
  }
}

/** Where the REST API is behind an address, which may name it already. As Argo CD's NormalizeBitbucketBasePath. */
export function bitbucketRest(base: string): string {
  const bare = base.replace(/\/+$/, '')
  return bare.endsWith('/rest') ? bare : `${bare}/rest`
}

/** How Bitbucket makes the slug, by which its API knows a repository, of a name. */
function slugOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-')
}

function toBranch({ displayId, latestCommit }: z.infer<typeof ref>) {
  return { branch: displayId, sha: latestCommit }
}

async function orMissing<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof FleetError && error.code === 'GIT_NOT_FOUND') return null
    throw error
  }
}
