import { type ApplicationManifest, type ObjectMeta, resourcesFinalizer } from '../fleet/application.ts'
import type { ApplicationSetSpec } from '../fleet/application-set.ts'
import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type JsonObject } from '../fleet/json.ts'
import { isLeftOut } from '../fleet/set/empty-fields.ts'
import { defaultNamespace } from '../fleet/set/names.ts'
import type { GeneratorEnvironment } from './environment.ts'
import { expandGenerator } from './expand-generator.ts'
import type { Expansion, GeneratedApplication } from './expansion.ts'
import type { GeneratorInputs, Parameters, SourceRequest, TemplateMode } from './generator.ts'
import { applicationsMax, problemsMax } from './limits.ts'
import { mergeTemplate } from './merge-template.ts'
import { textsIn } from './patch-structure.ts'
import { generatorRegistry } from './registry.ts'
import { requestKey } from './requests.ts'
import { type CompiledTemplate, compileTemplate, type Rendered } from './template.ts'
import type { RenderContext } from './template-engine.ts'
import { patchApplication } from './template-patch.ts'

export type { GeneratorEnvironment } from './environment.ts'

/**
 * What an ApplicationSet gives: generators to parameters, parameters to applications. Follows Argo CD (docs: reference/applicationset.md);
 * where it throws everything away for one bad element, that element is left out and named. Pure; nothing of `inputs` is changed.
 */
export function expandSet(
  set: { readonly metadata: ObjectMeta; readonly spec: ApplicationSetSpec },
  inputs: GeneratorInputs,
  world: GeneratorEnvironment,
): Expansion {
  const { spec } = set
  const environment = { ...world, engine: world.engine.forExpansion?.() ?? world.engine }
  const mode: TemplateMode = {
    goTemplate: spec.goTemplate === true,
    goTemplateOptions: spec.goTemplateOptions ?? [],
  }
  const registry = generatorRegistry(environment)
  const known: GeneratorInputs = {
    ...inputs,
    applicationSetName: inputs.applicationSetName ?? set.metadata.name,
  }
  const trusted = textsIn(spec.generators)
  const applications: GeneratedApplication[] = []
  const leftOut = new ProblemList()
  const missing: Problem[] = []
  const requests: SourceRequest[] = []
  const proofs: string[] = []

  for (const [index, entry] of spec.generators.entries()) {
    const given = inputs.project === undefined ? { ...known, project: projectOfEntry(entry, spec) } : known
    for (const { path, template, result } of expandGenerator(entry, registry, mode, given, `spec.generators[${index}]`)) {
      if (result.outcome === 'incomplete') missing.push(...result.problems)
      else if (result.outcome === 'needs') requests.push(...result.requests)
      else {
        proofs.push(`${path}: ${result.proof}`)
        leftOut.add(result.leftOut ?? [])
        if (applications.length + result.parameters.length > applicationsMax) {
          missing.push({
            path,
            message: `the set would have more than ${applicationsMax} applications`,
          })
          continue
        }
        const compiled = compileTemplate(mergeTemplate(template, spec.template), 'spec.template', isLeftOut)
        const context = { mode, types: result.types ?? [], nowMs: inputs.nowMs }
        for (const [element, parameters] of result.parameters.entries()) {
          const origin = `${path.slice('spec.'.length)} element ${element}`
          const rendered = renderPatched(set, compiled, parameters, context, environment, trusted)
          if (rendered.manifest === null)
            leftOut.add(
              rendered.problems.map((problem) => ({
                ...problem,
                message: `${origin}: ${problem.message}`,
              })),
            )
          else
            applications.push({
              manifest: rendered.manifest,
              origin,
              parameters,
            })
        }
      }
    }
  }
  // Questions first: what other generators give is to be known although one of them fails.
  if (requests.length > 0)
    return { outcome: 'needs', requests: [...new Map(requests.map((request) => [requestKey(request), request])).values()] }
  if (missing.length > 0) return { outcome: 'incomplete', applications, problems: [...missing, ...leftOut.all()] }
  return { outcome: 'complete', applications, problems: leftOut.all(), proofs }
}

