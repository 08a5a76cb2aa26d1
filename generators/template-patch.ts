import type { Problem } from '../fleet/errors.ts'
import { FleetError } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { withoutEmptyFields } from '../fleet/set/empty-fields.ts'
import type { GeneratorEnvironment } from './environment.ts'
import type { Parameters } from './generator.ts'
import { type Neutral, neutralized, sameStructure, tokenStart, untrustedTexts } from './patch-structure.ts'
import { readYamlOrJson } from './read-yaml.ts'
import { strategicMerge } from './strategic-merge.ts'
import type { RenderContext, RenderText } from './template-engine.ts'

const path = 'spec.templatePatch'

export interface Patched {
  /** Null when anything failed. */
  readonly application: JsonObject | null
  readonly problems: readonly Problem[]
}

/**
 * Renders a templatePatch as one text, reads it as YAML 1.1 and lays it over an application, as Argo CD does: lists replace (finalizers
 * unite), null deletes, fields that an Application doesn't have are dropped, the project stays whatever the patch says. An empty `spec` or `metadata`
 * changes nothing, where Argo CD would delete it. Beyond Argo CD a text
 * that comes from outside (a branch, a label, a file; not one that stands in `trusted`, the set's own generators) is refused when it changes
 * which fields the patch has: `quote` or `toJson` keep it a value.
 */
export function patchApplication(
  application: JsonObject,
  templatePatch: string,
  parameters: Parameters,
  context: RenderContext,
  environment: GeneratorEnvironment,
  trusted: ReadonlySet<string>,
): Patched {
  const rendered = renderText(templatePatch, environment.engine.bind(parameters, context))
  if ('problems' in rendered) return { application: null, problems: rendered.problems }
  const read = readPatchText(rendered.text)
  if ('problems' in read) return { application: null, problems: read.problems }
  const injected = findInjection({ text: rendered.text, patch: read.patch }, templatePatch, parameters, context, environment, trusted)
  if (injected !== null) {
    const message = `the parameter ${injected} would change which fields the patch has: write it with quote or toJson`
    return { application: null, problems: [{ path, message }] }
  }
  return applyTemplatePatch(application, read.patch, environment)
}

/** Lays a rendered patch over an application. */
export function applyTemplatePatch(application: JsonObject, patch: JsonObject, { readApplication }: GeneratorEnvironment): Patched {
  // A condition that leaves `spec:` with nothing in it is meant to change nothing.
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null))
  const flat = ['metadata', 'spec'].find((field) => given[field] !== undefined && !isJsonObject(given[field]))
  if (flat !== undefined) return { application: null, problems: [{ path, message: `${flat} must be an object` }] }
  const merged = merge(application, given)
  if (typeof merged === 'string') return { application: null, problems: [{ path, message: merged }] }
  const project = isJsonObject(application.spec) ? application.spec.project : undefined
  const { project: _project, ...spec } = isJsonObject(merged.spec) ? merged.spec : {}
  const restored = { ...merged, spec: { ...spec, ...(project === undefined ? {} : { project }) } }
  if (readApplication === undefined) return { application: restored, problems: [] }
  const { value, problems } = readApplication(restored)
  return {
    application: value === null ? null : withoutEmptyFields(value),
    problems: problems.map((problem) => ({ path, message: `patched application: ${problem.path}: ${problem.message}` })),
  }
}

/** The application with the patch over it, or why that can't be. */
function merge(application: JsonObject, patch: JsonObject): JsonObject | string {
  try {
    return strategicMerge(application, patch)
  } catch (error) {
    if (error instanceof FleetError) return error.message
    throw error
  }
}

/** The patch that a text holds. An empty one changes nothing. */
export function readPatchText(text: string): { readonly patch: JsonObject } | { readonly problems: readonly Problem[] } {
  const { value, problems } = readYamlOrJson(text)
  if (problems.length > 0) {
    return { problems: problems.map(({ message }) => ({ path, message: `${message} (in what the template gives)` })) }
  }
  if (value !== null && !isJsonObject(value)) return { problems: [{ path, message: 'must give an object' }] }
  return { patch: value ?? {} }
}

function renderText(templatePatch: string, render: RenderText): { readonly text: string } | { readonly problems: readonly Problem[] } {
  try {
    return { text: render(templatePatch) }
  } catch (error) {
    if (!(error instanceof FleetError)) throw error
    return { problems: [{ path, message: error.message }] }
  }
}

/** Texts of one application that are looked at one by one; with more, all of them have to be harmless together. */
const lookedAtMax = 50

/**
 * The path of a parameter that changes which fields the patch has, or null. A text is harmless when the patch has the same fields with a plain
 * word in its place. One of which nothing is written into the patch was compared, or parsed on purpose (fromJson, fromYaml).
 */
function findInjection(
  { text, patch }: { readonly text: string; readonly patch: Json },
  templatePatch: string,
  parameters: Parameters,
  context: RenderContext,
  environment: GeneratorEnvironment,
  trusted: ReadonlySet<string>,
): string | null {
  const suspects = untrustedTexts(parameters, trusted)
  if (suspects.length === 0) return null
  const isHarmlessAs = (some: typeof suspects, neutral: Neutral): boolean | null => {
    const rendered = renderText(templatePatch, environment.engine.bind(neutralized(parameters, some, neutral), context))
    if ('problems' in rendered) return null
    // The same comes out without them.
    if (rendered.text === text) return true
    if (!rendered.text.toLowerCase().includes(tokenStart)) return null
    const read = readPatchText(rendered.text)
    return 'problems' in read ? null : sameStructure(patch, read.patch, some)
  }
  // Of a text that is taken apart (split, index) a plain word has no parts: then the parts of its own text are looked at.
  const isHarmless = (some: typeof suspects) => isHarmlessAs(some, 'whole') ?? isHarmlessAs(some, 'parts')
  if (isHarmless(suspects) === true) return null
  if (suspects.length > lookedAtMax)
    return suspects
      .map(({ path: at }) => at.join('.'))
      .slice(0, 3)
      .join(', ')
  const guilty = suspects.find((one) => isHarmless([one]) === false)
  return guilty === undefined ? null : guilty.path.join('.')
}
