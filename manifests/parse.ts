import type { z } from 'zod'
import type { ApplicationSpec, ObjectMeta } from '../fleet/application.ts'
import type { ApplicationSetSpec } from '../fleet/application-set.ts'
import type { Parsed, Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import { applicationProblems } from '../fleet/set/application-problems.ts'
import { ignoredDifferenceProblems } from '../fleet/set/ignored-differences.ts'
import { defaultNamespace } from '../fleet/set/names.ts'
import { generatorSpecProblems, templateProblems } from '../generators/spec-problems.ts'
import { setTemplateProblems } from './completeness.ts'
import { credentialProblems } from './credential-problems.ts'
import { problemsMax } from './limits.ts'
import type { Manifest } from './manifest.ts'
import { metadataProblems } from './metadata-problems.ts'
import { applicationSchema, serverSetMetadata } from './schema/application.ts'
import { applicationSetSchema } from './schema/application-set.ts'
import { projectSchema } from './schema/project.ts'
import { checkShape } from './shape.ts'
import { strategyProblems } from './strategy-problems.ts'
import { unsupportedProblems } from './unsupported.ts'
import { withoutUndefined } from './without-undefined.ts'
import { readYaml, type YamlDocument } from './yaml.ts'

const argoVersion = 'argoproj.io/v1alpha1'
const clusterSecretLabel = 'argocd.argoproj.io/secret-type'

/**
 * Reads manifests as Argo CD publishes them: YAML or JSON, one or several documents of argoproj.io/v1alpha1 Application, ApplicationSet
 * and AppProject, and v1 Secrets that are Argo CD clusters. Strict: unknown fields, wrong types and missing fields are problems with
 * path, line and column, all of them at once; with any, `value` is null. `status`, and metadata that API servers set, are forgotten.
 * What Argo CD has and Roadstead can't do yet is valid here: see unsupportedProblems.
 */
export function parseManifests(text: string): Parsed<readonly Manifest[]> {
  const { value: documents, problems: unreadable } = readYaml(text)
  if (documents === null) return { value: null, problems: unreadable }
  if (documents.length === 0)
    return {
      value: null,
      problems: [{ path: '', message: 'there is no manifest in the text' }],
    }
  const manifests: Manifest[] = []
  const problems: Problem[] = []
  for (const [index, document] of documents.entries()) {
    const { value, problems: found } = parseDocument(document)
    if (value !== null) manifests.push(value)
    const prefix = documents.length > 1 ? `documents[${index}]` : ''
    for (const problem of found.toSorted(byPlace))
      problems.push({
        ...problem,
        path: [prefix, problem.path].filter((part) => part !== '').join('.'),
      })
  }
  return problems.length > 0 ? { value: null, problems: problems.slice(0, problemsMax) } : { value: manifests, problems: [] }
}

function byPlace(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

function parseDocument(document: YamlDocument): Parsed<Manifest> {
  const { json } = document
  if (!isJsonObject(json))
    return {
      value: null,
      problems: [
        {
          path: '',
          message: 'a manifest must be an object',
          ...document.locate([]),
        },
      ],
    }
  const { apiVersion, kind } = json
  if (apiVersion === argoVersion && kind === 'Application') return parseApplication(document)
  if (apiVersion === argoVersion && kind === 'ApplicationSet') return parseSet(document)
  if (apiVersion === argoVersion && kind === 'AppProject') return parseProject(document)
  if (apiVersion === 'v1' && kind === 'Secret') return parseSecret(json, document)
  const missing = (['apiVersion', 'kind'] as const).filter((field) => typeof json[field] !== 'string')
  if (missing.length > 0)
    return {
      value: null,
      problems: missing.map((path) => ({
        path,
        message: 'is required: text',
        ...document.locate([path]),
      })),
    }
  const message = `${String(apiVersion)} ${String(kind)} is not taken: use ${argoVersion} Application, ApplicationSet or AppProject, or a v1 Secret of an Argo CD cluster`
  return {
    value: null,
    problems: [{ path: 'kind', message, ...document.locate(['kind']) }],
  }
}

function parseApplication(document: YamlDocument): Parsed<Manifest> {
  return parseWith(applicationSchema, document, (metadata, spec) => ({
    manifest: {
      kind: 'Application',
      metadata,
      spec: {
        ...spec,
        project: spec.project === undefined || spec.project === '' ? 'default' : spec.project,
      } as unknown as ApplicationSpec,
    },
    problems: applicationProblems(spec, 'spec'),
  }))
}

function parseSet(document: YamlDocument): Parsed<Manifest> {
  return parseWith(applicationSetSchema, document, (metadata, json) => {
    const spec = json as unknown as ApplicationSetSpec
    const credentials = credentialProblems(json)
    return {
      manifest: { kind: 'ApplicationSet', metadata, spec },
      problems: [
        ...generatorProblems(spec.generators),
        ...templateProblems(json),
        ...credentials,
        ...setTemplateProblems(json).filter(({ path }) => !credentials.some((problem) => problem.path === path)),
        ...ignoredDifferenceProblems(spec.ignoreApplicationDifferences ?? [], 'spec.ignoreApplicationDifferences'),
        ...(spec.strategy === undefined ? [] : strategyProblems(spec.strategy, 'spec.strategy')),
      ],
    }
  })
}

function generatorProblems(generators: readonly JsonObject[]): readonly Problem[] {
  if (generators.length === 0)
    return [
      {
        path: 'spec.generators',
        message: 'is empty: at least one generator is required',
      },
    ]
  return generatorSpecProblems(generators, 'spec.generators')
}

function parseProject(document: YamlDocument): Parsed<Manifest> {
  return parseWith(projectSchema, document, (metadata, spec) => ({
    manifest: { kind: 'AppProject', metadata, spec: spec },
    problems: [],
  }))
}

function parseSecret(json: JsonObject, document: YamlDocument): Parsed<Manifest> {
  const labels = isJsonObject(json.metadata) && isJsonObject(json.metadata.labels) ? json.metadata.labels : {}
  if (labels[clusterSecretLabel] === 'cluster') return { value: { kind: 'ClusterSecret', json }, problems: [] }
  const path = `metadata.labels[${JSON.stringify(clusterSecretLabel)}]`
  const message = 'must be `cluster`: of Secrets only those of Argo CD clusters are taken'
  return {
    value: null,
    problems: [
      {
        path,
        message,
        ...document.locate(['metadata', 'labels', clusterSecretLabel]),
      },
    ],
  }
}

/** Shape first; what only makes sense of a well-shaped manifest after that. */
function parseWith(
  schema: z.ZodType,
  document: YamlDocument,
  make: (metadata: ObjectMeta, spec: JsonObject) => { readonly manifest: Manifest; readonly problems: readonly Problem[] },
): Parsed<Manifest> {
  const shape = checkShape(schema, document)
  if (shape.value === null) return { value: null, problems: shape.problems }
  const { metadata, spec } = withoutUndefined(shape.value as JsonObject) as {
    readonly metadata: JsonObject
    readonly spec?: JsonObject
  }
  const { manifest, problems } = make(toMetadata(metadata), spec ?? {})
  const found = [...metadataProblems(metadata, 'metadata'), ...problems]
  if (found.length === 0) return { value: manifest, problems: [] }
  // Refused anyway: then say at once what it would be refused for next.
  return {
    value: null,
    problems: [...found, ...unsupportedProblems(manifest)].map((problem) => ({
      ...problem,
      ...document.locate(pathKeys(problem.path)),
    })),
  }
}

function toMetadata(metadata: JsonObject): ObjectMeta {
  const kept = Object.entries(metadata).filter(([key]) => !serverSetMetadata.includes(key))
  return {
    namespace: defaultNamespace,
    ...Object.fromEntries(kept),
  } as Json as unknown as ObjectMeta
}

/** The keys of a path that formatPath wrote. */
function pathKeys(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(([, index, quoted, name]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? String(JSON.parse(quoted)) : (name ?? ''),
  )
}
