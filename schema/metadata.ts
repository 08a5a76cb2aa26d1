import type { Condition } from '../fleet/application.ts'
import { builder } from './builder.ts'

export interface Pair {
  readonly key: string
  readonly value: string
}

/** Sorted by key, so that two readings look alike. */
export function pairs(record: Readonly<Record<string, string>> | undefined): readonly Pair[] {
  return Object.entries(record ?? {})
    .map(([key, value]) => ({ key, value }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

export const LabelRef = builder.objectRef<Pair>('Label').implement({
  description: 'A label, as Kubernetes has them.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Such as `region`.' }),
    value: t.exposeString('value', { description: 'Such as `eu-west`.' }),
  }),
})

export const AnnotationRef = builder.objectRef<Pair>('Annotation').implement({
  description: 'An annotation, as Kubernetes has them.',
  fields: (t) => ({ key: t.exposeString('key', { description: 'Name.' }), value: t.exposeString('value', { description: 'Any text.' }) }),
})

export const LabelInput = builder.inputType('LabelInput', {
  description: 'A label. A key may stand only once in a list.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'Such as `region`.' }),
    value: t.string({ required: true, description: 'Such as `eu-west`.' }),
  }),
})

export const AnnotationInput = builder.inputType('AnnotationInput', {
  description: 'An annotation. A key may stand only once in a list.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'Name.' }),
    value: t.string({ required: true, description: 'Any text.' }),
  }),
})

export const ConditionRef = builder.objectRef<Condition>('Condition').implement({
  description: 'A condition, as Kubernetes and Argo CD shape them.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'Such as `ErrorOccurred`.' }),
    status: t.exposeString('status', { description: '`True`, `False` or `Unknown`.' }),
    reason: t.exposeString('reason', { description: 'One word, for programs.' }),
    message: t.exposeString('message', { description: 'For people.' }),
    lastTransitionAt: t.field({
      type: 'DateTime',
      description: 'When the status last changed.',
      resolve: (condition) => condition.lastTransitionAtMs,
    }),
  }),
})

export const DeletionModeEnum = builder.enumType('DeletionMode', {
  description: 'What becomes of the resources in the clusters when their application goes.',
  values: {
    CASCADE: { value: 'cascade', description: 'They are deleted too.' },
    ORPHAN: { value: 'orphan', description: 'They stay as they are, unmanaged.' },
  } as const,
})