/** Whose credentials and rules requests may use: the template's project, unless only rendering can say which. */
export function projectOf({ template }: ApplicationSetSpec): string | null {
  const written = isJsonObject(template.spec) ? template.spec.project : undefined
  if (typeof written !== 'string' || written === '') return 'default'
  return written.includes('{{') ? null : written
}

/**
 * projectOf() for one entry of `generators`, whose own templates may say another project; null when its generators' applications are of several.
 * Otherwise a set could read the secrets of a project in which it has no application.
 */
function projectOfEntry(entry: JsonObject, spec: ApplicationSetSpec): string | null {
  const templates = Object.entries(entry).flatMap(([field, generator]) => {
    if (field === 'selector' || !isJsonObject(generator)) return []
    const own = isJsonObject(generator.template) ? generator.template : {}
    return [mergeTemplate(own, spec.template)]
  })
  const [project = projectOf(spec), ...others] = new Set(templates.map((template) => projectOf({ ...spec, template })))
  return others.length > 0 ? null : project
}

function renderPatched(
  set: { readonly metadata: ObjectMeta; readonly spec: ApplicationSetSpec },
  compiled: CompiledTemplate,
  parameters: Parameters,
  context: RenderContext,
  environment: GeneratorEnvironment,
  trusted: ReadonlySet<string>,
): ReturnType<typeof renderApplication> {
  const rendered = renderApplication(set, compiled(environment.engine.bind(parameters, context)))
  const { templatePatch } = set.spec
  if (rendered.manifest === null || templatePatch === undefined || templatePatch === '') return rendered
  const manifest = rendered.manifest as unknown as JsonObject
  const { application, problems } = patchApplication(manifest, templatePatch, parameters, context, environment, trusted)
  if (application === null) return { manifest: null, problems }
  const metadata = isJsonObject(application.metadata) ? application.metadata : {}
  // The patch may give another name, but no other namespace.
  const patched = { ...application, metadata: { ...metadata, name: metadata.name ?? '', namespace: rendered.manifest.metadata.namespace } }
  return { manifest: withDestination(patched), problems: [] }
}

function withDestination(application: JsonObject): ApplicationManifest {
  const spec = isJsonObject(application.spec) ? application.spec : {}
  return { ...application, spec: { ...spec, destination: spec.destination ?? {} } } as unknown as ApplicationManifest
}

/** One application: the rendered template, and what Argo CD adds: the finalizer, and the set's namespace. */
export function renderApplication(
  set: { readonly metadata: ObjectMeta; readonly spec: ApplicationSetSpec },
  { value, problems }: Rendered,
): {
  readonly manifest: ApplicationManifest | null
  readonly problems: readonly Problem[]
} {
  if (value === null) return { manifest: null, problems }
  const metadata: JsonObject = isJsonObject(value.metadata) ? value.metadata : {}
  const spec: JsonObject = isJsonObject(value.spec) ? value.spec : {}
  const finalizers = Array.isArray(metadata.finalizers) ? metadata.finalizers : []
  const addFinalizer = finalizers.length === 0 && set.spec.syncPolicy?.preserveResourcesOnDeletion !== true
  // The types of the template were checked by manifests/; rendering changes text only.
  const manifest = {
    metadata: {
      ...metadata,
      name: metadata.name ?? '',
      // The set's, whatever the template says: applications stay within the bounds of whoever may write the set.
      namespace: set.metadata.namespace ?? defaultNamespace,
      ...(addFinalizer ? { finalizers: [resourcesFinalizer] } : {}),
    },
    spec: {
      ...spec,
      project: spec.project === undefined || spec.project === '' ? 'default' : spec.project,
      destination: spec.destination ?? {},
    },
  } as unknown as ApplicationManifest
  return { manifest, problems: [] }
}

/** Problems up to a bound; the last one says how many more there were. */
class ProblemList {
  private readonly kept: Problem[] = []
  private more = 0

  add(problems: readonly Problem[]): void {
    for (const problem of problems) {
      if (this.kept.length < problemsMax) this.kept.push(problem)
      else this.more += 1
    }
  }

  all(): readonly Problem[] {
    return this.more === 0
      ? this.kept
      : [
          ...this.kept,
          {
            path: 'spec.generators',
            message: `and ${this.more} more problems`,
          },
        ]
  }
}
