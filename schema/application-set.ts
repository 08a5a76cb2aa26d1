import type { ApplicationSet, HeldDeletion } from '../fleet/application-set.ts'
import { FleetError } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import { expansionStale, setHealth } from '../fleet/set/conditions.ts'
import { builder } from './builder.ts'
import { AnnotationRef, ConditionRef, DeletionModeEnum, LabelRef, pairs } from './metadata.ts'
import { connection, pageArgs, pageCost, pageRequest } from './paging.ts'
import { ApplicationConnectionRef, ApplicationSetConnectionRef, ApplicationSetRef, RolloutConnectionRef, RolloutRef } from './refs.ts'
import { RollingSyncStatusConnectionRef, rollingSyncStatuses } from './rolling-sync-status.ts'
import { argoStatus, SetHealthRef, statusResourcesMax } from './set-status.ts'
import { ApplicationCountsRef, HealthStatusEnum, SyncStatusEnum } from './status.ts'

export const StrategyTypeEnum = builder.enumType('StrategyType', {
  description: 'How changes reach the applications of a set.',
  values: {
    AllAtOnce: { description: 'All together, as Argo CD does without a strategy.' },
    RollingSync: { description: "Argo CD's steps over application labels." },
    Staged: { description: "Roadstead's stages over clusters, with budgets, bake and approval." },
  } as const,
})

const HeldDeletionRef = builder.objectRef<HeldDeletion>('HeldDeletion').implement({
  description: 'Deletions that wait until somebody confirms them, because they are unusually many.',
  fields: (t) => ({
    digest: t.exposeString('digest', { description: 'Pass it to `confirmDeletion`: it stands for exactly these applications.' }),
    count: t.int({ description: 'How many applications would go.', resolve: (held) => held.applicationNames.length }),
    applicationNames: t.stringList({
      description: 'Which ones.',
      args: { first: t.arg.int({ defaultValue: 50, description: 'How many names.' }) },
      resolve: (held, { first }) => held.applicationNames.slice(0, pageRequest({ first }).first),
    }),
    reason: t.exposeString('reason', { description: 'Which bound was exceeded.' }),
    heldAt: t.field({ type: 'DateTime', description: 'Since when they wait.', resolve: (held) => held.heldAtMs }),
  }),
})

interface StaleExpansion {
  readonly sinceMs: number
  readonly expandedAtMs: number | null
  readonly nowMs: number
  readonly reason: string
}

const StaleExpansionRef = builder.objectRef<StaleExpansion>('StaleExpansion').implement({
  description: "Generators don't see everything now: applications stay as the last complete expansion gave them.",
  fields: (t) => ({
    since: t.field({ type: 'DateTime', description: 'When it was first seen.', resolve: (stale) => stale.sinceMs }),
    ageSeconds: t.int({
      nullable: true,
      description: 'Seconds since the last complete expansion; null when there never was one.',
      resolve: ({ expandedAtMs, nowMs }) => (expandedAtMs === null ? null : Math.max(0, Math.round((nowMs - expandedAtMs) / 1000))),
    }),
    reason: t.exposeString('reason', { description: "What couldn't be seen." }),
  }),
})

function staleOf({ conditions, expandedAtMs }: ApplicationSet, nowMs: number): StaleExpansion | null {
  const stale = conditions.find(({ type }) => type === expansionStale)
  if (stale === undefined) return null
  const reason = conditions.find(({ type }) => type === 'ParametersGenerated')?.message ?? stale.message
  return { sinceMs: stale.lastTransitionAtMs, expandedAtMs, nowMs, reason }
}

