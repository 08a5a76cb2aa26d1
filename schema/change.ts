import type { Change } from '../store/store.ts'
import { builder } from './builder.ts'
import { changesAfter } from './change-stream.ts'
import { encodeGlobalId } from './global-id.ts'

const ChangeKindEnum = builder.enumType('ChangeKind', {
  description: 'What kind of thing changed.',
  values: ['Cluster', 'ApplicationSet', 'Application', 'Rollout', 'Project', 'Repository'] as const satisfies readonly Change['kind'][],
})

const ChangeActionEnum = builder.enumType('ChangeAction', {
  description: 'What happened to it.',
  values: { CREATED: { value: 'created' }, UPDATED: { value: 'updated' }, DELETED: { value: 'deleted' } } as const,
})

const ChangeRef = builder.objectRef<Change>('Change').implement({
  description: 'Something changed. It says what, not how: read the node.',
  fields: (t) => ({
    cursor: t.string({
      description: 'Pass the last one as `after` to go on where a broken stream ended.',
      resolve: (change) => String(change.sequence),
    }),
    kind: t.field({ type: ChangeKindEnum, description: 'What kind of thing.', resolve: (change) => change.kind }),
    nodeId: t.id({ description: 'Its global id, for `node(id)`.', resolve: (change) => encodeGlobalId(change.kind, change.id) }),
    name: t.exposeString('name', { description: 'Its name.' }),
    action: t.field({ type: ChangeActionEnum, description: 'What happened to it.', resolve: (change) => change.action }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: (change) => change.atMs }),
  }),
})

builder.queryFields((t) => ({
  latestCursor: t.string({
    description: 'Where the stream of changes stands now. Read it, then the state, then subscribe after it: nothing is missed.',
    resolve: async (_root, _args, { commands }) => String(await commands.store.changes.latestSequence()),
  }),
}))

builder.subscriptionFields((t) => ({
  changes: t.field({
    type: ChangeRef,
    description:
      'Every change, in order, from a cursor on. Without one: from now on. When the cursor is too old it ends with the error CURSOR_EXPIRED: read the state again.',
    args: {
      after: t.arg.string({ description: 'Cursor of the last change that was seen. The header `Last-Event-ID` says the same.' }),
      kinds: t.arg({ type: [ChangeKindEnum], description: 'Only those; all by default.' }),
    },
    subscribe: (_root, args, context) => changesAfter(args.after ?? context.lastEventId, args.kinds ?? null, context),
    resolve: (change) => change,
  }),
}))
