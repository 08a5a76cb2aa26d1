import type { Viewer } from '../commands/context.ts'
import { createToken } from '../commands/create-token.ts'
import { requireWriter } from '../commands/permission.ts'
import { revokeToken } from '../commands/revoke-token.ts'
import type { Token } from '../store/store.ts'
import { builder } from './builder.ts'
import { encodeGlobalId, rowId } from './global-id.ts'
import { outcomeOf, payloadRef } from './payload.ts'

const RoleEnum = builder.enumType('Role', {
  description: 'What a token may do.',
  values: {
    ADMIN: { value: 'admin', description: 'Everything.' },
    READONLY: { value: 'readonly', description: 'Read everything but tokens, change nothing.' },
  } as const,
})

const ViewerRef = builder.objectRef<Viewer>('Viewer').implement({
  description: 'Who asks.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the token; the actor of what it does.' }),
    role: t.field({ type: RoleEnum, description: 'What it may do.', resolve: (viewer) => viewer.role }),
  }),
})

const TokenRef = builder.objectRef<Token>('Token').implement({
  description: 'A bearer token of this API, without its text: only a hash of that is stored.',
  fields: (t) => ({
    id: t.id({ description: 'For `revokeToken`.', resolve: (token) => encodeGlobalId('Token', token.id) }),
    name: t.exposeString('name', { description: 'Who it stands for.' }),
    role: t.field({ type: RoleEnum, description: 'What it may do.', resolve: (token) => token.role }),
    createdAt: t.field({ type: 'DateTime', description: 'When it was made.', resolve: (token) => token.createdAtMs }),
    expiresAt: t.field({ type: 'DateTime', nullable: true, description: 'Null: never.', resolve: (token) => token.expiresAtMs }),
  }),
})

const CreateTokenInputRef = builder.inputType('CreateTokenInput', {
  description: 'A token to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique. Shown as the actor of what it does.' }),
    role: t.field({ type: RoleEnum, required: true, description: 'What it may do.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'Never by default.' }),
  }),
})

const RevokeTokenInput = builder.inputType('RevokeTokenInput', {
  description: 'A token to end.',
  fields: (t) => ({ id: t.id({ required: true, description: '`Token.id`.' }) }),
})

const CreateTokenPayload = payloadRef<{ readonly token: Token; readonly clear: string }>('CreateTokenPayload').implement({
  description: 'The token that was made.',
  fields: (t) => ({
    token: t.field({ type: TokenRef, nullable: true, description: 'Null when refused.', resolve: ({ value }) => value?.token ?? null }),
    clear: t.string({ nullable: true, description: 'Its text. Shown this once.', resolve: ({ value }) => value?.clear ?? null }),
  }),
})

const RevokeTokenPayload = payloadRef<Token>('RevokeTokenPayload').implement({
  description: 'The token that no longer stands.',
  fields: (t) => ({ token: t.field({ type: TokenRef, nullable: true, description: 'Null when refused.', resolve: ({ value }) => value }) }),
})

builder.queryFields((t) => ({
  viewer: t.field({ type: ViewerRef, description: 'Who asks.', resolve: (_root, _args, { viewer }) => viewer }),
  tokens: t.field({
    type: [TokenRef],
    description: 'Tokens of this API. For administrators.',
    resolve: async (_root, _args, { commands, viewer }) => {
      requireWriter(viewer)
      return [...(await commands.store.tokens.all())]
    },
  }),
}))

builder.mutationFields((t) => ({
  createToken: t.field({
    type: CreateTokenPayload,
    description: 'Makes a token. Its text is in the answer and nowhere else.',
    args: { input: t.arg({ type: CreateTokenInputRef, required: true, description: 'Which.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () => createToken(commands, viewer, { name: input.name, role: input.role, expiresAtMs: input.expiresAt ?? null })),
  }),
  revokeToken: t.field({
    type: RevokeTokenPayload,
    description: 'Ends a token at once.',
    args: { input: t.arg({ type: RevokeTokenInput, required: true, description: 'Which.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () => revokeToken(commands, viewer, { id: rowId('Token', input.id) })),
  }),
}))
