import type { SetStrategy } from '../fleet/application-set.ts'
import { parseDuration } from '../fleet/duration.ts'
import type { Problem } from '../fleet/errors.ts'
import { keyProblems, selectorProblems } from '../fleet/label-selector.ts'
import { readConcurrency, readMaxUpdate, readTolerance } from '../fleet/rollout/count.ts'
import type { StagedStrategy, StageSpec } from '../fleet/rollout/strategy.ts'

/** What is wrong with a strategy beyond its shape: operators, selectors, durations, counts, stages that would be called the same. */
export function strategyProblems(strategy: SetStrategy & { readonly [key: string]: unknown }, path: string): readonly Problem[] {
  const type = strategy.type ?? 'AllAtOnce'
  const problems: Problem[] = []
  if (strategy.staged !== undefined && type !== 'Staged')
    problems.push({
      path: `${path}.staged`,
      message: `has no effect with type ${type}: set type: Staged`,
    })
  if (strategy.rollingSync !== undefined && type === 'Staged')
    problems.push({
      path: `${path}.rollingSync`,
      message: 'has no effect with type Staged',
    })
  if (strategy.type === 'RollingSync') problems.push(...rollingSyncProblems(strategy, `${path}.rollingSync`))
  if (strategy.type === 'Staged') {
    if (strategy.staged === undefined)
      problems.push({
        path: `${path}.staged`,
        message: 'is required with type Staged',
      })
    else problems.push(...stagedProblems(strategy.staged, `${path}.staged`))
  }
  const { deletionOrder } = strategy as { readonly deletionOrder?: unknown }
  if (typeof deletionOrder === 'string' && !/^(?:allatonce|reverse)$/i.test(deletionOrder)) {
    problems.push({
      path: `${path}.deletionOrder`,
      message: 'must be AllAtOnce or Reverse',
    })
  }
  return problems
}

function rollingSyncProblems(strategy: SetStrategy & { type: 'RollingSync' }, path: string): readonly Problem[] {
  const steps = strategy.rollingSync?.steps ?? []
  if (steps.length === 0) return [{ path: `${path}.steps`, message: 'is required: at least one step' }]
  const problems: Problem[] = []
  for (const [index, step] of steps.entries()) {
    const at = `${path}.steps[${index}]`
    readMaxUpdate(step.maxUpdate, 1, `${at}.maxUpdate`, problems)
    for (const [i, { key, operator, values = [] }] of (step.matchExpressions ?? []).entries()) {
      const here = `${at}.matchExpressions[${i}]`
      problems.push(...keyProblems(key, `${here}.key`))
      if (operator !== 'In' && operator !== 'NotIn')
        problems.push({
          path: `${here}.operator`,
          message: `${JSON.stringify(operator)} is not one of In, NotIn`,
        })
      else if (values.length === 0)
        problems.push({
          path: `${here}.values`,
          message: `${operator} needs at least one value`,
        })
    }
  }
  return problems
}

function stagedProblems(staged: StagedStrategy, path: string): readonly Problem[] {
  const problems: Problem[] = []
  if (staged.stages.length === 0)
    problems.push({
      path: `${path}.stages`,
      message: 'is required: at least one stage',
    })
  readTolerance(staged.maxFailures, null, `${path}.maxFailures`, problems)
  readConcurrency(staged.rollback?.maxConcurrent, { count: 1 }, `${path}.rollback.maxConcurrent`, problems)
  readTolerance(staged.unreachable?.max, null, `${path}.unreachable.max`, problems)
  const seen = new Map<string, number>()
  for (const [index, stage] of staged.stages.entries()) {
    const at = `${path}.stages[${index}]`
    problems.push(...stageProblems(stage, at))
    if (stage.name === undefined) continue
    const first = seen.get(stage.name)
    if (first !== undefined)
      problems.push({
        path: `${at}.name`,
        message: `stages[${first}] is called ${JSON.stringify(stage.name)} too`,
      })
    else seen.set(stage.name, index)
  }
  return problems
}

function stageProblems(stage: StageSpec, path: string): readonly Problem[] {
  const problems: Problem[] = []
  if (stage.forEach === undefined && (stage.name === undefined || stage.name === '')) {
    problems.push({
      path: `${path}.name`,
      message: 'is required without forEach',
    })
  }
  if (stage.forEach === undefined && stage.order !== undefined)
    problems.push({
      path: `${path}.order`,
      message: 'has no effect without forEach',
    })
  if (stage.forEach !== undefined) problems.push(...keyProblems(stage.forEach, `${path}.forEach`))
  if (stage.orderBy !== undefined) problems.push(...keyProblems(stage.orderBy, `${path}.orderBy`))
  if (stage.selector !== undefined) problems.push(...selectorProblems(stage.selector, `${path}.selector`))
  if (stage.canary !== undefined) problems.push(...selectorProblems(stage.canary, `${path}.canary`))
  readConcurrency(stage.maxConcurrent, { count: 1 }, `${path}.maxConcurrent`, problems)
  readTolerance(stage.maxFailures, null, `${path}.maxFailures`, problems)
  for (const field of ['progressDeadline', 'bake'] as const) {
    const text = stage[field]
    if (text === undefined) continue
    const { value, problems: wrong } = parseDuration(text, `${path}.${field}`)
    problems.push(...wrong)
    if (value !== null && (value < 0 || (value === 0 && field === 'progressDeadline')))
      problems.push({
        path: `${path}.${field}`,
        message: 'must be more than 0',
      })
  }
  const required = stage.approval?.required
  if (required !== undefined && required < 0)
    problems.push({
      path: `${path}.approval.required`,
      message: 'must not be negative',
    })
  return problems
}
