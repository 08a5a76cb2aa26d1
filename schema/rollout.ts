import type { RolloutPhase, RolloutWait, WaitReason } from '../fleet/rollout/state.ts'
import { finalPhases } from '../fleet/rollout/state.ts'
import type { Rollout } from '../store/store.ts'
import { StrategyTypeEnum } from './application-set.ts'
import { builder } from './builder.ts'
import { rowId } from './global-id.ts'
import { connection, pageArgs, pageCost, pageOfList, pageRequest } from './paging.ts'
import { ApplicationSetRef, RolloutConnectionRef, RolloutRef } from './refs.ts'
import { RolloutStageRef, stagesOf } from './rollout-stage.ts'
import { countByPhase, RolloutTargetConnectionRef, TargetCountRef, TargetPhaseEnum, targetsOf } from './rollout-target.ts'

const RolloutPhaseEnum = builder.enumType('RolloutPhase', {
  description: 'Where a rollout stands. Progressing, Paused and RollingBack go on; the others are final.',
  values: [
    'Progressing',
    'Paused',
    'RollingBack',
    'Succeeded',
    'RolledBack',
    'Aborted',
    'Failed',
  ] as const satisfies readonly RolloutPhase[],
})

const WaitReasonEnum = builder.enumType('WaitReason', {
  description: 'Why something that could go on does not.',
  values: [
    'Paused',
    'PreviousStage',
    'Approval',
    'ConcurrencyLimit',
    'Canary',
    'Health',
    'Bake',
    'ManualSync',
    'Unreachable',
    'Rollback',
  ] as const satisfies readonly WaitReason[],
})

const WaitRef = builder.objectRef<RolloutWait>('RolloutWait').implement({
  description: 'Something that a rollout waits for.',
  fields: (t) => ({
    stage: t.exposeString('stage', { nullable: true, description: 'Which stage waits; null: the whole rollout.' }),
    reason: t.field({ type: WaitReasonEnum, description: 'Why, for programs.', resolve: (wait) => wait.reason }),
    message: t.exposeString('message', { description: 'Why, for people.' }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ends by itself; null: when something happens.',
      resolve: (wait) => wait.untilMs,
    }),
  }),
})

const PauseRef = builder.objectRef<NonNullable<Rollout['state']['pause']>>('RolloutPause').implement({
  description: 'Who or what holds a rollout.',
  fields: (t) => ({
    by: t.exposeString('by', { description: 'Who.' }),
    reason: t.exposeString('reason', { description: 'Why.' }),
    since: t.field({ type: 'DateTime', description: 'Since when.', resolve: (pause) => pause.sinceMs }),
  }),
})

builder.node(RolloutRef, {
  description: 'Takes the applications of one set from the versions that they run to new ones, through stages. Its plan never changes.',
  id: { resolve: (rollout) => rollout.id },
  fields: (t) => ({
    number: t.exposeInt('number', { description: '1, 2, 3 ... within its set.' }),
    applicationSetName: t.exposeString('applicationSetName', { description: 'Name of its set.' }),
    applicationSet: t.field({
      type: ApplicationSetRef,
      nullable: true,
      description: 'Its set.',
      resolve: (rollout, _args, { loaders }) => loaders.applicationSet(rollout.applicationSetId),
    }),
    phase: t.field({ type: RolloutPhaseEnum, description: 'Where it stands.', resolve: (rollout) => rollout.state.phase }),
    reason: t.string({ description: 'Why it stands there, for people.', resolve: (rollout) => rollout.state.reason }),
    final: t.boolean({ description: 'Whether it is over.', resolve: (rollout) => finalPhases.includes(rollout.state.phase) }),
    strategy: t.field({
      type: StrategyTypeEnum,
      description: 'As its set said when it was planned.',
      resolve: (rollout) => rollout.plan.strategy,
    }),
    planDigest: t.string({ description: 'Identifies the plan; approvals are bound to it.', resolve: (rollout) => rollout.plan.digest }),
    maxFailures: t.int({
      nullable: true,
      description: 'Failed targets that it tolerates; null: no bound of its own.',
      resolve: (rollout) => rollout.plan.maxFailures,
    }),
    onFailure: t.string({ description: 'What a breached failure budget does.', resolve: (rollout) => rollout.plan.onFailure }),
    revisions: t.stringList({ description: 'Commits that it takes the set to.', resolve: (rollout) => [...rollout.revisions] }),
    requestedBy: t.exposeString('requestedBy', { description: '`git`, or who changed the set or asked for it.' }),
    pause: t.field({
      type: PauseRef,
      nullable: true,
      description: 'Set while somebody or something holds it.',
      resolve: (rollout) => rollout.state.pause,
    }),
    waits: t.field({
      type: [WaitRef],
      description: 'What it waits for, without the waits of single targets; at most 100.',
      resolve: (rollout) => rollout.waits.filter((wait) => wait.applicationId === null).slice(0, 100),
    }),
    stages: t.field({ type: [RolloutStageRef], description: 'In their order.', resolve: (rollout) => stagesOf(rollout) }),
    stage: t.field({
      type: RolloutStageRef,
      nullable: true,
      description: 'One of them.',
      args: { name: t.arg.string({ required: true, description: 'Its name.' }) },
      resolve: (rollout, { name }) => stagesOf(rollout).find((stage) => stage.plan.name === name) ?? null,
    }),
    targetCounts: t.field({
      type: [TargetCountRef],
      description: 'Targets by phase; phases that none is in are left out.',
      resolve: (rollout) => countByPhase(targetsOf(rollout)),
    }),
    targets: t.field({
      type: RolloutTargetConnectionRef,
      description: 'Its targets in the order of the plan.',
      args: { ...pageArgs, phases: t.arg({ type: [TargetPhaseEnum], description: 'Only those.' }) },
      complexity: pageCost,
      resolve: (rollout, args) =>
        connection(
          pageOfList(
            targetsOf(rollout).filter((target) => !args.phases || args.phases.includes(target.state.phase)),
            args,
          ),
        ),
    }),
    startedAt: t.field({
      type: 'DateTime',
      description: 'When its first step was taken.',
      resolve: (rollout) => rollout.state.startedAtMs,
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was over.',
      resolve: (rollout) => rollout.state.finishedAtMs,
    }),
    createdAt: t.field({ type: 'DateTime', description: 'When it was planned.', resolve: (rollout) => rollout.createdAtMs }),
  }),
})

builder.queryFields((t) => ({
  rollouts: t.field({
    type: RolloutConnectionRef,
    description: 'Rollouts, newest first.',
    args: {
      ...pageArgs,
      applicationSet: t.arg.id({ description: 'Global id of a set: only its own.' }),
      active: t.arg.boolean({ description: 'True: only those that go on. False: only those that are over.' }),
    },
    complexity: pageCost,
    resolve: async (_root, args, { commands }) =>
      connection(
        await commands.store.rollouts.page(
          {
            ...(args.applicationSet ? { applicationSetId: rowId('ApplicationSet', args.applicationSet) } : {}),
            ...(typeof args.active === 'boolean' ? { active: args.active } : {}),
          },
          pageRequest(args),
        ),
      ),
  }),
}))
