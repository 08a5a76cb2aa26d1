import type { ApplicationManifest, Condition } from '../fleet/application.ts'
import type { Project } from '../fleet/application-set.ts'
import type { Problem } from '../fleet/errors.ts'
import type { RegisteredCluster } from '../fleet/set/destination.ts'
import { validateApplications } from '../fleet/set/validate.ts'
import type { CommandContext } from './context.ts'

export interface Standalone {
  /** False: it can't be written down, for its problems. */
  readonly valid: boolean
  /** Null while its destination is no registered cluster: then a condition says so. */
  readonly clusterId: string | null
  readonly conditions: readonly Condition[]
  readonly problems: readonly Problem[]
}

/** What comes in the same text, and isn't written down yet. */
export interface Coming {
  readonly projects: readonly Pick<Project, 'name' | 'spec'>[]
  readonly clusters: readonly RegisteredCluster[]
}

const origin = 'applied by itself'

/** Checks applications that no set makes, by the rules that hold for those of sets: project, source, destination. By name. */
export async function validateStandalone(
  { store, nowMs }: CommandContext,
  manifests: readonly ApplicationManifest[],
  coming: Coming = { projects: [], clusters: [] },
): Promise<ReadonlyMap<string, Standalone>> {
  const clusters = (await store.clusters.all()).filter((cluster) => !cluster.removing)
  const projects = (await store.projects.all()).filter((project) => !coming.projects.some(({ name }) => name === project.name))
  const known = {
    projects: [...projects, ...coming.projects],
    clusters: [...clusters, ...coming.clusters],
    owners: new Map<string, string>(),
    nowMs: nowMs(),
  }
  return new Map(
    manifests.map((manifest) => {
      const { name } = manifest.metadata
      const { valid, conditions, problems } = validateApplications({ ...known, generated: [{ manifest, origin }] })
      return [
        name,
        {
          valid: valid.length > 0,
          clusterId: valid[0]?.clusterId ?? null,
          conditions: conditions.get(name) ?? [],
          problems: problems.map((problem) => ofApplication(problem, name)),
        },
      ]
    }),
  )
}

/** As it is said of a manifest that stands by itself, not of a template. */
function ofApplication(problem: Problem, name: string): Problem {
  return {
    ...problem,
    path: problem.path.replace(/^spec\.template\./, ''),
    message: problem.message.replace(`application ${name} (${origin}): `, ''),
  }
}
