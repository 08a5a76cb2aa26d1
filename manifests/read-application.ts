import type { Parsed } from '../fleet/errors.ts'
import type { Json, JsonObject } from '../fleet/json.ts'
import { formatPath } from './path.ts'
import { applicationSpecSchema, metadataSchema } from './schema/application.ts'
import { struct } from './schema/fields.ts'
import { describe } from './shape.ts'
import { withoutUndefined } from './without-undefined.ts'

const schema = struct({ metadata: metadataSchema, spec: applicationSpecSchema })

/**
 * An application that a templatePatch made, as Go reads it into an Application: fields that there aren't are dropped, a value of a wrong type
 * is a problem.
 */
export function readApplication(application: JsonObject): Parsed<JsonObject> {
  const { metadata, spec } = application
  const dropped = structuredClone({ metadata, spec })
  const result = schema.safeParse(dropped, { error: describe })
  const issues = result.error?.issues ?? []
  const wrong = issues.filter((issue) => issue.code !== 'unrecognized_keys')
  if (wrong.length > 0) return { value: null, problems: wrong.map((issue) => ({ path: formatPath(issue.path), message: issue.message })) }
  for (const issue of issues) if (issue.code === 'unrecognized_keys') for (const key of issue.keys) drop(dropped, [...issue.path, key])
  const again = schema.safeParse(dropped)
  return again.success
    ? { value: withoutUndefined(again.data), problems: [] }
    : { value: null, problems: [{ path: '', message: 'is no application' }] }
}

function drop(value: unknown, [key, ...rest]: readonly PropertyKey[]): void {
  if (key === undefined || typeof value !== 'object' || value === null) return
  const container = value as Record<PropertyKey, Json>
  if (rest.length === 0) delete container[key]
  else drop(container[key], rest)
}
