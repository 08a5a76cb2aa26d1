import type { ApplicationManifest } from '../../../fleet/application.ts'
import type { ApplicationSetSpec, IgnoredDifference, ProjectSpec } from '../../../fleet/application-set.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../fleet/json.ts'
import { type ApplicationsSync, planChanges } from '../../../fleet/set/changes.ts'
import { ignoredDifferenceProblems, keepIgnored, withoutIgnored } from '../../../fleet/set/ignored-differences.ts'
import { validateApplications } from '../../../fleet/set/validate.ts'
import { type Adapters, list, problemText } from '../adapter.ts'
import { cleaned, withoutNoise } from './applications.ts'

const unordered = ['applications', 'remaining', 'deleted']

/** What becomes of generated applications. */
export const changeAdapters: Adapters = {
  create_or_update: {
    run: (given) => {
      const changes = plan(given, given.createOnly === true ? 'create-only' : 'sync')
      const existing = new Map(
        list(given.existingApplications)
          .filter(isJsonObject)
          .map((one) => [nameOf(one), one]),
      )
      const written = changes.apply.map(({ manifest }) => ({
        ...existing.get(manifest.metadata.name),
        ...(manifest as unknown as JsonObject),
      }))
      return { value: { applications: [...written, ...changes.unchanged.map(({ name }) => existing.get(name) ?? null)] } }
    },
    unordered,
    clean: withoutNoise,
  },
  ignore_application_differences: {
    run: (given) => {
      const rules = list(given.ignoreApplicationDifferences) as unknown as readonly IgnoredDifference[]
      const { liveApplication, generatedApplication } = given
      const normalized = (one: Json | undefined) => (isJsonObject(one) ? withoutIgnored(rules, one, nameOf(one)) : null)
      const problems = ignoredDifferenceProblems(rules, 'spec.ignoreApplicationDifferences')
      if (problems.length > 0) return { error: problemText(problems) }
      return { value: { normalizedLive: normalized(liveApplication), normalizedGenerated: normalized(generatedApplication) } }
    },
    clean: (member) => (isJsonObject(member) ? cleaned(member) : member),
  },
  delete_in_cluster: {
    run: (given) => {
      const removed = new Set(plan(given, 'sync').remove.map(({ name }) => name))
      const existing = list(given.existingApplications).filter(isJsonObject)
      return {
        value: {
          remaining: existing.filter((one) => !removed.has(nameOf(one))),
          deleted: existing.filter((one) => removed.has(nameOf(one))),
        },
      }
    },
    unordered,
  },
  applications_sync_policy: {
    run: ({ policy }) => {
      const application = (name: string, path: string) => ({ metadata: { name }, spec: { source: { path } } })
      const changes = plan(
        {
          existingApplications: [application('changed', 'a'), application('gone', 'a')],
          desiredApplications: [application('changed', 'b'), application('new', 'a')],
        },
        policy as ApplicationsSync,
      )
      return {
        value: {
          allowCreate: changes.create.length > 0,
          allowUpdate: changes.update.length > 0,
          allowDelete: changes.remove.length > 0,
        },
      }
    },
  },
  validate_applications: {
    run: (given) => {
      const environment = isJsonObject(given.environment) ? given.environment : {}
      const applications = list(given.applications).filter(isJsonObject)
      const clusters = list(environment.clusters)
        .filter(isJsonObject)
        .map(({ name, server }) => ({ id: String(name), name: String(name), server: String(server), project: null }))
      const projects = list(environment.projects).map((name) => ({ name: String(name), spec: anything }))
      // Each by itself: problems say which application they are of in words alone.
      const wrong = applications.filter((one) => {
        const metadata = isJsonObject(one.metadata) ? one.metadata : {}
        const manifest = { ...one, metadata: { ...metadata, name: metadata.name ?? '' } } as unknown as ApplicationManifest
        return (
          validateApplications({ generated: [{ manifest, origin: '' }], projects, clusters, owners: new Map(), nowMs: 0 }).problems.length >
          0
        )
      })
      return { value: { errorsByApplication: Object.fromEntries(wrong.map((one) => [nameOf(one), ''])) } }
    },
    // The wording is the reference's own.
    clean: (member) => (isJsonObject(member) ? Object.keys(member).toSorted() : member),
  },
}

const anything: ProjectSpec = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] }

function nameOf(application: JsonObject): string {
  return isJsonObject(application.metadata) ? String(application.metadata.name ?? '') : ''
}

function plan(given: JsonObject, policy: ApplicationsSync) {
  const set = isJsonObject(given.applicationSet) && isJsonObject(given.applicationSet.spec) ? given.applicationSet.spec : {}
  const { preservedFields, ignoreApplicationDifferences = [] } = set as unknown as Partial<ApplicationSetSpec>
  const current = list(given.existingApplications)
    .filter(isJsonObject)
    .map((one) => ({
      id: nameOf(one),
      name: nameOf(one),
      clusterId: 'cluster',
      manifest: manifestOf(one),
      deletion: null,
      status: { conditions: [] },
    }))
  const generated = list(given.desiredApplications)
    .filter(isJsonObject)
    .map((one) => ({ manifest: manifestOf(one), clusterId: 'cluster', conditions: [] }))
  return planChanges({
    current,
    generated: keepIgnored(ignoreApplicationDifferences, current, generated),
    wantedNames: [],
    incomplete: false,
    policy,
    preservedFields,
  })
}

function manifestOf({ metadata, spec }: JsonObject): ApplicationManifest {
  const given: Json = { metadata: metadata ?? {}, spec: spec ?? {} }
  return given as unknown as ApplicationManifest
}
