import { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import { mapBounded } from '../../fleet/map-bounded.ts'
import { basic, branchOrEmpty, type Credential, type HostContext, hasLabels, needed, type ScmHost } from './host.ts'
import type { Query } from './host-client.ts'
import { listAll, stillThere } from './listing.ts'
import { urlPath } from './url-path.ts'

const pageSizeMax = 100
const version = { 'api-version': '7.1' }

const pullSchema = z.object({
  pullRequestId: z.number(),
  title: z.string(),
  isDraft: z.boolean().optional(),
  sourceRefName: z.string(),
  targetRefName: z.string(),
  createdBy: z.object({ uniqueName: z.string().optional() }).optional(),
  lastMergeSourceCommit: z.object({ commitId: z.string() }).optional(),
  labels: z.array(z.object({ name: z.string() })).nullish(),
})
const values = <T>(item: z.ZodType<T>) => z.object({ value: z.array(item) })
const repositorySchema = z.object({
  id: z.string(),
  name: z.string(),
  isDisabled: z.boolean().optional(),
  remoteUrl: z.string().optional(),
  defaultBranch: z.string().optional(),
})
const branchSchema = z.object({ name: z.string(), commit: z.object({ commitId: z.string() }) })
const changesSchema = z.object({
  changeEntries: z.array(z.object({ item: z.object({ path: z.string().optional() }).optional(), originalPath: z.string().optional() })),
  nextSkip: z.number().optional(),
})

/**
 * Azure DevOps Services and Server (REST API 7.1). Follows Argo CD, but asks for the pull requests of the repository, not of the whole
 * project: a repository that isn't there is an error, not an empty list.
 */
export function azureDevOpsHost({ settings, limits, connect }: HostContext): ScmHost {
  const organization = needed(settings, 'organization')
  const pathOf = (path: string) => `${path}${urlPath`/${organization}`}`
  const client = connect({ publicApi: 'https://dev.azure.com', pathOf, headersOf })
  const get = <T>(path: string, schema: z.ZodType<T>, query: Query = {}) => client.get(path, schema, { ...query, ...version })
  const project = () => needed(settings, settings['teamProject'] === undefined ? 'project' : 'teamProject')
  const repositoryAt = (name: number | string) => urlPath`/${project()}/_apis/git/repositories/${name}`

  const changedFiles = async (at: string) => {
    const iterations = (await get(`${at}/iterations`, values(z.object({ id: z.number() })))).value.value
    const last = Math.max(...iterations.map((iteration) => iteration.id))
    if (!Number.isFinite(last)) throw new FleetError('GIT_UNREACHABLE', `${at} has no iteration to read changed files from`)
    const read = async (skip: string) => {
      const page = (await get(`${at}/iterations/${last}/changes`, changesSchema, { $top: pageSizeMax, $skip: skip })).value
      const items = page.changeEntries.flatMap((entry) => [entry.item?.path ?? [], entry.originalPath ?? []].flat())
      return { items, next: page.nextSkip === undefined || page.nextSkip === 0 ? null : String(page.nextSkip) }
    }
    const all = await listAll({ what: `files of ${at}`, first: '0', read, key: (path) => path }, limits)
    return all.map((path) => path.replace(/^\//, ''))
  }

  return {
    pullRequests: async ({ withPaths }) => {
      const repo = needed(settings, 'repo')
      const at = `${repositoryAt(repo)}/pullrequests`
      const size = Math.min(limits.pageSize, pageSizeMax)
      const read = async (skip: string) => {
        const query = { 'searchCriteria.status': 'active', $top: size, $skip: skip }
        const items = (await get(at, values(pullSchema), query)).value.value
        return { items, next: items.length < size ? null : String(Number(skip) + items.length) }
      }
      const what = `active pull requests of ${project()}/${repo}`
      const pulls = await listAll({ what, first: '0', read, key: (pull) => pull.pullRequestId }, limits)
      const wanted = pulls.filter((pull) => hasLabels(settings, labelsOf(pull)))
      return mapBounded(wanted, limits.concurrentMax, async (pull) => {
        const headSHA = pull.lastMergeSourceCommit?.commitId
        if (headSHA === undefined)
          throw new FleetError('GIT_UNREACHABLE', `pull request ${pull.pullRequestId} of ${repo} has no commit yet`)
        return {
          number: pull.pullRequestId,
          title: pull.title,
          branch: branchOf(pull.sourceRefName),
          targetBranch: branchOf(pull.targetRefName),
          headSHA,
          // The part of the e-mail address before the @.
          author: pull.createdBy?.uniqueName?.split('@')[0] ?? '',
          labels: labelsOf(pull),
          ...(pull.isDraft === undefined ? {} : { draft: pull.isDraft }),
          ...(withPaths
            ? {
                paths: await stillThere(`#${pull.pullRequestId}`, () =>
                  changedFiles(`${repositoryAt(repo)}/pullRequests/${pull.pullRequestId}`),
                ),
              }
            : {}),
        }
      })
    },

    repositories: async () => {
      const all = (await get(urlPath`/${project()}/_apis/git/repositories`, values(repositorySchema))).value.value
      // Empty ones have no default branch; those and disabled ones can't be used.
      return all.flatMap(({ id, name, isDisabled, remoteUrl, defaultBranch }) =>
        isDisabled === true || remoteUrl === undefined || defaultBranch === undefined
          ? []
          : [{ organization, repository: name, repositoryId: id, url: remoteUrl, branch: branchOf(defaultBranch), labels: [] }],
      )
    },

    branches: async ({ repository, defaultBranch, allBranches }) => {
      const at = repositoryAt(repository)
      if (allBranches) return (await get(`${at}/stats/branches`, values(branchSchema))).value.value.map(toBranch)
      return branchOrEmpty(
        async () => toBranch((await get(`${at}/stats/branches`, branchSchema, { name: branchOf(defaultBranch) })).value),
        async () => (await get(`${at}/refs`, values(z.unknown()), { filter: 'heads/', $top: 1 })).value.value,
      )
    },

    presentPaths: async ({ repository, repositoryId, branch, sha, paths }) => {
      const at = `${repositoryAt(repositoryId ?? repository)}/items`
      const at_ = sha === '' ? { version: branch, versionType: 'branch' } : { version: sha, versionType: 'commit' }
      const where = { 'versionDescriptor.version': at_.version, 'versionDescriptor.versionType': at_.versionType, $format: 'json' }
      const there = await mapBounded(paths, limits.concurrentMax, (path) => client.exists(at, { path, ...where, ...version }))
      return paths.filter((_, index) => there[index])
    },
  }
}

/** A personal access token is a password without a user name. */
function headersOf(credential: Credential): Readonly<Record<string, string>> {
  return credential.kind === 'token' ? basic('', credential.token) : {}
}

function branchOf(ref: string): string {
  return ref.replace(/^refs\/heads\//, '')
}

function labelsOf(pull: z.infer<typeof pullSchema>): readonly string[] {
  return (pull.labels ?? []).map((label) => label.name)
}

function toBranch({ name, commit }: z.infer<typeof branchSchema>) {
  return { branch: name, sha: commit.commitId }
}
