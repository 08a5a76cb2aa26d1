import type { ApplicationSpec } from '../application.ts'
import type { ProjectSpec } from '../application-set.ts'
import { matchesGlob } from './glob.ts'

/** Argo CD's project for applications that name none; it allows everything until somebody applies one of that name. */
export const defaultProject = 'default'

/** What `default` is while nobody has applied it, as Argo CD creates it. */
export const permitAll: ProjectSpec = {
  sourceRepos: ['*'],
  destinations: [{ server: '*', namespace: '*' }],
}

export interface DestinationCluster {
  readonly name: string
  readonly server: string
  readonly project: string | null
}

/** Every repository that a spec reads from. */
export function repositoriesOf(spec: ApplicationSpec): readonly string[] {
  const all = [...(spec.source === undefined ? [] : [spec.source]), ...(spec.sources ?? [])].map((source) => source.repoURL)
  return [...new Set(all)]
}

/**
 * Whether a project lets its applications read a repository: one of its `sourceRepos` matches, and no `!pattern` does. As Argo CD: URLs are
 * compared in lower case without `.git`, `*` stops at a slash, a `!pattern` that doesn't match permits.
 */
export function permitsSource(project: ProjectSpec, repoURL: string): boolean {
  const url = normalizeRepository(repoURL)
  let permitted = false
  for (const entry of project.sourceRepos ?? []) {
    const denies = entry.startsWith('!')
    const pattern = normalizeRepository(denies ? entry.slice(1) : entry)
    const matches = pattern === '*' || matchesGlob(pattern, url, '/')
    if (denies && matches) return false
    if (denies || matches) permitted = true
  }
  return permitted
}

/**
 * Whether a project lets its applications go to a cluster and namespace: one of its `destinations` matches (server or name, and namespace)
 * and none denies it with a `!pattern`. Follows Argo CD's rules and their order; `permitOnlyProjectScopedClusters` asks in addition
 * that the cluster belongs to the project.
 */
export function permitsDestination(project: ProjectSpec, projectName: string, cluster: DestinationCluster, namespace: string): boolean {
  let permitted = false
  for (const item of project.destinations ?? []) {
    const byName = permits(item.name ?? '', cluster.name)
    const byServer = permits(item.server ?? '', cluster.server)
    const byNamespace = permits(item.namespace ?? '', namespace)
    if ((byName || byServer) && byNamespace) permitted = true
    else if (!byName && denies(item.name)) return false
    else if (!byServer && denies(item.server) && byNamespace) return false
    else if (!byNamespace && denies(item.namespace) && byServer) return false
  }
  return permitted && (project.permitOnlyProjectScopedClusters !== true || cluster.project === projectName)
}

function permits(pattern: string, value: string): boolean {
  if (pattern.startsWith('!')) return !matchesGlob(pattern.slice(1), value)
  return pattern === '*' || matchesGlob(pattern, value)
}

function denies(pattern: string | undefined): boolean {
  return pattern?.startsWith('!') === true
}

function normalizeRepository(url: string): string {
  let text = url.trim().toLowerCase()
  // scp-like `git@host:path` is `ssh://git@host/path`.
  if (/^[\w.-]+@[\w.-]+:(?!\/\/)/.test(text)) text = text.replace(':', '/')
  return text.replace(/\.git$/, '').replace(/^ssh:\/\//, '')
}
