import type { PlannedStage } from '../fleet/rollout/plan.ts'
import type { StagePhase, StageState } from '../fleet/rollout/state.ts'
import type { Rollout } from '../store/store.ts'
import { builder } from './builder.ts'
import { connection, pageArgs, pageCost, pageOfList } from './paging.ts'
import { countByPhase, RolloutTargetConnectionRef, TargetCountRef, TargetPhaseEnum, targetsOf } from './rollout-target.ts'

/** A stage of a plan, with where it stands. */
export interface RolloutStage {
  readonly rollout: Rollout
  readonly index: number
  readonly plan: PlannedStage
  readonly state: StageState
}

const notStarted: StageState = { phase: 'Waiting', approvals: [], startedAtMs: null, finishedAtMs: null, bakedMs: 0, bakingSinceMs: null }

export function stagesOf(rollout: Rollout): RolloutStage[] {
  return rollout.plan.stages.map((plan, index) => ({ rollout, index, plan, state: rollout.state.stages[index] ?? notStarted }))
}

const StagePhaseEnum = builder.enumType('StagePhase', {
  description: 'Where a stage stands.',
  values: ['Waiting', 'AwaitingApproval', 'Running', 'Baking', 'Done', 'Stopped'] as const satisfies readonly StagePhase[],
})

const ApprovalRef = builder.objectRef<StageState['approvals'][number]>('Approval').implement({
  description: 'Somebody let a stage start.',
  fields: (t) => ({
    by: t.exposeString('by', { description: 'Who.' }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: (approval) => approval.atMs }),
  }),
})

const BakeRef = builder.objectRef<RolloutStage>('Bake').implement({
  description: 'How long a stage must stay good after its last success.',
  fields: (t) => ({
    requiredSeconds: t.int({ description: 'As planned.', resolve: (stage) => Math.round(stage.plan.bakeMs / 1000) }),
    bakedSeconds: t.int({
      description: 'What counts so far.',
      resolve: ({ plan, state }, _args, { commands }) => {
        const running = state.bakingSinceMs === null ? 0 : Math.max(0, commands.nowMs() - state.bakingSinceMs)
        return Math.round(Math.min(plan.bakeMs, state.bakedMs + running) / 1000)
      },
    }),
    bakingSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null while it does not count: not yet, or paused.',
      resolve: (stage) => stage.state.bakingSinceMs,
    }),
    endsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it will be enough, if nothing happens.',
      resolve: ({ plan, state }) => (state.bakingSinceMs === null ? null : state.bakingSinceMs + plan.bakeMs - state.bakedMs),
    }),
  }),
})

export const RolloutStageRef = builder.objectRef<RolloutStage>('RolloutStage').implement({
  description: 'One stage of a rollout: targets that move together.',
  fields: (t) => ({
    name: t.string({ description: 'Unique in the plan.', resolve: (stage) => stage.plan.name }),
    phase: t.field({ type: StagePhaseEnum, description: 'Where it stands.', resolve: (stage) => stage.state.phase }),
    reason: t.string({
      nullable: true,
      description: 'What it waits for, for people.',
      resolve: ({ rollout, plan }) =>
        rollout.waits.find((wait) => wait.stage === plan.name && wait.applicationId === null)?.message ?? null,
    }),
    maxConcurrent: t.int({ description: 'Targets that move at once.', resolve: (stage) => stage.plan.maxConcurrent }),
    maxFailures: t.int({
      nullable: true,
      description: 'Failed targets that it tolerates; null: failures do not stop it.',
      resolve: (stage) => stage.plan.maxFailures,
    }),
    progressDeadlineSeconds: t.int({
      nullable: true,
      description: 'How long a target may take; null: for ever.',
      resolve: ({ plan }) => (plan.progressDeadlineMs === null ? null : Math.round(plan.progressDeadlineMs / 1000)),
    }),
    manual: t.boolean({
      description: 'Nothing in it starts by itself (maxUpdate 0 of RollingSync).',
      resolve: (stage) => stage.plan.manual,
    }),
    bake: t.field({
      type: BakeRef,
      nullable: true,
      description: 'Null when it has none.',
      resolve: (stage) => (stage.plan.bakeMs === 0 ? null : stage),
    }),
    approvalsRequired: t.int({
      description: 'Approvals, by different people, before it starts.',
      resolve: (stage) => stage.plan.approvalsRequired,
    }),
    approvals: t.field({ type: [ApprovalRef], description: 'Those that were given.', resolve: (stage) => [...stage.state.approvals] }),
    targetCounts: t.field({
      type: [TargetCountRef],
      description: 'Targets by phase; phases that none is in are left out.',
      resolve: (stage) => countByPhase(targetsOf(stage.rollout, stage.index)),
    }),
    targets: t.field({
      type: RolloutTargetConnectionRef,
      description: 'In the order in which they start; canaries first.',
      args: { ...pageArgs, phases: t.arg({ type: [TargetPhaseEnum], description: 'Only those.' }) },
      complexity: pageCost,
      resolve: (stage, args) =>
        connection(
          pageOfList(
            targetsOf(stage.rollout, stage.index).filter((target) => !args.phases || args.phases.includes(target.state.phase)),
            args,
          ),
        ),
    }),
    startedAt: t.field({ type: 'DateTime', nullable: true, description: 'When it started.', resolve: (stage) => stage.state.startedAtMs }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was done.',
      resolve: (stage) => stage.state.finishedAtMs,
    }),
  }),
})
