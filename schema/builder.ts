import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import RelayPlugin from '@pothos/plugin-relay'
import { GraphQLError } from 'graphql'
import type { Json } from '../fleet/json.ts'
import type { GraphQLContext } from './context.ts'
import { decodeGlobalId, encodeGlobalId } from './global-id.ts'
import { dateTime, json } from './scalars.ts'

/** Fields can't be null unless they say so. */
export const builder = new SchemaBuilder<{
  Context: GraphQLContext
  DefaultFieldNullability: false
  DefaultEdgesNullability: false
  DefaultNodeNullability: false
  Connection: { readonly totalCount: number }
  Scalars: {
    ID: { Input: string; Output: string }
    JSON: { Input: Json; Output: Json }
    /** Milliseconds since the epoch inside, ISO 8601 in UTC outside. */
    DateTime: { Input: number; Output: number }
  }
}>({
  plugins: [ComplexityPlugin, RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    clientMutationId: 'omit',
    cursorType: 'String',
    // Ours never throw: a malformed id is an unknown one, and both look alike.
    encodeGlobalID: (typename, id) => encodeGlobalId(typename, String(id)),
    decodeGlobalID: (globalId) => decodeGlobalId(globalId) ?? { typename: '', id: '' },
    nodeTypeOptions: { description: 'Anything that has a global id and can be read again by it.' },
    pageInfoTypeOptions: { description: 'Where a page stands in the whole list.' },
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    edgesFieldOptions: { nullable: false, complexity: { field: 0, multiplier: 1 } },
    nodeFieldOptions: { nullable: false, complexity: 0 },
    pageInfoFieldOptions: { complexity: 0 },
  },
  complexity: {
    defaultComplexity: 1,
    defaultListMultiplier: 5,
    limit: (context) => ({ complexity: context.limits.cost }),
    complexityError: (_kind, found) =>
      new GraphQLError(
        `The operation costs ${found.complexity}, the limit is ${found.maxComplexity}: ask for smaller pages (first) or fewer nested lists`,
        { extensions: { code: 'LIMIT_EXCEEDED' } },
      ),
  },
})

builder.addScalarType('JSON', json)
builder.addScalarType('DateTime', dateTime)

builder.queryType({ description: 'Everything that can be read. Nothing here asks a cluster: it is what was last observed.' })
builder.mutationType({
  description:
    'Wishes. A mutation writes what is wanted and returns; workflows make it so. What a caller can put right comes back in `userErrors`, and then nothing was changed.',
})
builder.subscriptionType({ description: 'Server-sent events (`Accept: text/event-stream`).' })
