import { generate } from '../commands/generate.ts'
import { FleetError } from '../fleet/errors.ts'
import type { FieldChange } from '../fleet/field-changes.ts'
import type { Json } from '../fleet/json.ts'
import type { FieldOrigin, PreviewedApplication, PreviewedChange, SetPreview } from '../fleet/set/preview.ts'
import { builder } from './builder.ts'
import { ProblemRef } from './problem.ts'

/** Applications that one preview shows. */
const previewedMax = 10_000

const PreviewedChangeEnum = builder.enumType('PreviewedChange', {
  description: 'What applying a set would do to one application.',
  values: {
    CREATE: { value: 'create', description: 'There is none of that name.' },
    UPDATE: { value: 'update', description: 'It is there, and would be changed.' },
    DELETE: { value: 'delete', description: 'No longer generated.' },
    UNCHANGED: { value: 'unchanged', description: 'It is there, just so; or the policy of the set lets it be.' },
    WITHHELD: { value: 'withheld', description: 'Not generated as far as was seen, and kept because elements were left out.' },
  } as const,
})

const FieldChangeRef = builder.objectRef<FieldChange>('FieldChange').implement({
  description: 'A field that differs.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Such as `spec.source.targetRevision`.' }),
    before: t.field({
      type: 'JSON',
      nullable: true,
      description: 'As it is; null when it is not there.',
      resolve: ({ before }) => before ?? null,
    }),
    after: t.field({
      type: 'JSON',
      nullable: true,
      description: 'As it would be; null when it would go.',
      resolve: ({ after }) => after ?? null,
    }),
  }),
})

const FieldOriginRef = builder.objectRef<FieldOrigin>('FieldOrigin').implement({
  description: 'A templated field of a set, and the parameters that it reads: why a field of an application is what it is.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Of the template, such as `spec.template.spec.destination.server`.' }),
    template: t.exposeString('template', { description: 'The text as it is written there.' }),
    parameters: t.stringList({
      description: 'Such as `metadata.labels.region`; `*` stands for every element of a list.',
      resolve: ({ parameters }) => [...parameters],
    }),
  }),
})

const PreviewedApplicationRef = builder.objectRef<PreviewedApplication>('PreviewedApplication').implement({
  description: 'One application as applying a set would leave it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    change: t.field({ type: PreviewedChangeEnum, description: 'What would happen to it.', resolve: ({ change }) => change }),
    clusterName: t.exposeString('clusterName', {
      nullable: true,
      description: 'The registered cluster that it goes to; null when there is none.',
    }),
    origin: t.exposeString('origin', {
      nullable: true,
      description: 'Which element of which generator gives it; null when none does any more.',
    }),
    parameters: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The parameters of that element; null when there is none.',
      resolve: ({ parameters }) => parameters,
    }),
    manifest: t.field({
      type: 'JSON',
      description: 'Its metadata and spec as they would be; for one that goes, as they are.',
      resolve: ({ manifest }) => manifest as unknown as Json,
    }),
    differences: t.field({
      type: [FieldChangeRef],
      description: 'Against what is there now; empty unless it is updated.',
      resolve: ({ differences }) => [...differences],
    }),
  }),
})

const ChangeCountRef = builder.objectRef<{ readonly change: PreviewedChange; readonly count: number }>('PreviewedChangeCount').implement({
  description: 'How many applications of a preview change in that way.',
  fields: (t) => ({
    change: t.field({ type: PreviewedChangeEnum, description: 'The change.', resolve: ({ change }) => change }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
})

const SetPreviewRef = builder.objectRef<SetPreview>('SetPreview').implement({
  description: 'What applying an ApplicationSet would give, against what is there.',
  fields: (t) => ({
    complete: t.exposeBoolean('complete', {
      description: 'False: a generator could not see everything, and applying it would change nothing now.',
    }),
    problems: t.field({
      type: [ProblemRef],
      description: 'Elements that are left out, applications that are not valid, generators that could not see.',
      resolve: ({ problems }) => [...problems],
    }),
    proofs: t.stringList({
      description: 'What generators saw, such as `3 of 3 registered clusters`.',
      resolve: ({ proofs }) => [...proofs],
    }),
    origins: t.field({
      type: [FieldOriginRef],
      description: 'Which parameters each templated field reads.',
      resolve: ({ origins }) => [...origins],
    }),
    deletionsHeld: t.exposeString('deletionsHeld', {
      nullable: true,
      description: 'Why the deletions would wait for a confirmation; null when they would not.',
    }),
    counts: t.field({
      type: [ChangeCountRef],
      description: 'How many applications change in which way; only ways that occur.',
      resolve: ({ applications }) =>
        [...Map.groupBy(applications, ({ change }) => change)].map(([change, { length: count }]) => ({ change, count })),
    }),
    // No connection: each page would ask all generators again.
    applications: t.field({
      type: [PreviewedApplicationRef],
      description: 'The first of them, by name; `counts` says how many there are.',
      args: {
        first: t.arg.int({ description: `How many, 1 to ${previewedMax}.`, defaultValue: 500 }),
        changes: t.arg({ type: [PreviewedChangeEnum], description: 'Only those; default all.' }),
      },
      complexity: { field: 50, multiplier: 5 },
      resolve: ({ applications }, { first, changes }) => {
        const count = first ?? 500
        if (count < 1 || count > previewedMax)
          throw new FleetError('INVALID_INPUT', `first must be from 1 to ${previewedMax}, not ${count}`)
        return applications.filter(({ change }) => changes == null || changes.includes(change)).slice(0, count)
      },
    }),
  }),
})

builder.queryField('generate', (t) =>
  t.field({
    type: SetPreviewRef,
    description:
      'The applications that an ApplicationSet would give now, with what would be created, updated and deleted. Asks Git and SCM hosts as a real pass does, and changes nothing. For those who may apply it.',
    args: { manifest: t.arg.string({ required: true, description: 'YAML or JSON of exactly one ApplicationSet.' }) },
    complexity: 50,
    resolve: (_root, { manifest }, { commands, viewer, signal }) => generate(commands, viewer, { manifest, signal }),
  }),
)
