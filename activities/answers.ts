import { FleetError } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import type { SourceAnswer, SourceRequest } from '../generators/generator.ts'
import type { KnownRequest } from '../generators/requests.ts'
import { gitAnswers } from './answers-git.ts'
import { hubAnswers } from './answers-hub.ts'
import type { ActivityDependencies } from './dependencies.ts'
import type { Commits } from './versions.ts'

export type Answerer = (request: SourceRequest) => Promise<SourceAnswer>

/**
 * Answers what generators ask, for one pass over a set. Every answer says whether it is complete; whatever goes wrong in an expected
 * way is an incomplete one with the reason, never an empty list.
 */
export function createAnswerer(
  deps: Pick<ActivityDependencies, 'store' | 'gateway' | 'repositories' | 'sources'>,
  options: { readonly commits: Commits; readonly signal: AbortSignal },
): Answerer {
  const { scm, readConfigMap } = deps.sources
  const { signal } = options
  const git = gitAnswers({ repositories: deps.repositories, commits: options.commits })
  const hub = hubAnswers(deps, deps.sources.hub, signal)
  return async (request) => {
    try {
      // Requests come from generators/, which makes no others.
      return await answer(request as unknown as KnownRequest)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof FleetError)) throw error
      const isNotFound = request.kind === 'pullRequests' && error.code === 'GIT_NOT_FOUND'
      return { complete: false, error: error.message, ...(isNotFound ? { notFound: true } : {}) }
    }
  }

  async function answer(request: KnownRequest): Promise<SourceAnswer> {
    switch (request.kind) {
      case 'gitDirectories': {
        const { value, proof } = await git.directories(request)
        return complete({ ...value }, proof)
      }
      case 'gitFiles': {
        const { value, proof } = await git.files(request)
        return complete({ ...value }, proof)
      }
      case 'pullRequests': {
        const pullRequests = await scm.pullRequests(request, { signal })
        return complete({ pullRequests: pullRequests.map((one) => ({ ...one })) }, `every page of ${request.provider} was read`)
      }
      case 'repositories': {
        const repositories = await scm.repositories(request, { signal })
        return complete({ repositories: repositories.map((one) => ({ ...one })) }, `every page of ${request.provider} was read`)
      }
      case 'branches': {
        const branches = await scm.branches(request, { signal })
        return complete({ branches: branches.map((one) => ({ ...one })) }, `${branches.length} branches of ${request.repository}`)
      }
      case 'repositoryPaths':
        return complete({ present: await scm.presentPaths(request, { signal }) }, `${request.paths.length} paths of ${request.repository}`)
      case 'configMap': {
        const data = await readConfigMap(request.name)
        if (data === null) throw new FleetError('NOT_FOUND', `there is no ConfigMap ${JSON.stringify(request.name)}`)
        return complete({ data }, `the ConfigMap ${request.name}`)
      }
      case 'resources': {
        const { value, proof } = await hub.resources(request)
        return complete({ ...value }, proof)
      }
      case 'pluginParameters':
        return complete(await scm.pluginParameters(request, { signal }), `the plugin at ${request.baseUrl} answered`)
    }
  }
}

function complete(value: Json, proof: string): SourceAnswer {
  return { complete: true, value, proof }
}
