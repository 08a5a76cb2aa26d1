import { brandWithType } from '@pothos/core'
import { FleetError } from '../fleet/errors.ts'
import { builder } from './builder.ts'
import type { GraphQLContext } from './context.ts'
import { decodeGlobalId } from './global-id.ts'
import { pageSizeMax } from './limits.ts'
import { ApplicationRef, ApplicationSetRef, ClusterRef, ProjectRef, RepositoryRef, RolloutRef } from './refs.ts'

interface NodeType {
  readonly ref: Parameters<typeof brandWithType>[1]
  readonly read: (id: string, context: GraphQLContext) => Promise<object | null>
}

const nodeTypes: Readonly<Record<string, NodeType>> = {
  Cluster: { ref: ClusterRef, read: (id, { loaders }) => loaders.cluster(id) },
  ApplicationSet: { ref: ApplicationSetRef, read: (id, { loaders }) => loaders.applicationSet(id) },
  Application: { ref: ApplicationRef, read: (id, { commands }) => commands.store.applications.get(id) },
  Rollout: { ref: RolloutRef, read: (id, { commands }) => commands.store.rollouts.get(id) },
  Repository: { ref: RepositoryRef, read: (id, { commands }) => commands.store.repositories.get(id) },
  Project: {
    ref: ProjectRef,
    read: async (id, { commands }) => (await commands.store.projects.all()).find((project) => project.id === id) ?? null,
  },
}

/** The row behind a global id; null for malformed, foreign and unknown ones alike. */
async function readNode(globalId: string, context: GraphQLContext): Promise<object | null> {
  const decoded = decodeGlobalId(globalId)
  const type = decoded === null || !Object.hasOwn(nodeTypes, decoded.typename) ? undefined : nodeTypes[decoded.typename]
  if (decoded === null || type === undefined) return null
  const row = await type.read(decoded.id, context)
  if (row === null) return null
  // A copy: the brand, by which Node knows its type, can't be put on twice, and rows are shared by loaders.
  const node = { ...row }
  brandWithType(node, type.ref as never)
  return node
}

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'Anything by its global id; null when there is no such thing.',
    args: { id: t.arg.id({ required: true, description: 'Global id.' }) },
    resolve: (_root, { id }, context) => readNode(id, context),
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: `Several at once, in the order of the ids; null where there is no such thing. At most ${pageSizeMax}.`,
    args: { ids: t.arg.idList({ required: true, description: 'Global ids.' }) },
    complexity: ({ ids }) => ({ field: 1, multiplier: ids.length }),
    resolve: (_root, { ids }, context) => {
      if (ids.length > pageSizeMax)
        throw new FleetError('INVALID_INPUT', `ids holds ${ids.length} ids, at most ${pageSizeMax} are read at once`)
      return Promise.all(ids.map((id) => readNode(id, context)))
    },
  }),
}))
