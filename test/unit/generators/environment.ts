import type { Json, JsonObject } from '../../../fleet/json.ts'
import { argoEngine } from '../../../generators/argo-engine.ts'
import type { GeneratorEnvironment } from '../../../generators/environment.ts'
import type {
  ClusterFact,
  GeneratorInputs,
  GeneratorResult,
  SourceAnswer,
  SourceRequest,
  TemplateMode,
} from '../../../generators/generator.ts'
import { generatorRegistry } from '../../../generators/registry.ts'
import { readApplication } from '../../../manifests/read-application.ts'

export const environment: GeneratorEnvironment = { engine: argoEngine(), readApplication }

export const fast: TemplateMode = { goTemplate: false, goTemplateOptions: [] }
export const go: TemplateMode = { goTemplate: true, goTemplateOptions: [] }
export const goStrict: TemplateMode = { goTemplate: true, goTemplateOptions: ['missingkey=error'] }

export function cluster(name: string, labels: Readonly<Record<string, string>> = {}, more: Partial<ClusterFact> = {}): ClusterFact {
  return { name, server: `https://${name}.example`, project: '', labels, annotations: {}, ...more }
}

export function inputs(clusters: readonly ClusterFact[] | null = [], more: Partial<GeneratorInputs> = {}): GeneratorInputs {
  return { clusters, answer: () => undefined, nowMs: 0, ...more }
}

/** Inputs whose questions are answered by kind: a value is a complete answer. What isn't there wasn't answered yet. */
export function answering(
  answers: Readonly<Record<string, Json | ((request: JsonObject) => SourceAnswer)>>,
  more: Partial<GeneratorInputs> = {},
) {
  const asked: JsonObject[] = []
  const answer = (request: SourceRequest): SourceAnswer | undefined => {
    asked.push(request)
    const given = answers[request.kind]
    if (given === undefined) return undefined
    return typeof given === 'function' ? given(request) : { complete: true, value: given, proof: 'all pages' }
  }
  return { asked, inputs: inputs([], { ...more, answer }) }
}

export function refused(error: string, notFound = false): () => SourceAnswer {
  return () => ({ complete: false, error, ...(notFound ? { notFound } : {}) })
}

/** One generator alone, by its field. */
export function expandOne(field: string, spec: Json, mode: TemplateMode, given: GeneratorInputs): GeneratorResult {
  const generator = generatorRegistry(environment).get(field)
  if (generator === undefined) throw new Error(`no generator ${field}`)
  return generator.expand(spec, mode, given, 'g')
}
