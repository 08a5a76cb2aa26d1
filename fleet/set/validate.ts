import type { ApplicationManifest, Condition } from '../application.ts'
import type { ProjectSpec } from '../application-set.ts'
import type { Problem } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { keyProblems, valueProblems } from '../label-selector.ts'
import { applicationProblems, holdsCredentials } from './application-problems.ts'
import { type ClusterIndex, indexClusters, type RegisteredCluster, resolveDestination } from './destination.ts'
import { dnsLabelProblem, subdomainProblem } from './names.ts'
import { defaultProject, permitAll, permitsDestination, permitsSource, repositoriesOf } from './project-rules.ts'

/** The condition type of an application whose spec can't be followed, as Argo CD calls it. */
export const invalidSpec = 'InvalidSpecError'

export interface ValidationInput {
  readonly generated: readonly {
    readonly manifest: ApplicationManifest
    readonly origin: string
  }[]
  readonly projects: readonly {
    readonly name: string
    readonly spec: ProjectSpec
  }[]
  readonly clusters: readonly RegisteredCluster[]
  /** Who owns the names that belong to somebody else, in words: `the ApplicationSet other`. */
  readonly owners: ReadonlyMap<string, string>
  readonly nowMs: number
}

export interface ValidApplication {
  readonly manifest: ApplicationManifest
  /** Null while its destination isn't one registered cluster: then a condition says so. */
  readonly clusterId: string | null
  readonly conditions: readonly Condition[]
}

export interface Validation {
  /** May be written down. Those without a cluster wait for theirs. */
  readonly valid: readonly ValidApplication[]
  /** By name, for everything that was generated and has a name: empty when nothing is wrong. */
  readonly conditions: ReadonlyMap<string, readonly Condition[]>
  readonly problems: readonly Problem[]
}

/**
 * Checks each generated application by itself, so that a bad one never takes others down: a name that is valid, unique in the set and not
 * somebody else's, a complete spec, a project that exists and permits source and destination, a destination that is exactly one
 * registered cluster. An application whose only fault is its destination is written down without a cluster (DESIGN: a condition,
 * not a crash); any other fault leaves it out, and what is there of that name stays as it is.
 */
export function validateApplications(input: ValidationInput): Validation {
  const clusters = indexClusters(input.clusters)
  const projects = new Map(input.projects.map((project) => [project.name, project.spec]))
  if (!projects.has(defaultProject)) projects.set(defaultProject, permitAll)
  const seen = new Map<string, string>()
  const valid: ValidApplication[] = []
  const conditions = new Map<string, readonly Condition[]>()
  const problems: Problem[] = []
  for (const { manifest, origin } of input.generated) {
    const { name } = manifest.metadata
    const identity = [...identityProblems(manifest), ...ownerProblems(name, seen, input.owners)]
    if (!seen.has(name)) seen.set(name, origin)
    const faults = [...identity, ...specProblems(manifest, projects, clusters)]
    const resolved = resolveDestination(manifest.spec.destination, clusters)
    const destination = 'problem' in resolved ? [{ path: 'spec.destination', message: resolved.problem }] : []
    const found = [...faults, ...destination]
    for (const problem of found)
      problems.push({
        path: `spec.template.${problem.path}`,
        message: `application ${name === '' ? '(no name)' : name} (${origin}): ${problem.message}`,
      })
    const own = found.length === 0 ? [] : [condition(found, input.nowMs)]
    // A duplicate says nothing about the application that has the name already.
    if (identity.length === 0) conditions.set(name, own)
    if (faults.length === 0)
      valid.push({
        manifest,
        clusterId: 'cluster' in resolved ? resolved.cluster.id : null,
        conditions: own,
      })
  }
  return { valid, conditions, problems }
}

function condition(problems: readonly Problem[], nowMs: number): Condition {
  const message = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ')
  return {
    type: invalidSpec,
    status: 'True',
    reason: invalidSpec,
    message,
    lastTransitionAtMs: nowMs,
  }
}

function ownerProblems(name: string, seen: ReadonlyMap<string, string>, owners: ReadonlyMap<string, string>): readonly Problem[] {
  if (name === '') return []
  const first = seen.get(name)
  if (first !== undefined)
    return [
      {
        path: 'metadata.name',
        message: `${first} gives an application of that name too; names must be unique`,
      },
    ]
  const owner = owners.get(name)
  return owner === undefined
    ? []
    : [
        {
          path: 'metadata.name',
          message: `belongs to ${owner}: choose another name, or delete that one first`,
        },
      ]
}

function identityProblems({ metadata }: ApplicationManifest): readonly Problem[] {
  const { name, labels = {}, annotations = {} } = metadata
  const problems: Problem[] = []
  const nameProblem = subdomainProblem(name)
  if (name === '')
    problems.push({
      path: 'metadata.name',
      message: 'renders to nothing: every application needs a name',
    })
  else if (nameProblem !== null) {
    const hint = name.includes('{{') ? '; there is no parameter for what is left in {{ }}' : ''
    problems.push({
      path: 'metadata.name',
      message: `${JSON.stringify(name)} ${nameProblem}${hint}`,
    })
  }
  for (const [key, value] of Object.entries(labels))
    problems.push(...keyProblems(key, 'metadata.labels'), ...valueProblems(value, 'metadata.labels'))
  for (const key of Object.keys(annotations)) problems.push(...keyProblems(key.toLowerCase(), 'metadata.annotations'))
  return problems
}

function specProblems(
  manifest: ApplicationManifest,
  projects: ReadonlyMap<string, ProjectSpec>,
  clusters: ClusterIndex,
): readonly Problem[] {
  const { spec } = manifest
  const problems = applicationProblems(spec as unknown as JsonObject, 'spec').filter(
    (problem) => !problem.path.startsWith('spec.destination'),
  )
  const { namespace = '' } = spec.destination
  const wrongNamespace = namespace === '' ? null : dnsLabelProblem(namespace)
  if (wrongNamespace !== null)
    problems.push({
      path: 'spec.destination.namespace',
      message: `${JSON.stringify(namespace)} ${wrongNamespace}`,
    })

  const name = spec.project === '' ? defaultProject : spec.project
  const project = projects.get(name)
  if (project === undefined)
    return [
      ...problems,
      {
        path: 'spec.project',
        message: `application references project ${name} which does not exist`,
      },
    ]
  for (const repository of repositoriesOf(spec)) {
    // A message about it would repeat what must not be there.
    if (!holdsCredentials(repository) && !permitsSource(project, repository)) {
      problems.push({
        path: 'spec.source.repoURL',
        message: `application repo ${repository} is not permitted in project '${name}'`,
      })
    }
  }
  const resolved = resolveDestination(spec.destination, clusters)
  if ('cluster' in resolved && !permitsDestination(project, name, resolved.cluster, namespace)) {
    const server = (spec.destination.name ?? '') === '' ? resolved.cluster.server : resolved.cluster.name
    const message = `application destination server '${server}' and namespace '${namespace}' do not match any of the allowed destinations in project '${name}'`
    problems.push({ path: 'spec.destination', message })
  }
  return problems
}
