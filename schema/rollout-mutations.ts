import { commandRollout } from '../commands/command-rollout.ts'
import type { RolloutCommand, RolloutVerb } from '../fleet/rollout/state.ts'
import type { Rollout } from '../store/store.ts'
import { builder } from './builder.ts'
import { rowId } from './global-id.ts'
import { outcomeOf, payloadRef } from './payload.ts'
import { RolloutRef } from './refs.ts'

const RolloutCommandPayload = payloadRef<{ readonly rollout: Rollout; readonly command: RolloutCommand }>(
  'RolloutCommandPayload',
).implement({
  description: 'A command that was written down. It is taken in shortly; from here on nothing loses it.',
  fields: (t) => ({
    rollout: t.field({
      type: RolloutRef,
      nullable: true,
      description: 'The rollout, as it was when the command came; null when refused.',
      resolve: ({ value }) => value?.rollout ?? null,
    }),
    commandId: t.int({
      nullable: true,
      description: 'Commands are taken in in the order of this number.',
      resolve: ({ value }) => value?.command.id ?? null,
    }),
  }),
})

const RolloutCommandInput = builder.inputType('RolloutCommandInput', {
  description: 'Something to tell a rollout.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the rollout.' }),
    reason: t.string({ description: 'Why, for whoever reads it later.' }),
    idempotencyKey: t.string({ description: 'Any text; the same again does nothing more.' }),
  }),
})

const ApproveStageInput = builder.inputType('ApproveStageInput', {
  description: 'A stage to let start.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the rollout.' }),
    stage: t.string({ required: true, description: 'Name of the stage.' }),
    planDigest: t.string({
      required: true,
      description: '`planDigest` of the plan that was looked at: the approval is for that and no other.',
    }),
    reason: t.string({ description: 'Why, for whoever reads it later.' }),
    idempotencyKey: t.string({ description: 'Any text; the same again does nothing more.' }),
  }),
})

const plainVerbs = [
  ['pauseRollout', 'pause', 'Holds a rollout: nothing new starts; what is under way goes on.'],
  ['resumeRollout', 'resume', 'Lets a paused rollout go on. The failures that paused it are thereby accepted.'],
  ['abortRollout', 'abort', 'Ends a rollout and leaves everything where it is.'],
  ['rollBackRollout', 'rollBack', 'Ends a rollout and takes everything that it moved back to what ran before.'],
  ['retryRollout', 'retry', 'Tries the failed targets of a rollout again.'],
] as const satisfies readonly (readonly [string, RolloutVerb, string])[]

for (const [field, verb, description] of plainVerbs) {
  builder.mutationField(field, (t) =>
    t.field({
      type: RolloutCommandPayload,
      description: `${description} Refused with the reason where that is not legal in its phase.`,
      args: { input: t.arg({ type: RolloutCommandInput, required: true, description: 'Which rollout.' }) },
      complexity: 10,
      resolve: (_root, { input }, { commands, viewer, loaders }) =>
        outcomeOf(loaders, () =>
          commandRollout(commands, viewer, {
            id: rowId('Rollout', input.id),
            verb,
            reason: input.reason ?? undefined,
            idempotencyKey: input.idempotencyKey ?? undefined,
          }),
        ),
    }),
  )
}

builder.mutationField('approveStage', (t) =>
  t.field({
    type: RolloutCommandPayload,
    description: 'Approves that a stage starts, for the plan of that digest.',
    args: { input: t.arg({ type: ApproveStageInput, required: true, description: 'Which stage.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () =>
        commandRollout(commands, viewer, {
          id: rowId('Rollout', input.id),
          verb: 'approve',
          stage: input.stage,
          planDigest: input.planDigest,
          reason: input.reason ?? undefined,
          idempotencyKey: input.idempotencyKey ?? undefined,
        }),
      ),
  }),
)
