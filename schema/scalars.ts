import { GraphQLError, GraphQLScalarType } from 'graphql'
import type { Json } from '../fleet/json.ts'

/** Any JSON, for specs whose shape is Argo CD's and not ours. */
export const json = new GraphQLScalarType<Json, Json>({
  name: 'JSON',
  description: 'Any JSON value, as it is: used where the shape is defined elsewhere, as for Argo CD specs.',
})

/** A point in time. Inside: milliseconds since the epoch. */
export const dateTime = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  description: 'A point in time, ISO 8601 in UTC: `2026-11-21T09:30:00.000Z`.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (value) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError('DateTime is made from milliseconds')
    return new Date(value).toISOString()
  },
  parseValue: (value) => parseDateTime(value),
  parseLiteral: (node) => parseDateTime(node.kind === 'StringValue' ? node.value : null),
})

const iso8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/

function parseDateTime(value: unknown): number {
  const parsed = typeof value === 'string' && iso8601.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(parsed)) throw new GraphQLError('A DateTime is written like 2026-11-21T09:30:00Z')
  return parsed
}
