import { posix } from 'node:path'
import type { TagFilter } from '@aws-sdk/client-resource-groups-tagging-api'
import { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import type { JsonObject } from '../../fleet/json.ts'
import { listAt, textAt } from '../../fleet/json-at.ts'
import { mapBounded } from '../../fleet/map-bounded.ts'
import type { CloneProtocol, ScmRepository } from '../../generators/requests.ts'
import type { AwsClients } from './aws-client.ts'
import type { ScmHost } from './host.ts'
import type { ScmLimits } from './limits.ts'
import { listAll, stillThere } from './listing.ts'

const token = z.string().nullish()
const namesSchema = z.object({ repositories: z.array(z.object({ repositoryName: z.string() })), nextToken: token })
const resourcesSchema = z.object({ ResourceTagMappingList: z.array(z.object({ ResourceARN: z.string() })), PaginationToken: token })
const branchesSchema = z.object({ branches: z.array(z.string()), nextToken: token })
const repositorySchema = z.object({
  repositoryMetadata: z.object({
    accountId: z.string().nullish(),
    repositoryId: z.string(),
    repositoryName: z.string(),
    defaultBranch: z.string().nullish(),
    cloneUrlHttp: z.string().nullish(),
    cloneUrlSsh: z.string().nullish(),
  }),
})
const entries = z.array(z.object({ relativePath: z.string() })).nullish()
const folderSchema = z.object({ files: entries, subFolders: entries, subModules: entries, symbolicLinks: entries })

type Metadata = z.infer<typeof repositorySchema>['repositoryMetadata']

/**
 * AWS CodeCommit (API of 2015-04-13), for scmProvider. Follows Argo CD, with the same permissions: `organization` is the account, there are
 * no labels and no commit ids (they would take a request each), repositories without a default branch are left out. Unlike there, a
 * repository or branch that goes while it is asked for paths is an error, not one without those paths.
 */
export function awsCodeCommitHost(settings: JsonObject, { codecommit, tagging }: AwsClients, limits: ScmLimits): ScmHost {
  const allNames = () => {
    const read = async (at: string) => {
      const input = at === '' ? {} : { nextToken: at }
      const page = await codecommit.ask('ListRepositories', (sdk, options) => sdk.listRepositories(input, options), namesSchema)
      return { items: page.repositories.map((one) => one.repositoryName), next: page.nextToken || null }
    }
    return listAll({ what: 'repositories of CodeCommit', first: '', read, key: (name) => name }, limits)
  }

  const taggedNames = (TagFilters: TagFilter[]) => {
    const read = async (at: string) => {
      const input = { ResourceTypeFilters: ['codecommit:repository'], TagFilters, ...(at === '' ? {} : { PaginationToken: at }) }
      const page = await tagging.ask('GetResources', (sdk, options) => sdk.getResources(input, options), resourcesSchema)
      return { items: page.ResourceTagMappingList.map((one) => nameOf(one.ResourceARN)), next: page.PaginationToken || null }
    }
    return listAll({ what: 'repositories of CodeCommit with these tags', first: '', read, key: (name) => name }, limits)
  }

  /** The names of what is in a folder; none when there is no such folder. */
  const namesIn = async (repositoryName: string, commitSpecifier: string, folderPath: string): Promise<ReadonlySet<string>> => {
    try {
      const input = { repositoryName, commitSpecifier, folderPath }
      const folder = await codecommit.ask('GetFolder', (sdk, options) => sdk.getFolder(input, options), folderSchema)
      const { files, subFolders, subModules, symbolicLinks } = folder
      return new Set([files, subFolders, subModules, symbolicLinks].flatMap((kind) => (kind ?? []).map((one) => one.relativePath)))
    } catch (error) {
      if (error instanceof FleetError && error.details['awsCode'] === 'FolderDoesNotExistException') return new Set()
      throw error
    }
  }

  return {
    pullRequests: async () => {
      throw new FleetError('UNSUPPORTED', 'pull requests of AWS CodeCommit are not supported: use a plugin generator')
    },

    repositories: async ({ cloneProtocol }) => {
      const filters = tagFilters(settings)
      const names = filters.length === 0 ? await allNames() : await taggedNames(filters)
      const found = await mapBounded(names, limits.concurrentMax, async (repositoryName) => {
        const read = () =>
          codecommit.ask('GetRepository', (sdk, options) => sdk.getRepository({ repositoryName }, options), repositorySchema)
        return toRepository((await stillThere(`the repository ${repositoryName}`, read)).repositoryMetadata, cloneProtocol)
      })
      return found.filter((one) => one !== null)
    },

    branches: async ({ repository, defaultBranch, allBranches }) => {
      if (!allBranches) return [{ branch: defaultBranch, sha: '' }]
      const read = async (at: string) => {
        const input = { repositoryName: repository, ...(at === '' ? {} : { nextToken: at }) }
        const page = await codecommit.ask('ListBranches', (sdk, options) => sdk.listBranches(input, options), branchesSchema)
        return { items: page.branches, next: page.nextToken || null }
      }
      const all = await listAll({ what: `branches of ${repository}`, first: '', read, key: (name) => name }, limits)
      return all.map((branch) => ({ branch, sha: '' }))
    },

    presentPaths: async ({ repository, branch, paths }) => {
      // Of a path its parent is asked for, which shows files, folders, links and submodules alike; GetFile would send the whole file.
      const wanted = paths.map((path) => posix.join('/', path, '.'))
      const parents = [...new Set(wanted.filter((path) => path !== '/').map((path) => posix.dirname(path)))]
      const contents = await mapBounded(parents, limits.concurrentMax, (parent) => namesIn(repository, branch, parent))
      const names = new Map(parents.map((parent, index) => [parent, contents[index]]))
      const isThere = (path: string) => path === '/' || names.get(posix.dirname(path))?.has(posix.basename(path)) === true
      return paths.filter((_, index) => isThere(wanted[index] ?? '/'))
    },
  }
}

/** Values of one key are alternatives; a key without any asks for resources that have it, whatever its value. */
function tagFilters(settings: JsonObject): TagFilter[] {
  const values = new Map<string, string[]>()
  for (const filter of listAt(settings, 'tagFilters')) {
    const [key, value] = [textAt(filter, 'key'), textAt(filter, 'value')]
    const known = values.get(key) ?? []
    values.set(key, value === '' ? known : [...known, value])
  }
  return [...values].map(([Key, Values]) => (Values.length === 0 ? { Key } : { Key, Values }))
}

/** `arn:aws:codecommit:eu-west-1:111111111111:web` */
function nameOf(arn: string): string {
  const [, name] = /^arn:[^:]*:codecommit:[^:]*:[^:]*:([^:]+)$/.exec(arn) ?? []
  if (name === undefined) throw new FleetError('GIT_UNREACHABLE', `AWS names a repository by ${JSON.stringify(arn.slice(0, 200))}`)
  return name
}

/** Null for a repository into which nothing was ever pushed. */
function toRepository(one: Metadata, cloneProtocol: CloneProtocol): ScmRepository | null {
  const { accountId, repositoryId, repositoryName: repository, defaultBranch } = one
  if (!defaultBranch) return null
  const plain = cloneProtocol === 'ssh' ? one.cloneUrlSsh : one.cloneUrlHttp
  if (!plain) throw new FleetError('GIT_UNREACHABLE', `${repository} of CodeCommit has no ${cloneProtocol} address for clones`)
  const url = cloneProtocol === 'https-fips' ? fipsAddress(plain) : plain
  return { organization: accountId ?? '', repository, repositoryId, url, branch: defaultBranch, labels: [] }
}

function fipsAddress(url: string): string {
  if (url.startsWith('https://git-codecommit-fips.')) return url
  const [, rest] = /^https:\/\/git-codecommit\.(.*)$/.exec(url) ?? []
  if (rest === undefined) throw new FleetError('GIT_UNREACHABLE', `${JSON.stringify(url.slice(0, 200))} has no form for https-fips`)
  return `https://git-codecommit-fips.${rest}`
}
