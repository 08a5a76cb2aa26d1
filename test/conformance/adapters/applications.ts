import type { ApplicationManifest, ObjectMeta } from '../../../fleet/application.ts'
import type { ApplicationSetSpec } from '../../../fleet/application-set.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../fleet/json.ts'
import { setConditions } from '../../../fleet/set/conditions.ts'
import { isLeftOut } from '../../../fleet/set/empty-fields.ts'
import { expandSet, renderApplication } from '../../../generators/expand-set.ts'
import type { Expansion } from '../../../generators/expansion.ts'
import { compileTemplate } from '../../../generators/template.ts'
import { applyTemplatePatch, readPatchText } from '../../../generators/template-patch.ts'
import { generatorEnvironment } from '../../../server/generator-environment.ts'
import { type Adapters, list, type Outcome, problemText } from '../adapter.ts'
import { inputsOf } from '../world.ts'
import { modeOf } from './mode.ts'
import { stubsOf } from './stubbed.ts'

const environment = generatorEnvironment()

export const applicationAdapters: Adapters = {
  applications: { run: expand, unordered: ['applications', 'applicationsGeneratedDespiteError'], clean: withoutNoise },
  render_application: {
    run: (given) => {
      const template = isJsonObject(given.template) ? given.template : {}
      const spec = { template, generators: [], syncPolicy: given.syncPolicy } as unknown as ApplicationSetSpec
      const context = { mode: modeOf(given), types: [], nowMs: 0 }
      const render = environment.engine.bind(isJsonObject(given.params) ? given.params : {}, context)
      const rendered = compileTemplate(template, 'template', isLeftOut)(render)
      // A set's namespace wins over it: there it is the template's own.
      const namespace = isJsonObject(rendered.value?.metadata) ? rendered.value.metadata.namespace : undefined
      const set = { metadata: { name: 'set', namespace: String(namespace ?? '') }, spec }
      const { manifest, problems } = renderApplication(set, rendered)
      return manifest === null ? { error: problemText(problems) } : { value: { application: manifest as unknown as Json } }
    },
    clean: withoutNoise,
  },
  template_patch: {
    run: (given) => {
      const read = readPatchText(String(given.templatePatch))
      if ('problems' in read) return { error: problemText(read.problems) }
      const patched = applyTemplatePatch(isJsonObject(given.application) ? given.application : {}, read.patch, environment)
      return patched.application === null ? { error: problemText(patched.problems) } : { value: { application: patched.application } }
    },
    clean: withoutNoise,
  },
}

function expand(given: JsonObject): Outcome {
  const manifest = isJsonObject(given.applicationSet) ? given.applicationSet : {}
  const world = isJsonObject(given.environment) ? given.environment : {}
  const set = { metadata: manifest.metadata as unknown as ObjectMeta, spec: manifest.spec as unknown as ApplicationSetSpec }
  const generators = stubsOf(world.stubbedGenerators)
  return outcomeOf(expandSet(set, inputsOf(world), { ...environment, generators }))
}

/** A set has failed as soon as its condition ErrorOccurred is true, whatever it generates in spite of that. */
function outcomeOf(expansion: Expansion): Outcome {
  if (expansion.outcome === 'needs') return { error: `not answered: ${expansion.requests.map(({ kind }) => kind).join(', ')}` }
  const { outcome, applications, problems } = expansion
  if (outcome === 'complete' && problems.length === 0) {
    return { value: { applications: applications.map(({ manifest }) => manifest as unknown as Json) } }
  }
  const conditions = setConditions({
    before: [],
    nowMs: 0,
    expansion: { complete: outcome === 'complete', problems },
    invalid: [],
    held: null,
    rollout: { outcome: 'none' },
    unresolved: [],
  })
  const reason = conditions.find((condition) => condition.type === 'ErrorOccurred' && condition.status === 'True')?.reason ?? null
  const names = applications.map(({ manifest }: { readonly manifest: ApplicationManifest }) => manifest.metadata.name)
  return { error: problemText(problems), also: { reason, applicationsGeneratedDespiteError: names } }
}

/** What is the same there or not: status, what API servers set, empty destinations, and the project `default`. */
export function withoutNoise(member: Json, name: string): Json {
  if (name === 'applications') return list(member).map((one) => (isJsonObject(one) ? cleaned(one) : one))
  return name === 'application' && isJsonObject(member) ? cleaned(member) : member
}

const serverSet = ['creationTimestamp', 'uid', 'resourceVersion', 'ownerReferences']

export function cleaned({ apiVersion: _apiVersion, kind: _kind, status: _status, ...application }: JsonObject): JsonObject {
  const metadata = isJsonObject(application.metadata) ? application.metadata : {}
  const spec = isJsonObject(application.spec) ? application.spec : {}
  return {
    ...application,
    metadata: Object.fromEntries(
      Object.entries(metadata).filter(([key, value]) => !serverSet.includes(key) && value !== '' && !isEmpty(value)),
    ),
    spec: Object.fromEntries(
      Object.entries(spec).filter(
        ([key, value]) =>
          !((key === 'destination' || key === 'source') && isEmpty(value)) && !(key === 'project' && (value === '' || value === 'default')),
      ),
    ),
  }
}

function isEmpty(value: Json | undefined): boolean {
  return value === null || (isJsonObject(value) && Object.keys(value).length === 0)
}
