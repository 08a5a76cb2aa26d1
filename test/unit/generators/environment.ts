import { argoEngine } from '../../../generators/argo-engine.ts'
import type { GeneratorEnvironment } from '../../../generators/environment.ts'
import type { ClusterFact, GeneratorInputs, TemplateMode } from '../../../generators/generator.ts'
import { readApplication } from '../../../manifests/read-application.ts'
import { readFirstYaml } from '../../../manifests/yaml.ts'

export const environment: GeneratorEnvironment = { engine: argoEngine(), readYaml: readFirstYaml, readApplication }

export const fast: TemplateMode = { goTemplate: false, goTemplateOptions: [] }
export const go: TemplateMode = { goTemplate: true, goTemplateOptions: [] }
export const goStrict: TemplateMode = { goTemplate: true, goTemplateOptions: ['missingkey=error'] }

export function cluster(name: string, labels: Readonly<Record<string, string>> = {}, more: Partial<ClusterFact> = {}): ClusterFact {
  return { name, server: `https://${name}.example`, project: '', labels, annotations: {}, ...more }
}

export function inputs(clusters: readonly ClusterFact[] | null = [], more: Partial<GeneratorInputs> = {}): GeneratorInputs {
  return { clusters, answer: () => undefined, nowMs: 0, ...more }
}
