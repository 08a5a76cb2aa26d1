import { confirmDeletion } from '../commands/confirm-deletion.ts'
import { deleteApplication } from '../commands/delete-application.ts'
import { deleteApplicationSet } from '../commands/delete-application-set.ts'
import { startRollout } from '../commands/start-rollout.ts'
import { syncApplication } from '../commands/sync-application.ts'
import type { Application } from '../fleet/application.ts'
import type { ApplicationSet } from '../fleet/application-set.ts'
import { builder } from './builder.ts'
import { rowId } from './global-id.ts'
import { DeletionModeEnum } from './metadata.ts'
import { outcomeOf, payloadRef } from './payload.ts'
import { ApplicationRef, ApplicationSetRef } from './refs.ts'

function setPayload(name: string, description: string) {
  return payloadRef<ApplicationSet>(name).implement({
    description,
    fields: (t) => ({
      applicationSet: t.field({
        type: ApplicationSetRef,
        nullable: true,
        description: 'The set as it is now; null when refused.',
        resolve: (outcome) => outcome.value,
      }),
    }),
  })
}

function applicationPayload(name: string, description: string) {
  return payloadRef<Application>(name).implement({
    description,
    fields: (t) => ({
      application: t.field({
        type: ApplicationRef,
        nullable: true,
        description: 'The application as it is now; null when refused.',
        resolve: (outcome) => outcome.value,
      }),
    }),
  })
}

const DeleteApplicationSetInput = builder.inputType('DeleteApplicationSetInput', {
  description: 'A set to delete, with its applications.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id.' }),
    resources: t.field({ type: DeletionModeEnum, required: true, description: 'What becomes of what its applications made.' }),
  }),
})

const DeleteApplicationInput = builder.inputType('DeleteApplicationInput', {
  description: 'An application to delete.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id.' }),
    resources: t.field({ type: DeletionModeEnum, required: true, description: 'What becomes of what it made.' }),
  }),
})

const ConfirmDeletionInput = builder.inputType('ConfirmDeletionInput', {
  description: 'Held deletions to let go.',
  fields: (t) => ({
    applicationSet: t.id({ required: true, description: 'Global id of the set.' }),
    digest: t.string({ required: true, description: '`heldDeletion.digest`: exactly those, and no others.' }),
  }),
})

const SyncApplicationInput = builder.inputType('SyncApplicationInput', {
  description: 'An application to sync by hand.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Global id.' }) }),
})

const StartRolloutInput = builder.inputType('StartRolloutInput', {
  description: 'A set whose last rollout ended badly.',
  fields: (t) => ({ applicationSet: t.id({ required: true, description: 'Global id of the set.' }) }),
})

const DeleteApplicationSetPayload = setPayload(
  'DeleteApplicationSetPayload',
  'The set, which goes when the last of its applications is gone.',
)
const ConfirmDeletionPayload = setPayload('ConfirmDeletionPayload', 'The set whose deletions were let go.')
const StartRolloutPayload = setPayload('StartRolloutPayload', 'The set that is about to start a rollout.')
const DeleteApplicationPayload = applicationPayload('DeleteApplicationPayload', 'The application, which goes when what it made is gone.')
const SyncApplicationPayload = applicationPayload('SyncApplicationPayload', 'The application that is about to be synced.')

builder.mutationFields((t) => ({
  deleteApplicationSet: t.field({
    type: DeleteApplicationSetPayload,
    description: 'Deletes a set and its applications.',
    args: { input: t.arg({ type: DeleteApplicationSetInput, required: true, description: 'Which, and how.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () =>
        deleteApplicationSet(commands, viewer, { id: rowId('ApplicationSet', input.id), resources: input.resources }),
      ),
  }),
  deleteApplication: t.field({
    type: DeleteApplicationPayload,
    description: 'Deletes an application that was applied by itself.',
    args: { input: t.arg({ type: DeleteApplicationInput, required: true, description: 'Which, and how.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () => deleteApplication(commands, viewer, { id: rowId('Application', input.id), resources: input.resources })),
  }),
  confirmDeletion: t.field({
    type: ConfirmDeletionPayload,
    description: 'Lets the held deletions of a set go.',
    args: { input: t.arg({ type: ConfirmDeletionInput, required: true, description: 'Which.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () =>
        confirmDeletion(commands, viewer, { id: rowId('ApplicationSet', input.applicationSet), digest: input.digest }),
      ),
  }),
  syncApplication: t.field({
    type: SyncApplicationPayload,
    description: 'Asks for a sync by hand. It happens in a workflow; watch `syncedAt`.',
    args: { input: t.arg({ type: SyncApplicationInput, required: true, description: 'Which.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () => syncApplication(commands, viewer, { id: rowId('Application', input.id) })),
  }),
  startRollout: t.field({
    type: StartRolloutPayload,
    description: 'Tries again what a rolled back, aborted or failed rollout was to bring. Everything else starts by itself.',
    args: { input: t.arg({ type: StartRolloutInput, required: true, description: 'Which set.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () => startRollout(commands, viewer, { id: rowId('ApplicationSet', input.applicationSet) })),
  }),
}))
