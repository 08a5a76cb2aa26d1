import type { Problem } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import { incomplete } from './ask.ts'
import { type Child, childrenOf, givenAfter, uniteTypes } from './children.ts'
import { combineFlat, mergeParameters, withIntegersAsText } from './combine.ts'
import type { GeneratorEnvironment } from './environment.ts'
import { objectOf } from './fields.ts'
import type {
  Generator,
  GeneratorInputs,
  GeneratorRegistry,
  GeneratorResult,
  GoType,
  Parameters,
  SourceRequest,
  TemplateMode,
} from './generator.ts'
import { applicationsMax } from './limits.ts'

/**
 * `matrix`: every combination of what its generators give. Follows Argo CD: a later generator is rendered with each set of parameters of
 * those before it; of two values the first generator's wins (goTemplate) or the combination fails (fasttemplate). Beyond: any number of
 * generators, any nesting, and `join: left`, with which a set of parameters for which a later generator gives nothing stays, with
 * `defaults` in place of what that generator would have given. A set of parameters for which a later generator fails is left out and named.
 */
export function matrixGenerator(environment: GeneratorEnvironment, registry: () => GeneratorRegistry): Generator {
  return {
    field: 'matrix',
    expand: (spec, mode, inputs, path) => {
      const fields = objectOf(spec)
      const { join } = fields
      if (join !== undefined && join !== 'inner' && join !== 'left') return incomplete(`${path}.join`, 'must be inner or left')
      const children = childrenOf(fields.generators, { environment, registry, mode, inputs, path })
      if ('outcome' in children) return children
      return expandMatrix(children, { mode, inputs, path, defaults: join === 'left' ? objectOf(fields.defaults) : null })
    },
  }
}

interface MatrixContext {
  readonly mode: TemplateMode
  readonly inputs: GeneratorInputs
  readonly path: string
  /** Null: nothing stays of what finds no partner. */
  readonly defaults: Parameters | null
}

function expandMatrix(children: readonly Child[], context: MatrixContext): GeneratorResult {
  let rows: readonly Parameters[] = [{}]
  let types: readonly GoType[] = []
  const leftOut: Problem[] = []
  for (const [index, child] of children.entries()) {
    const step = expandStep(child, index, { rows, types }, context)
    if ('outcome' in step) return step
    rows = step.rows
    types = step.types
    leftOut.push(...step.leftOut)
  }
  return { outcome: 'complete', parameters: rows, leftOut, proof: `${rows.length} combinations of ${children.length} generators`, types }
}

interface Rows {
  readonly rows: readonly Parameters[]
  readonly types: readonly GoType[]
}

/** Joins one more generator to the rows so far. */
function expandStep(
  child: Child,
  index: number,
  { rows, types: typesBefore }: Rows,
  context: MatrixContext,
): (Rows & { readonly leftOut: readonly Problem[] }) | GeneratorResult {
  const { mode, inputs, path } = context
  const joined: Parameters[] = []
  const leftOut: Problem[] = []
  const requests: SourceRequest[] = []
  let types = typesBefore
  let failed = 0
  let conflicts = 0
  let shared: GeneratorResult | null = null
  for (const row of rows) {
    const given = index === 0 ? inputs.outer : givenAfter({ parameters: row, types: typesBefore }, inputs.outer, mode)
    const isFirstUse = shared === null
    const result: GeneratorResult = shared ?? child.expand(given)
    if (child.fixed) shared = result
    const name = (problem: Problem): Problem =>
      index === 0 || child.fixed ? problem : { ...problem, message: `for ${describe(row)}: ${problem.message}` }
    if (result.outcome === 'needs') requests.push(...(isFirstUse ? result.requests : []))
    else if (result.outcome === 'incomplete') {
      failed += 1
      if (isFirstUse) leftOut.push(...result.problems.map(name))
    } else {
      types = uniteTypes(types, result.types ?? [])
      if (isFirstUse) leftOut.push(...(result.leftOut ?? []).map(name))
      const isEmpty = result.parameters.length === 0 && (result.leftOut ?? []).length === 0
      const partners = isEmpty && context.defaults !== null && index > 0 ? [context.defaults] : result.parameters
      for (const partner of partners) {
        const combined = index === 0 ? { parameters: partner } : combine(row, typesBefore, partner, result.types ?? [], mode)
        // Conflicts count, too: two generators that always conflict have as many as the product of both.
        if (joined.length + conflicts === applicationsMax) return incomplete(path, `gives more than ${applicationsMax} combinations`)
        if ('conflict' in combined) {
          conflicts += 1
          leftOut.push({ path: child.path, message: combined.conflict })
        } else joined.push(combined.parameters)
      }
    }
  }
  if (requests.length > 0) return { outcome: 'needs', requests }
  // One that fails for every set of parameters is no matter of a bad element.
  if (failed > 0 && failed === rows.length) return { outcome: 'incomplete', problems: leftOut }
  return { rows: joined, types, leftOut }
}

function combine(a: Parameters, typesA: readonly GoType[], b: Parameters, typesB: readonly GoType[], mode: TemplateMode) {
  if (mode.goTemplate) return { parameters: mergeParameters(b, a) }
  return combineFlat(withIntegersAsText(a, typesA), withIntegersAsText(b, typesB))
}

const describedMax = 120

/** A set of parameters in short, for problems. */
function describe(row: Parameters): string {
  const named: Json | undefined = row.name ?? row.path ?? row.branch
  const text = JSON.stringify(named ?? row)
  return text.length > describedMax ? `${text.slice(0, describedMax)}...` : text
}
