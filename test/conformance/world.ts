import { canonicalJson } from '../../fleet/canonical-json.ts'
import { isJsonObject, type Json, type JsonObject } from '../../fleet/json.ts'
import { matchesSelector } from '../../fleet/label-selector.ts'
import type { ClusterFact, GeneratorInputs, SourceAnswer, SourceRequest } from '../../generators/generator.ts'
import type { KnownRequest } from '../../generators/requests.ts'
import { list } from './adapter.ts'

/** What a case lets the generators see, as the inputs that the product gives them: clusters, and answers to requests. */
export function inputsOf(environment: JsonObject): GeneratorInputs {
  const { enableScmProviders, allowedScmProviders } = environment
  return {
    clusters:
      environment.clientError === undefined ? list(environment.clusters).filter(isJsonObject).map(cluster).filter(isRegistered) : null,
    answer: (request) => answer(request as KnownRequest & SourceRequest, environment),
    nowMs: 0,
    applicationSetName: 'set',
    scm: {
      enabled: enableScmProviders !== false,
      allowedApis: list(allowedScmProviders).map(String),
    },
  }
}

function cluster(given: JsonObject): ClusterFact {
  return {
    name: text(given.name),
    server: text(given.server),
    project: text(given.project),
    labels: texts(given.labels),
    annotations: texts(given.annotations),
  }
}

/** Secrets without it aren't clusters to the reference, either. */
function isRegistered({ labels }: ClusterFact): boolean {
  return labels['argocd.argoproj.io/secret-type'] === 'cluster'
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function texts(value: Json | undefined): Readonly<Record<string, string>> {
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, text(item)])) : {}
}

function complete(value: JsonObject): SourceAnswer {
  return { complete: true, value, proof: 'as the case gives it' }
}

function incomplete(error: string, more: { readonly notFound?: true } = {}): SourceAnswer {
  return { complete: false, error, ...more }
}

function answer(request: KnownRequest & SourceRequest, environment: JsonObject): SourceAnswer {
  switch (request.kind) {
    case 'gitDirectories':
    case 'gitFiles':
      return gitAnswer(request, environment)
    case 'pullRequests': {
      const refused = listRefused(environment)
      return refused ?? complete({ pullRequests: list(environment.pullRequests) })
    }
    case 'repositories':
    case 'branches':
    case 'repositoryPaths':
      return listRefused(environment) ?? scmAnswer(request, environment)
    case 'configMap': {
      const configMap = environment.configMap
      if (!isJsonObject(configMap) || configMap.name !== request.name) return incomplete(`configmaps "${request.name}" not found`)
      return complete({ data: texts(configMap.data) })
    }
    case 'resources': {
      const { name, labelSelector } = request
      const resources = list(environment.resources).filter((resource) => {
        const metadata = isJsonObject(resource) && isJsonObject(resource.metadata) ? resource.metadata : {}
        if (name !== null && metadata.name !== name) return false
        return labelSelector === null || matchesSelector(labelSelector, texts(metadata.labels))
      })
      return complete({ resources })
    }
    case 'pluginParameters':
      return pluginAnswer(request, environment)
  }
}

function listRefused({ selectError, listError, listErrorIsRepositoryNotFound }: JsonObject): SourceAnswer | null {
  if (typeof selectError === 'string') return incomplete(selectError)
  if (typeof listError !== 'string') return null
  return incomplete(listError, listErrorIsRepositoryNotFound === true ? { notFound: true } : {})
}

type Request<K> = Extract<KnownRequest, { readonly kind: K }>

function gitAnswer(request: Request<'gitDirectories'> | Request<'gitFiles'>, { git, appProject }: JsonObject): SourceAnswer {
  // The project of these cases is one that exists unless they say otherwise.
  if (isJsonObject(appProject) && request.project !== null && request.project !== '') {
    const { name } = isJsonObject(appProject.metadata) ? appProject.metadata : {}
    if (name !== request.project) return incomplete(`appprojects "${request.project}" not found`)
  }
  const { error, directories, filesByPattern } = isJsonObject(git) ? git : {}
  if (typeof error === 'string' && error !== '') return incomplete(error)
  if (request.kind === 'gitDirectories') return complete({ directories: list(directories) })
  const files = isJsonObject(filesByPattern) && Object.hasOwn(filesByPattern, request.pattern) ? filesByPattern[request.pattern] : {}
  return complete({ files: texts(files) })
}

function scmAnswer(request: Request<'repositories' | 'branches' | 'repositoryPaths'>, environment: JsonObject): SourceAnswer {
  const rows = list(environment.repositories).filter(isJsonObject)
  if (request.kind === 'repositories') {
    const byName = new Map(rows.map((row) => [canonicalJson([row.organization, row.repository]), row]))
    return complete({ repositories: [...byName.values()].map(({ sha: _sha, paths: _paths, ...repository }) => repository) })
  }
  const own = rows.filter((row) => row.organization === request.organization && row.repository === request.repository)
  if (request.kind === 'branches') return complete({ branches: own.map(({ branch = '', sha = '' }) => ({ branch, sha })) })
  const paths = new Set(own.filter((row) => row.branch === request.branch).flatMap((row) => list(row.paths)))
  return complete({ present: request.paths.filter((path) => paths.has(path)) })
}

function pluginAnswer(request: Request<'pluginParameters'>, environment: JsonObject): SourceAnswer {
  const { secret, pluginResponse, pluginResponseText, pluginStatus = 200 } = environment
  const { name, data } = isJsonObject(secret) ? secret : {}
  if (name !== request.token.secretName) return incomplete(`secrets "${request.token.secretName}" not found`)
  if (!Object.hasOwn(texts(data), request.token.key)) return incomplete(`the Secret has no key ${request.token.key}`)
  if (pluginStatus !== 200) return incomplete(`API error with status code ${pluginStatus}`)
  if (pluginResponseText !== undefined) return incomplete(`the answer is not JSON: ${text(pluginResponseText)}`)
  return { complete: true, value: pluginResponse ?? null, proof: 'as the case gives it' }
}