builder.node(ApplicationSetRef, {
  description: 'An Argo CD ApplicationSet: generators and a template that make applications.',
  id: { resolve: (set) => set.id },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique.' }),
    labels: t.field({ type: [LabelRef], description: 'Of the set itself.', resolve: (set) => pairs(set.metadata.labels) }),
    annotations: t.field({ type: [AnnotationRef], description: 'Of the set itself.', resolve: (set) => pairs(set.metadata.annotations) }),
    spec: t.field({
      type: 'JSON',
      description: "Argo CD's ApplicationSet spec, as it was applied.",
      resolve: (set) => set.spec as unknown as Json,
    }),
    strategyType: t.field({
      type: StrategyTypeEnum,
      description: '`spec.strategy.type`.',
      resolve: (set) => set.spec.strategy?.type ?? 'AllAtOnce',
    }),
    generation: t.exposeInt('generation', { description: 'Rises with each change of the spec; pass it as `expectedGeneration`.' }),
    observedGeneration: t.exposeInt('observedGeneration', { description: 'The generation that was last expanded.' }),
    conditions: t.field({ type: [ConditionRef], description: 'As Argo CD names them.', resolve: (set) => [...set.conditions] }),
    condition: t.field({
      type: ConditionRef,
      nullable: true,
      description: 'One of them.',
      args: { type: t.arg.string({ required: true, description: 'Such as `ErrorOccurred`.' }) },
      resolve: (set, { type }) => set.conditions.find((condition) => condition.type === type) ?? null,
    }),
    health: t.field({
      type: SetHealthRef,
      description: 'Whether the set itself works, from its conditions.',
      resolve: (set) => setHealth(set.conditions),
    }),
    status: t.field({
      type: 'JSON',
      description:
        "`status` of the ApplicationSet as Argo CD 3.6 writes it: conditions, health, resources, resourcesCount, and applicationStatus with strategy RollingSync. For what reads Argo CD's; the other fields say more.",
      args: {
        maxResources: t.arg.int({
          required: true,
          defaultValue: 500,
          description: `How many applications are listed, 1 to ${statusResourcesMax}; resourcesCount is always of all.`,
        }),
      },
      complexity: ({ maxResources }) => ({ field: Math.max(1, maxResources) }),
      resolve: (set, { maxResources }, { commands }) => {
        if (maxResources < 1 || maxResources > statusResourcesMax)
          throw new FleetError('INVALID_INPUT', `maxResources must be from 1 to ${statusResourcesMax}, not ${maxResources}`)
        return argoStatus(commands.store, set, maxResources)
      },
    }),
    heldDeletion: t.field({
      type: HeldDeletionRef,
      nullable: true,
      description: 'Deletions that wait to be confirmed.',
      resolve: (set) => set.heldDeletion,
    }),
    expandedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When all generators last gave a complete answer.',
      resolve: (set) => set.expandedAtMs,
    }),
    stale: t.field({
      type: StaleExpansionRef,
      nullable: true,
      description: 'Set while generators do not see everything.',
      resolve: (set, _args, { commands }) => staleOf(set, commands.nowMs()),
    }),
    deletion: t.field({
      type: DeletionModeEnum,
      nullable: true,
      description: 'Set while it is being deleted.',
      resolve: (set) => set.deletion,
    }),
    createdAt: t.field({ type: 'DateTime', description: 'When it was first applied.', resolve: (set) => set.createdAtMs }),
    applicationCounts: t.field({
      type: ApplicationCountsRef,
      description: 'Its applications.',
      complexity: 5,
      resolve: (set, _args, { loaders }) => loaders.countsOfSet(set.id),
    }),
    applications: t.field({
      type: ApplicationConnectionRef,
      description: 'Its applications, by name.',
      args: {
        ...pageArgs,
        sync: t.arg({ type: SyncStatusEnum, description: 'Only those.' }),
        health: t.arg({ type: HealthStatusEnum, description: 'Only those.' }),
      },
      complexity: pageCost,
      resolve: async (set, args, { commands }) =>
        connection(
          await commands.store.applications.page(
            { applicationSetId: set.id, ...(args.sync ? { sync: args.sync } : {}), ...(args.health ? { health: args.health } : {}) },
            pageRequest(args),
          ),
        ),
    }),
    applicationStatuses: t.field({
      type: RollingSyncStatusConnectionRef,
      nullable: true,
      description: "Its applications in the terms of Argo CD's progressive syncs, by name; null without strategy RollingSync.",
      args: pageArgs,
      complexity: pageCost,
      resolve: async (set, args, { commands }) => {
        const page = await rollingSyncStatuses(commands.store, set, pageRequest(args))
        return page === null ? null : connection(page)
      },
    }),
    rollouts: t.field({
      type: RolloutConnectionRef,
      description: 'Its rollouts, newest first.',
      args: pageArgs,
      complexity: pageCost,
      resolve: async (set, args, { commands }) =>
        connection(await commands.store.rollouts.page({ applicationSetId: set.id }, pageRequest(args))),
    }),
    activeRollout: t.field({
      type: RolloutRef,
      nullable: true,
      description: 'The one that goes on, if any.',
      resolve: (set, _args, { loaders }) => loaders.activeRollout(set.id),
    }),
    latestRollout: t.field({
      type: RolloutRef,
      nullable: true,
      description: 'The newest, whatever became of it.',
      complexity: 5,
      resolve: (set, _args, { commands }) => commands.store.rollouts.latest(set.id),
    }),
  }),
})

builder.queryFields((t) => ({
  applicationSets: t.field({
    type: ApplicationSetConnectionRef,
    description: 'ApplicationSets, by name.',
    args: pageArgs,
    complexity: pageCost,
    resolve: async (_root, args, { commands }) => connection(await commands.store.applicationSets.page(pageRequest(args))),
  }),
  applicationSet: t.field({
    type: ApplicationSetRef,
    nullable: true,
    description: 'An ApplicationSet by its name.',
    args: { name: t.arg.string({ required: true, description: '`metadata.name`.' }) },
    resolve: (_root, { name }, { commands }) => commands.store.applicationSets.getByName(name),
  }),
}))
