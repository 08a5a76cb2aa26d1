import { requireWriter } from '../commands/permission.ts'
import { removeSecret, setSecret } from '../commands/secrets.ts'
import type { NamedSecret } from '../store/store.ts'
import { builder } from './builder.ts'
import { outcomeOf, payloadRef } from './payload.ts'

const SecretRef = builder.objectRef<NamedSecret>('Secret').implement({
  description: 'A secret that generators name, such as the token of an SCM host in `tokenRef`. What it holds is never given back.',
  fields: (t) => ({
    name: t.exposeString('name', { description: '`secretName` in manifests.' }),
    project: t.exposeString('project', { nullable: true, description: 'Only sets of that project may use it; null: every set may.' }),
    keys: t.stringList({ description: 'Its keys.', resolve: ({ keys }) => [...keys] }),
    updatedAt: t.field({ type: 'DateTime', description: 'When it was set last.', resolve: ({ updatedAtMs }) => updatedAtMs }),
  }),
})

const SecretEntryInput = builder.inputType('SecretEntryInput', {
  description: 'One key of a secret.',
  fields: (t) => ({
    key: t.string({ required: true, description: '`key` in manifests.' }),
    value: t.string({ required: true, description: 'Sealed at rest, never given back.' }),
  }),
})

const SetSecretInputRef = builder.inputType('SetSecretInput', {
  description: 'A secret that generators name.',
  fields: (t) => ({
    name: t.string({ required: true, description: '`secretName` in manifests.' }),
    project: t.string({ description: 'Only sets of that project may use it; left out: every set may.' }),
    data: t.field({ type: [SecretEntryInput], required: true, description: 'All of it: what was there before goes.' }),
  }),
})

const RemoveSecretInput = builder.inputType('RemoveSecretInput', {
  description: 'A secret to forget.',
  fields: (t) => ({ name: t.string({ required: true, description: 'Its name.' }) }),
})

const SetSecretPayload = payloadRef<NamedSecret>('SetSecretPayload').implement({
  description: 'The secret that was set.',
  fields: (t) => ({
    secret: t.field({ type: SecretRef, nullable: true, description: 'Null when refused.', resolve: ({ value }) => value }),
  }),
})

const RemoveSecretPayload = payloadRef<string>('RemoveSecretPayload').implement({
  description: 'The secret that is forgotten.',
  fields: (t) => ({ name: t.string({ nullable: true, description: 'Null when refused.', resolve: ({ value }) => value }) }),
})

builder.queryField('secrets', (t) =>
  t.field({
    type: [SecretRef],
    description: 'Secrets that generators name, without what they hold. For administrators.',
    resolve: async (_root, _args, { commands, viewer }) => {
      requireWriter(viewer)
      return [...(await commands.store.secrets.all())]
    },
  }),
)

builder.mutationFields((t) => ({
  setSecret: t.field({
    type: SetSecretPayload,
    description: 'Stores a secret that generators name, in place of what was there.',
    args: { input: t.arg({ type: SetSecretInputRef, required: true, description: 'Which, and what.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () => setSecret(commands, viewer, { name: input.name, project: input.project ?? null, data: input.data })),
  }),
  removeSecret: t.field({
    type: RemoveSecretPayload,
    description: 'Forgets a secret.',
    args: { input: t.arg({ type: RemoveSecretInput, required: true, description: 'Which.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) => outcomeOf(loaders, () => removeSecret(commands, viewer, input)),
  }),
}))
