import { GraphQLError } from 'graphql'
import { errorKinds, FleetError, type Problem } from '../fleet/errors.ts'
import { builder } from './builder.ts'
import { withoutValues } from './without-values.ts'

export interface UserError {
  readonly code: FleetError['code']
  readonly message: string
  readonly field: string | null
}

const ErrorCodeEnum = builder.enumType('ErrorCode', {
  description: 'What went wrong, in one word. The same codes everywhere: in `userErrors`, in `errors[].extensions.code`, in the CLI.',
  values: Object.keys(errorKinds).filter((code) => code !== 'INTERNAL') as Exclude<FleetError['code'], 'INTERNAL'>[],
})

export const UserErrorRef = builder.objectRef<UserError>('UserError').implement({
  description: 'Why a wish was refused, so that the caller can put it right.',
  fields: (t) => ({
    code: t.field({
      type: ErrorCodeEnum,
      description: 'For programs.',
      resolve: (error) => (error.code === 'INTERNAL' ? 'ILLEGAL_STATE' : error.code),
    }),
    message: t.exposeString('message', { description: 'For people: what is wrong and what to do.' }),
    field: t.exposeString('field', {
      nullable: true,
      description: 'Path below `input`, such as `labels[0].key`, where one field is to blame.',
    }),
  }),
})

/** One for each problem that the error lists, or one for the error itself. */
export function userErrors(error: FleetError): readonly UserError[] {
  const problems = problemsOf(error)
  if (problems.length > 0) {
    return problems.map((problem) => ({
      code: error.code,
      message: problem.line === undefined ? problem.message : `${problem.message} (line ${problem.line})`,
      field: problem.path === '' ? null : problem.path,
    }))
  }
  const field = error.details['field']
  return [{ code: error.code, message: error.message, field: typeof field === 'string' ? field : null }]
}

function problemsOf(error: FleetError): readonly Problem[] {
  const problems = error.details['problems']
  return Array.isArray(problems) ? problems.filter((p): p is Problem => typeof p?.path === 'string' && typeof p?.message === 'string') : []
}

/** An expected error as it stands in `errors` of a query; null when it isn't one, and must be masked. */
export function expectedError(error: unknown): GraphQLError | null {
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
  if (cause instanceof FleetError) {
    if (cause.code === 'INTERNAL') return null
    const place = error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {}
    return new GraphQLError(cause.message, { ...place, extensions: { code: cause.code } })
  }
  // Syntax, validation, limits: GraphQL's own, made for the caller.
  if (!(error instanceof GraphQLError) || !(error.originalError == null || error.originalError instanceof GraphQLError)) return null
  return withoutValuesOf(error)
}

/** The same error, with the values that it quotes left out. */
export function withoutValuesOf(error: GraphQLError): GraphQLError {
  const message = withoutValues(error.message)
  if (message === error.message) return error
  return new GraphQLError(message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
    extensions: error.extensions,
  })
}
