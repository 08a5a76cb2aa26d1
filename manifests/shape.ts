import type { z } from 'zod'
import type { Problem } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import { formatPath } from './path.ts'
import type { YamlDocument } from './yaml.ts'

/** Checks a document against a schema. Every difference is a problem with path, line and column. Values that may be secret aren't quoted. */
export function checkShape<T extends z.ZodType>(
  schema: T,
  document: YamlDocument,
): {
  readonly value: z.output<T> | null
  readonly problems: readonly Problem[]
} {
  const result = schema.safeParse(document.json, { error: describe })
  if (result.success) return { value: result.data, problems: [] }
  return {
    value: null,
    problems: result.error.issues.flatMap((issue) => toProblems(issue, document)),
  }
}

function toProblems(issue: z.core.$ZodIssue, document: YamlDocument): readonly Problem[] {
  if (issue.code !== 'unrecognized_keys')
    return [
      {
        path: formatPath(issue.path),
        message: issue.message,
        ...document.locate(issue.path),
      },
    ]
  const known = issue.message.split(',')
  return issue.keys.map((key) => {
    const path = [...issue.path, key]
    return {
      path: formatPath(path),
      message: unknownField(key, known),
      ...document.locate(path, 'key'),
    }
  })
}

function unknownField(key: string, known: readonly string[]): string {
  const near = known
    .map((name) => ({
      name,
      distance: editDistance(key.toLowerCase(), name.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance)[0]
  const hint = near !== undefined && near.distance <= Math.max(1, Math.floor(key.length / 3)) ? `; did you mean ${near.name}?` : ''
  return `unknown field${hint}`
}

const comparedLengthMax = 64

function editDistance(a: string, b: string): number {
  if (a.length > comparedLengthMax) return comparedLengthMax
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? comparedLengthMax
}

const names: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
  record: 'a map',
}

/** What is wrong, in words; Zod's own ones where there are none. */
export function describe(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    const wanted = names[issue.expected] ?? issue.expected
    if (issue.input === undefined || issue.input === null) return `is required: ${wanted}`
    return `must be ${wanted}, not ${found(issue.input as Json, issue.expected === 'string')}`
  }
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  if (issue.code === 'too_big') return 'is too large'
  return undefined
}

function found(value: Json, wantsText: boolean): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return 'text'
  const text = `the ${typeof value === 'boolean' ? 'boolean' : 'number'} ${String(value)}`
  return wantsText ? `${text}: put it in quotes` : text
}
