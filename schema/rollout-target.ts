import type { PlannedTarget } from '../fleet/rollout/plan.ts'
import type { RolloutWait, TargetPhase, TargetState } from '../fleet/rollout/state.ts'
import type { Rollout } from '../store/store.ts'
import { VersionRef } from './application.ts'
import { builder } from './builder.ts'
import { ApplicationRef, ClusterRef } from './refs.ts'

/** A target of the plan, where it stands, and what it waits for. */
export interface RolloutTarget {
  readonly stage: string
  readonly plan: PlannedTarget
  readonly state: TargetState
  readonly wait: RolloutWait | null
}

const phases = [
  'Pending',
  'Syncing',
  'Verifying',
  'Succeeded',
  'Failed',
  'Deferred',
  'Skipped',
  'RollbackPending',
  'RollbackSyncing',
  'RollbackVerifying',
  'RolledBack',
  'RollbackFailed',
] as const satisfies readonly TargetPhase[]

export const TargetPhaseEnum = builder.enumType('TargetPhase', { description: 'Where one target of a rollout stands.', values: phases })

export const TargetCountRef = builder.objectRef<{ readonly phase: TargetPhase; readonly count: number }>('TargetCount').implement({
  description: 'How many targets are in that phase.',
  fields: (t) => ({
    phase: t.field({ type: TargetPhaseEnum, description: 'The phase.', resolve: (count) => count.phase }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
})

const RolloutTargetRef = builder.objectRef<RolloutTarget>('RolloutTarget').implement({
  description: 'One application on one cluster that a rollout moves.',
  fields: (t) => ({
    stage: t.exposeString('stage', { description: 'The stage that it is in.' }),
    applicationName: t.string({ description: 'As it was when the plan was made.', resolve: (target) => target.plan.applicationName }),
    application: t.field({
      type: ApplicationRef,
      nullable: true,
      description: 'Null when it is gone.',
      resolve: (target, _args, { loaders }) => loaders.application(target.plan.applicationId),
    }),
    clusterName: t.string({ description: 'As it was when the plan was made.', resolve: (target) => target.plan.clusterName }),
    cluster: t.field({
      type: ClusterRef,
      nullable: true,
      description: 'Null when it is gone.',
      resolve: (target, _args, { loaders }) => loaders.cluster(target.plan.clusterId),
    }),
    canary: t.boolean({ description: 'Goes first in its stage, and may not fail.', resolve: (target) => target.plan.canary }),
    phase: t.field({ type: TargetPhaseEnum, description: 'Where it stands.', resolve: (target) => target.state.phase }),
    reason: t.string({
      description: 'Why: the error of a failure, what it waits for.',
      resolve: (target) => target.wait?.message ?? target.state.reason,
    }),
    attempt: t.int({ description: 'Rises with each start, forward or back.', resolve: (target) => target.state.attempt }),
    fromVersion: t.field({
      type: VersionRef,
      nullable: true,
      description: 'What it ran when the plan was made; null for a new one.',
      resolve: ({ plan }, _args, { loaders }) => (plan.fromVersionId === null ? null : loaders.version(plan.fromVersionId)),
    }),
    toVersion: t.field({
      type: VersionRef,
      nullable: true,
      description: 'Where the rollout takes it.',
      resolve: ({ plan }, _args, { loaders }) => loaders.version(plan.toVersionId),
    }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Start of the latest attempt.',
      resolve: (target) => target.state.startedAtMs,
    }),
    appliedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the version was observed applied, in that attempt.',
      resolve: (target) => target.state.appliedAtMs,
    }),
    healthyAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When health was observed, after that.',
      resolve: (target) => target.state.healthyAtMs,
    }),
  }),
})

export const RolloutTargetConnectionRef = builder.connectionObject(
  {
    type: RolloutTargetRef,
    name: 'RolloutTargetConnection',
    fields: (t) => ({ totalCount: t.exposeInt('totalCount', { description: 'Of the whole list, not of the page.' }) }),
  },
  { name: 'RolloutTargetEdge' },
)

const untouched: TargetState = { phase: 'Pending', attempt: 0, startedAtMs: null, appliedAtMs: null, healthyAtMs: null, reason: '' }

/** Targets of one stage, or of all, in the order of the plan. */
export function targetsOf(rollout: Rollout, stageIndex?: number): readonly RolloutTarget[] {
  const waits = new Map<string, RolloutWait>()
  for (const wait of rollout.waits) if (wait.applicationId !== null) waits.set(wait.applicationId, wait)
  return rollout.plan.stages.flatMap((stage, index) =>
    stageIndex !== undefined && index !== stageIndex
      ? []
      : stage.targets.map((plan) => ({
          stage: stage.name,
          plan,
          state: rollout.state.targets[plan.applicationId] ?? untouched,
          wait: waits.get(plan.applicationId) ?? null,
        })),
  )
}

/** In the order in which phases follow each other. */
export function countByPhase(targets: readonly RolloutTarget[]): { readonly phase: TargetPhase; readonly count: number }[] {
  return phases
    .map((phase) => ({ phase, count: targets.filter((target) => target.state.phase === phase).length }))
    .filter(({ count }) => count > 0)
}
