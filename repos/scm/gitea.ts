import { z } from 'zod'
import { mapBounded } from '../../fleet/map-bounded.ts'
import { changedFile, pathsOf, pullFields, pullOf } from './github-like.ts'
import type { Credential, HostContext, ScmHost } from './host.ts'
import { branchOrEmpty, hasLabels, isTrue, needed, presentOf } from './host.ts'
import type { HostClient } from './host-client.ts'
import type { ScmLimits } from './limits.ts'
import { listAll, nextLink, stillThere } from './listing.ts'
import { filePath, urlPath } from './url-path.ts'

/** What Gitea gives in one page at most, unless its administrator says otherwise. */
const pageSizeMax = 50

const label = z.object({ name: z.string() })
const pullSchema = z.object({
  ...pullFields,
  labels: z.array(label).nullish(),
})
const repositorySchema = z.object({
  id: z.number(),
  name: z.string(),
  default_branch: z.string(),
  ssh_url: z.string(),
  html_url: z.string(),
  archived: z.boolean().optional(),
})
const branchSchema = z.object({ name: z.string(), commit: z.object({ id: z.string() }) })

/** Gitea and Forgejo (API v1). Follows Argo CD, but reads every page; its `labels` of a repository are the repository's issue labels, as there. */
export function giteaHost({ settings, limits, connect }: HostContext): ScmHost {
  const client = connect({ publicApi: null, pathOf: (path) => `${path}/api/v1`, headersOf })
  const list = <T>(what: string, path: string, item: z.ZodType<T>, key: (item: T) => string | number) =>
    listPages(client, { what, path, item, key }, limits)
  const changedFiles = async (owner: string, repo: string, number: number) => {
    const files = await list(
      `files of ${owner}/${repo}#${number}`,
      urlPath`/repos/${owner}/${repo}/pulls/${number}/files`,
      changedFile,
      (file) => file.filename,
    )
    return pathsOf(files)
  }

  return {
    pullRequests: async ({ withPaths }) => {
      const [owner, repo] = [needed(settings, 'owner'), needed(settings, 'repo')]
      const path = `${urlPath`/repos/${owner}/${repo}/pulls`}?state=open&sort=oldest`
      const pulls = await list(`open pull requests of ${owner}/${repo}`, path, pullSchema, (pull) => pull.number)
      const wanted = pulls.filter((pull) => hasLabels(settings, labelsOf(pull)))
      return mapBounded(wanted, limits.concurrentMax, async (pull) => ({
        ...pullOf(pull, labelsOf(pull)),
        ...(withPaths ? { paths: await stillThere(`#${pull.number}`, () => changedFiles(owner, repo, pull.number)) } : {}),
      }))
    },

    repositories: async ({ cloneProtocol }) => {
      const owner = needed(settings, 'owner')
      const all = await list(`repositories of ${owner}`, urlPath`/orgs/${owner}/repos`, repositorySchema, (repository) => repository.id)
      const wanted = all.filter((repository) => repository.archived !== true || !isTrue(settings, 'excludeArchivedRepos'))
      return mapBounded(wanted, limits.concurrentMax, async ({ id, name, ...repository }) => ({
        organization: owner,
        repository: name,
        repositoryId: id,
        url: cloneProtocol === 'ssh' ? repository.ssh_url : repository.html_url,
        branch: repository.default_branch,
        labels: (await list(`labels of ${owner}/${name}`, urlPath`/repos/${owner}/${name}/labels`, label, (one) => one.name)).map(
          (one) => one.name,
        ),
      }))
    },

    branches: async ({ repository, defaultBranch, allBranches }) => {
      const at = urlPath`/repos/${needed(settings, 'owner')}/${repository}`
      if (!allBranches) {
        const one = async () => (await client.get(`${at}/branches/${filePath(defaultBranch)}`, branchSchema)).value
        return branchOrEmpty(
          async () => toBranch(await one()),
          async () => (await client.get(`${at}/branches`, z.array(z.unknown()).nullable(), { limit: 1 })).value ?? [],
        )
      }
      return (await list(`branches of ${repository}`, `${at}/branches`, branchSchema, (branch) => branch.name)).map(toBranch)
    },

    presentPaths: async ({ organization, repository, branch, sha, paths }) => {
      const at = urlPath`/repos/${organization}/${repository}/contents`
      return presentOf(paths, limits, (path) => client.exists(`${at}/${filePath(path)}`, { ref: sha || branch }))
    },
  }
}

function headersOf(credential: Credential): Readonly<Record<string, string>> {
  return credential.kind === 'token' ? { authorization: `token ${credential.token}` } : {}
}

function labelsOf(pull: z.infer<typeof pullSchema>): readonly string[] {
  return (pull.labels ?? []).map((one) => one.name)
}

function toBranch({ name, commit }: z.infer<typeof branchSchema>) {
  return { branch: name, sha: commit.id }
}

/**
 * Pages by number: the links in Gitea's headers lead to the address in its configuration, which may be another one than ours. A page may be
 * shorter than asked for (the administrator sets the maximum), so only its headers, or an empty page, say that it is the last.
 */
async function listPages<T>(
  client: HostClient,
  options: { readonly what: string; readonly path: string; readonly item: z.ZodType<T>; readonly key: (item: T) => string | number },
  limits: ScmLimits,
): Promise<readonly T[]> {
  const { what, path, item, key } = options
  const size = Math.min(limits.pageSize, pageSizeMax)
  const read = async (page: string) => {
    // Some lists are null when they are empty.
    const { value, headers } = await client.get(path, z.array(item).nullable(), { limit: size, page })
    const items = value ?? []
    const isLast = items.length === 0 || (headers['link'] !== undefined && nextLink(headers) === null)
    const fits = headers['link'] === undefined && page === '1' && Number(headers['x-total-count'] ?? Number.NaN) <= items.length
    return { items, next: isLast || fits ? null : String(Number(page) + 1) }
  }
  return listAll({ what, first: '1', read, key }, limits)
}
