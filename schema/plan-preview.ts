import { type PlanPreview, previewPlan } from '../commands/preview-plan.ts'
import type { PlannedStage, PlannedTarget } from '../fleet/rollout/plan.ts'
import { builder } from './builder.ts'
import { connection, pageArgs, pageCost, pageOfList } from './paging.ts'
import { ProblemRef } from './problem.ts'
import { ApplicationSetRef } from './refs.ts'

const PlannedTargetRef = builder.objectRef<PlannedTarget>('PlannedTarget').implement({
  description: 'One application on one cluster that a rollout would move.',
  fields: (t) => ({
    applicationName: t.exposeString('applicationName', { description: 'Its name.' }),
    clusterName: t.exposeString('clusterName', { description: 'Its cluster.' }),
    canary: t.exposeBoolean('canary', { description: 'Goes first in its stage, and may not fail.' }),
  }),
})

const PlannedTargetConnectionRef = builder.connectionObject(
  {
    type: PlannedTargetRef,
    name: 'PlannedTargetConnection',
    fields: (t) => ({ totalCount: t.exposeInt('totalCount', { description: 'Of the whole list, not of the page.' }) }),
  },
  { name: 'PlannedTargetEdge' },
)

const PlannedStageRef = builder.objectRef<PlannedStage>('PlannedStage').implement({
  description: 'One stage of a plan.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique in the plan.' }),
    maxConcurrent: t.exposeInt('maxConcurrent', { description: 'Targets that move at once.' }),
    maxFailures: t.exposeInt('maxFailures', {
      nullable: true,
      description: 'Failed targets that it tolerates; null: failures do not stop it.',
    }),
    progressDeadlineSeconds: t.int({
      nullable: true,
      description: 'How long a target may take; null: for ever.',
      resolve: (stage) => (stage.progressDeadlineMs === null ? null : Math.round(stage.progressDeadlineMs / 1000)),
    }),
    bakeSeconds: t.int({
      description: 'How long it must stay good after its last success.',
      resolve: (stage) => Math.round(stage.bakeMs / 1000),
    }),
    approvalsRequired: t.exposeInt('approvalsRequired', { description: 'Approvals, by different people, before it starts.' }),
    targets: t.field({
      type: PlannedTargetConnectionRef,
      description: 'In the order in which they start; canaries first.',
      args: pageArgs,
      complexity: pageCost,
      resolve: (stage, args) => connection(pageOfList(stage.targets, args)),
    }),
  }),
})

const PlanPreviewRef = builder.objectRef<PlanPreview>('PlanPreview').implement({
  description: 'The plan that a change of every application of a set would make now.',
  fields: (t) => ({
    stages: t.field({
      type: [PlannedStageRef],
      description: 'In their order; empty when there are problems.',
      resolve: ({ plan }) => [...(plan?.stages ?? [])],
    }),
    problems: t.field({ type: [ProblemRef], description: 'Why no rollout could start.', resolve: ({ problems }) => [...problems] }),
    notes: t.stringList({ description: 'What else a reader should know.', resolve: ({ notes }) => [...notes] }),
  }),
})

builder.objectField(ApplicationSetRef, 'planPreview', (t) =>
  t.field({
    type: PlanPreviewRef,
    description: 'Which clusters a change of every application would reach, in which stage and order. Nothing is started or changed.',
    complexity: 20,
    resolve: (set, _args, { commands }) => previewPlan(commands.store, set),
  }),
)
