import { GitVersionType, PullRequestStatus } from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import { mapBounded } from '../../fleet/map-bounded.ts'
import { azureGitApiOf } from './azure-git-api.ts'
import { basic, branchOrEmpty, type Credential, type HostContext, hasLabels, isFound, needed, presentOf, type ScmHost } from './host.ts'
import { checked } from './host-client.ts'
import { listAll, stillThere } from './listing.ts'
import { name, urlPath } from './url-path.ts'

const pageSizeMax = 100

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
const repositorySchema = z.object({
  id: z.string(),
  name: z.string(),
  isDisabled: z.boolean().optional(),
  remoteUrl: z.string().optional(),
  defaultBranch: z.string().optional(),
})
const branchSchema = z.object({ name: z.string(), commit: z.object({ commitId: z.string() }) })
const iterationSchema = z.object({ id: z.number() })
const changesSchema = z.object({
  changeEntries: z.array(z.object({ item: z.object({ path: z.string().optional() }).optional(), originalPath: z.string().optional() })),
  nextSkip: z.number().optional(),
})

/**
 * Azure DevOps Services and Server, by azure-devops-node-api. Follows Argo CD, but asks for the pull requests of the repository, not of the
 * whole project: a repository that isn't there is an error, not an empty list.
 */
export function azureDevOpsHost({ settings, limits, connect }: HostContext): ScmHost {
  const organization = needed(settings, 'organization')
  const pathOf = (path: string) => `${path}${urlPath`/${organization}`}`
  const client = connect({ publicApi: 'https://dev.azure.com', pathOf, headersOf })
  const git = azureGitApiOf(client)
  const project = name(needed(settings, settings['teamProject'] === undefined ? 'project' : 'teamProject'))
  const at = (what: string) => `${client.base.origin} (${what} of ${project})`

  const changedFiles = async (repository: string, number: number) => {
    const what = `pull request ${number}`
    const iterations = checked(await git.getPullRequestIterations(repository, number, project), z.array(iterationSchema), at(what))
    const last = Math.max(...iterations.map((iteration) => iteration.id))
    if (!Number.isFinite(last)) throw new FleetError('GIT_UNREACHABLE', `${at(what)} has no iteration to read changed files from`)
    const read = async (skip: string) => {
      const answer = await git.getPullRequestIterationChanges(repository, number, last, project, pageSizeMax, Number(skip))
      const page = checked(answer, changesSchema, at(what))
      const items = page.changeEntries.flatMap((entry) => [entry.item?.path ?? [], entry.originalPath ?? []].flat())
      return { items, next: page.nextSkip === undefined || page.nextSkip === 0 ? null : String(page.nextSkip) }
    }
    const all = await listAll({ what: `files of ${what}`, first: '0', read, key: (path) => path }, limits)
    return all.map((path) => path.replace(/^\//, ''))
  }

  return {
    pullRequests: async ({ withPaths }) => {
      const repo = name(needed(settings, 'repo'))
      const size = Math.min(limits.pageSize, pageSizeMax)
      const what = `active pull requests of ${project}/${repo}`
      const read = async (skip: string) => {
        const answer = await git.getPullRequests(repo, { status: PullRequestStatus.Active }, project, undefined, Number(skip), size)
        const items = checked(answer, z.array(pullSchema), at('pull requests'))
        return { items, next: items.length < size ? null : String(Number(skip) + items.length) }
      }
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
          ...(withPaths ? { paths: await stillThere(`#${pull.pullRequestId}`, () => changedFiles(repo, pull.pullRequestId)) } : {}),
        }
      })
    },

    repositories: async () => {
      const all = checked(await git.getRepositories(project), z.array(repositorySchema), at('repositories'))
      // Empty ones have no default branch; those and disabled ones can't be used.
      return all.flatMap(({ id, name, isDisabled, remoteUrl, defaultBranch }) =>
        isDisabled === true || remoteUrl === undefined || defaultBranch === undefined
          ? []
          : [{ organization, repository: name, repositoryId: id, url: remoteUrl, branch: branchOf(defaultBranch), labels: [] }],
      )
    },

    branches: async ({ repository, defaultBranch, allBranches }) => {
      const repo = name(repository)
      const where = at(`branches of ${repo}`)
      if (allBranches) return checked(await git.getBranches(repo, project), z.array(branchSchema), where).map(toBranch)
      return branchOrEmpty(
        async () => toBranch(checked(await git.getBranch(repo, branchOf(defaultBranch), project), branchSchema, where)),
        async () => checked(await git.getRefs(repo, project, 'heads/'), z.array(z.unknown()), where),
      )
    },

    presentPaths: async ({ repository, repositoryId, branch, sha, paths }) => {
      const repo = name(String(repositoryId ?? repository))
      const version =
        sha === '' ? { version: branch, versionType: GitVersionType.Branch } : { version: sha, versionType: GitVersionType.Commit }
      const skipped = undefined
      const isThere = (path: string) =>
        isFound(() => git.getItem(repo, path, project, skipped, skipped, skipped, skipped, skipped, version))
      return presentOf(paths, limits, isThere)
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
