import type { Problem } from '../errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { jsonAt } from '../json-at.ts'
import { retryProblems } from '../sync-operation.ts'

/**
 * What an application's spec lacks or says twice, each with its path; `spec` may hold templates, which count as there. `project` may be
 * left out: it is `default` then, as in Argo CD.
 */
export function applicationProblems(spec: JsonObject, path: string): readonly Problem[] {
  return [
    ...sourceProblems(spec, path),
    ...destinationProblems(spec.destination, `${path}.destination`),
    ...retryProblems(jsonAt(spec, 'syncPolicy', 'retry'), `${path}.syncPolicy.retry`),
  ]
}

function sourceProblems(spec: JsonObject, path: string): readonly Problem[] {
  const sources = Array.isArray(spec.sources) ? (spec.sources as readonly Json[]) : []
  if (spec.source === undefined && sources.length === 0 && spec.sourceHydrator === undefined) {
    return [
      {
        path: `${path}.source`,
        message: 'is required: where the manifests come from (repoURL, path, targetRevision)',
      },
    ]
  }
  const problems: Problem[] = []
  if (spec.source !== undefined && sources.length > 0) {
    problems.push({
      path: `${path}.sources`,
      message: 'source is given too: use one of source and sources',
    })
  }
  if (spec.source !== undefined) problems.push(...oneSource(spec.source, `${path}.source`))
  for (const [index, source] of sources.entries()) problems.push(...oneSource(source, `${path}.sources[${index}]`))
  return problems
}

function oneSource(source: Json, path: string): readonly Problem[] {
  if (!isJsonObject(source)) return []
  const problems: Problem[] = []
  if (!filled(source.repoURL))
    problems.push({
      path: `${path}.repoURL`,
      message: 'is required: the repository',
    })
  else if (typeof source.repoURL === 'string' && holdsCredentials(source.repoURL))
    problems.push({
      path: `${path}.repoURL`,
      message: 'holds a user name or password, which everybody would see who may read the application: give the credentials apart from it',
    })
  if (!filled(source.path) && !filled(source.chart) && !filled(source.ref)) {
    problems.push({
      path: `${path}.path`,
      message: 'is required: the directory in the repository (or chart, or ref)',
    })
  }
  if (filled(source.path) && filled(source.chart))
    problems.push({
      path: `${path}.chart`,
      message: 'path is given too: use one of path and chart',
    })
  if (filled(source.chart) && !filled(source.targetRevision)) {
    problems.push({
      path: `${path}.targetRevision`,
      message: 'is required for a chart: its version',
    })
  }
  const tools = ['directory', 'helm', 'kustomize', 'plugin'].filter((tool) => {
    const value = source[tool]
    return isJsonObject(value) && Object.keys(value).length > 0
  })
  if (tools.length > 1)
    problems.push({
      path: `${path}.${tools[1]}`,
      message: `${tools[0]} is given too: a source is rendered by one tool`,
    })
  return problems
}

/** Whether an http or https URL has user info, or any other URL a password in it; `ssh://git@host` names nobody's secret. */
export function holdsCredentials(url: string): boolean {
  const [, scheme = '', userInfo = ''] = /^\s*([a-z][a-z0-9+.-]*):\/\/([^/?#\\]*)@/i.exec(url) ?? []
  return userInfo !== '' && (/^https?$/i.test(scheme) || userInfo.includes(':'))
}

function destinationProblems(destination: Json | undefined, path: string): readonly Problem[] {
  const { server, name } = isJsonObject(destination) ? destination : {}
  if (filled(server) && filled(name)) return [{ path, message: 'has both server and name: use one' }]
  if (filled(server) || filled(name)) return []
  return [
    {
      path: `${path}.server`,
      message: 'is required (or name): the cluster, by the address or the name that it was registered with',
    },
  ]
}

function filled(value: Json | undefined): boolean {
  return typeof value === 'string' && value !== ''
}
