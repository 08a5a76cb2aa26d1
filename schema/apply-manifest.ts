import { applyManifest } from '../commands/apply-manifest.ts'
import type { ApplyResult } from '../commands/apply-result.ts'
import { builder } from './builder.ts'
import { encodeGlobalId } from './global-id.ts'
import { outcomeOf, payloadRef } from './payload.ts'

const ApplyOutcomeEnum = builder.enumType('ApplyOutcome', {
  description: 'What became of a document.',
  values: {
    CREATED: { value: 'created', description: 'There was none of that name.' },
    CONFIGURED: { value: 'configured', description: 'It was there, and is changed.' },
    UNCHANGED: { value: 'unchanged', description: 'It was there, just so.' },
  } as const,
})

const ApplyResultRef = builder.objectRef<ApplyResult>('ApplyResult').implement({
  description: 'What became of one document of a manifest.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: '`Application`, `ApplicationSet`, `Project` or `Cluster`.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
    nodeId: t.id({ description: 'Its global id, for `node(id)`.', resolve: (result) => encodeGlobalId(result.kind, result.id) }),
    outcome: t.field({ type: ApplyOutcomeEnum, description: 'Created, configured or unchanged.', resolve: (result) => result.outcome }),
  }),
})

const ApplyManifestInput = builder.inputType('ApplyManifestInput', {
  description: 'Manifests as Argo CD takes them.',
  fields: (t) => ({
    manifest: t.string({
      required: true,
      description:
        'YAML or JSON, one or several documents: Application, ApplicationSet, AppProject (argoproj.io/v1alpha1), and v1 Secrets that are Argo CD clusters.',
    }),
  }),
})

const ApplyManifestPayload = payloadRef<readonly ApplyResult[]>('ApplyManifestPayload').implement({
  description: 'What became of each document, in their order.',
  fields: (t) => ({
    results: t.field({ type: [ApplyResultRef], description: 'Empty when refused.', resolve: ({ value }) => [...(value ?? [])] }),
  }),
})

builder.mutationField('applyManifest', (t) =>
  t.field({
    type: ApplyManifestPayload,
    description: 'Applies manifests. Every problem of every document is named, and with any of them nothing is written.',
    args: { input: t.arg({ type: ApplyManifestInput, required: true, description: 'The manifests.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) => outcomeOf(loaders, () => applyManifest(commands, viewer, input)),
  }),
)
